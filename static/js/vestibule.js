// Vestibule enhancements. Every page works without this file. No inline handlers, no innerHTML, no storage.
(() => {
  'use strict';
  const $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const say = (text) => { const live = document.querySelector('[data-live]'); if (live) live.textContent = text; };

  // Focus the error summary after a failed submit.
  const errors = document.getElementById('errors');
  if (errors) errors.focus();

  // Show / hide password. The button ships hidden and appears only here; the field goes back to
  // type=password on submit so that browsers never store it as plain text.
  $$('[data-reveal]').forEach((b) => {
    const field = document.getElementById(b.dataset.reveal);
    b.hidden = false;
    const set = (show) => { field.type = show ? 'text' : 'password'; b.firstChild.data = show ? 'Hide' : 'Show'; };
    b.addEventListener('click', () => set(field.type === 'password'));
    field.form.addEventListener('submit', () => set(false));
  });

  // Counts a number of seconds down by the clock, so that a sleeping tab catches up.
  const countdown = (seconds, each) => {
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      each(left);
      if (!left) clearInterval(id);
    };
    const id = setInterval(tick, 1000);
    tick();
  };
  const clock = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;

  // Life of a code. Short lives count seconds and speak at 10 seconds, long ones at one minute; both at the end.
  $$('[data-countdown]').forEach((t) => {
    const out = t.querySelector('[data-out]'), bar = t.querySelector('progress');
    const total = Number(t.dataset.countdown), short = bar.max < 120, low = short ? 10 : 60;
    const over = t.dataset.over || 'This code has expired. Send a new code.';
    let said = total <= low;
    countdown(total, (s) => {
      bar.value = s;
      if (!s) { out.textContent = over; say(over); t.dataset.state = 'over'; return; }
      out.textContent = short ? `${t.dataset.words || 'This code works for'} ${s} ${s === 1 ? 'second' : 'seconds'}.`
        : `${t.dataset.words || 'This code works for'} ${clock(s)}.`;
      if (s > low) return;
      t.dataset.state = 'low';
      if (!said) { said = true; say(short ? 'Ten seconds left.' : 'One minute left.'); }
    });
  });

  // Wait before another send: the button stays focusable and says when it is ready. The server enforces it.
  $$('[data-wait]').forEach((b) => {
    if (Number(b.dataset.wait) <= 0) return;
    const label = b.lastChild, text = label.data;
    let waiting = true;
    b.setAttribute('aria-disabled', 'true');
    b.addEventListener('click', (e) => { if (waiting) e.preventDefault(); });
    countdown(Number(b.dataset.wait), (s) => {
      if (s) { if (!('quiet' in b.dataset)) label.data = `${text} (in ${s} s)`; return; }
      waiting = false; label.data = text; b.removeAttribute('aria-disabled');
    });
  });

  $$('[data-wait-left]').forEach((n) => countdown(Number(n.dataset.waitLeft), (s) => {
    n.textContent = s;
    if (!s) n.closest('[data-wait-note]').hidden = true;
  }));

  // A call is waited for: ask how it stands, and let the server decide which page comes next.
  $$('[data-poll]').forEach((p) => {
    const ask = async () => {
      try {
        const answer = await fetch(p.dataset.poll, { headers: { Accept: 'application/json' }, cache: 'no-store' });
        if (answer.redirected || (answer.ok && (await answer.json()).state !== 'waiting')) {
          location.replace(p.dataset.next);
          return;
        }
      } catch { /* a lost connection is tried again */ }
      setTimeout(ask, 1500);
    };
    setTimeout(ask, 1000);
  });

  // Long work: shows how far it is, part by part, so that the focus stays; the end is a page of its own.
  $$('[data-refresh]').forEach((box) => {
    const wait = Number(box.dataset.refresh) * 1000;
    const look = () => {
      const ask = new XMLHttpRequest();
      ask.open('GET', location.href);
      ask.responseType = 'document';
      ask.onloadend = () => {
        const now = ask.response && ask.response.querySelector('[data-refresh]');
        if (ask.status && !now) { location.reload(); return; }
        if (now) {
          const parts = $$('[data-part]', now);
          $$('[data-part]', box).forEach((old, i) => { if (parts[i]) old.replaceWith(parts[i]); });
        }
        setTimeout(look, wait);
      };
      ask.send();
    };
    setTimeout(look, wait);
  });

  // Copy and print.
  $$('[data-copy]').forEach((b) => {
    if (!navigator.clipboard) return;
    b.hidden = false;
    b.addEventListener('click', async () => {
      const el = document.querySelector(b.dataset.copy), li = $$('li', el);
      const text = li.length ? li.map((x) => x.textContent.trim()).join('\n') : el.textContent.trim();
      await navigator.clipboard.writeText(text);
      const l = $$('[data-label]', b)[0] || b, node = l.firstChild, was = node.data;
      node.data = 'Copied'; setTimeout(() => { node.data = was; }, 2000);
    });
  });
  $$('[data-print]').forEach((b) => { b.hidden = false; b.addEventListener('click', () => window.print()); });

  // Confirm dialogs: without this script the link goes to a full confirm page.
  $$('[data-dialog]').forEach((a) => a.addEventListener('click', (e) => {
    const d = document.getElementById(a.dataset.dialog);
    if (!d || !d.showModal) return;
    e.preventDefault(); d.showModal();
  }));
  $$('[data-close]').forEach((b) => b.addEventListener('click', () => b.closest('dialog').close()));

  // A table wider than its box can be scrolled with the keyboard, and says what it is.
  const boxes = $$('.table-box');
  const reach = () => boxes.forEach((b) => {
    const caption = b.querySelector('caption'), wide = b.scrollWidth > b.clientWidth;
    const set = (name, value) => { if (wide) b.setAttribute(name, value); else b.removeAttribute(name); };
    set('tabindex', '0'); set('role', 'group'); set('aria-label', caption ? caption.textContent : '');
  });
  if (boxes.length) { reach(); addEventListener('resize', reach); }

  // Bulk selection.
  $$('[data-bulk]').forEach((f) => {
    const all = f.querySelector('[data-all]'), boxes = $$('tbody input[type=checkbox]', f), out = f.querySelector('[data-count]');
    if (all) all.hidden = false;
    const sync = () => {
      const checked = boxes.filter((b) => b.checked), n = checked.length;
      const people = new Set(checked.map((b) => b.value)).size;
      boxes.forEach((b) => b.closest('tr').classList.toggle('sel', b.checked));
      if (all) { all.checked = n > 0 && n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
      if (out) out.textContent = people === 1 ? '1 user selected' : `${people} users selected`;
      $$('.bulk', f).forEach((bar) => { bar.hidden = n === 0; });
    };
    f.addEventListener('change', (e) => { if (e.target === all) boxes.forEach((b) => { b.checked = all.checked; }); sync(); });
    sync();
  });

  // Menus that lie above the page: close on Escape and on a click outside.
  const menus = $$('details.menu:not(.in-flow)');
  document.addEventListener('click', (e) => menus.forEach((m) => { if (!m.contains(e.target)) m.open = false; }));
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    menus.forEach((m) => { if (m.open) { m.open = false; m.querySelector('summary').focus(); } });
  });
})();
