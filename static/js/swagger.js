// Admin: Help. Starts Swagger UI with a token of its own, so that Execute works at once. Without this
// file the page lists the endpoints.
(() => {
  'use strict';
  const home = document.getElementById('swagger-ui'), form = document.getElementById('help-token');
  if (!home || !form || !window.SwaggerUIBundle) return;

  // The appearance of the page around it.
  const theme = document.documentElement.dataset.theme;
  const dark = theme ? theme === 'dark' : window.matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.classList.toggle('dark-mode', dark);

  const problem = (text) => {
    const box = document.getElementById('help-problem');
    box.querySelector('p').textContent = text;
    box.hidden = !text;
  };

  // One token at a time; the next one is fetched when half a minute is left.
  let mine = null, ui = null;
  const fetchToken = async () => {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: new URLSearchParams(new FormData(form)).toString(),
      redirect: 'manual',
      cache: 'no-store',
    });
    if (!answer.ok) throw new Error('Your sign-in is too old to try requests out. Load this page again.');
    const { token, expires_in } = await answer.json();
    return { token, until: Date.now() + expires_in * 1000 };
  };
  const fresh = async () => {
    if (!mine || mine.until - Date.now() < 30000) {
      mine = await fetchToken();
      if (ui) ui.preauthorizeApiKey('token', mine.token);
    }
    return mine.token;
  };

  ui = window.SwaggerUIBundle({
    url: home.dataset.spec,
    domNode: home,
    docExpansion: 'none',
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    requestInterceptor: async (request) => {
      if (!new URL(request.url, location.href).pathname.startsWith('/api/')) return request;
      const given = request.headers.Authorization, old = mine && `Bearer ${mine.token}`;
      // Somebody may have put a token of their own in.
      if (given && given !== old) return request;
      try {
        request.headers.Authorization = `Bearer ${await fresh()}`;
        problem('');
      } catch (error) { problem(error.message); }
      return request;
    },
    onComplete: async () => {
      document.getElementById('endpoints').hidden = true;
      home.hidden = false;
      const server = home.querySelector('#servers');
      if (server) server.setAttribute('aria-label', 'Server');
      try { await fresh(); } catch (error) { problem(error.message); }
    },
  });
})();
