//! A browser that keeps cookies and follows redirects, and the count of every answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder};

/// Every answer by status, and what was none of those that are allowed.
#[derive(Default)]
pub struct Tally(Mutex<(BTreeMap<u16, u64>, Vec<String>)>);

impl Tally {
    fn count(&self, status: u16) {
        *self.lock().0.entry(status).or_default() += 1;
    }

    pub fn complain(&self, what: String) {
        self.lock().1.push(what);
    }

    pub fn statuses(&self) -> String {
        self.lock().0.iter().map(|(status, n)| format!("{n} × {status}")).collect::<Vec<_>>().join(", ")
    }

    pub fn wrong(&self) -> Vec<String> {
        self.lock().1.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (BTreeMap<u16, u64>, Vec<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request ended with.
pub enum End {
    /// A page, and where it stands.
    Page { path: String, body: String },
    /// Come back after so many seconds.
    Busy(u64),
    /// Told to the tally already.
    Wrong,
}

#[derive(Clone)]
pub struct Browser {
    http: Client,
    base: String,
    cookies: BTreeMap<String, String>,
    pub tally: Arc<Tally>,
}

impl Browser {
    pub fn new(base: String, tally: Arc<Tally>) -> reqwest::Result<Self> {
        Ok(Self { http: client()?, base, cookies: BTreeMap::new(), tally })
    }

    /// The same cookies, for another runtime.
    pub fn with_connections_of_its_own(self) -> reqwest::Result<Self> {
        Ok(Self { http: client()?, ..self })
    }

    /// The same program with no cookies.
    pub fn fresh(&self) -> Self {
        Self { cookies: BTreeMap::new(), ..self.clone() }
    }

    /// As [`Browser::fresh`], and nobody counts what it is answered.
    pub fn fresh_unheard(&self) -> Self {
        Self { tally: Arc::default(), ..self.fresh() }
    }

    /// Drops the session, as the end of the day does; the known browser stays known.
    pub fn forget_session(&mut self) {
        self.cookies.retain(|name, _| name.contains("device"));
    }

    /// Something a script asks for, without cookies.
    pub async fn text(&self, path: &str) -> reqwest::Result<String> {
        self.http.get(format!("{}{path}", self.base)).send().await?.error_for_status()?.text().await
    }

    pub async fn get(&mut self, path: &str) -> End {
        let request = self.http.get(format!("{}{path}", self.base));
        self.follow(request, path.to_owned()).await
    }

    /// Calls the API with a token. The cookies go along and are not looked at.
    pub async fn call(&mut self, path: &str, token: &str) -> End {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(token);
        self.follow(request, path.to_owned()).await
    }

    /// Fills in a form of the page `body`, whose token goes along.
    pub async fn post(&mut self, path: &str, body: &str, fields: &[(&str, &str)]) -> End {
        let token = value_of(body, "csrf").unwrap_or_default();
        let form: Vec<(&str, &str)> = [("csrf", token)].into_iter().chain(fields.iter().copied()).collect();
        let request = self.http.post(format!("{}{path}", self.base)).form(&form);
        self.follow(request, path.to_owned()).await
    }

    async fn follow(&mut self, mut request: RequestBuilder, mut path: String) -> End {
        for _ in 0..10 {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = match request.header("Cookie", cookies.join("; ")).send().await {
                Ok(response) => response,
                Err(error) => return self.wrong(format!("{path}: {error:?}")),
            };
            let status = response.status().as_u16();
            self.tally.count(status);
            let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
            let (location, retry_after) = (header(LOCATION), header(RETRY_AFTER));
            for cookie in response.headers().get_all(SET_COOKIE) {
                let Ok(cookie) = cookie::Cookie::parse(cookie.to_str().unwrap_or_default().to_owned()) else {
                    continue;
                };
                if cookie.max_age().is_some_and(|age| age.is_zero()) {
                    self.cookies.remove(cookie.name());
                } else {
                    self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
                }
            }
            let body = match response.text().await {
                Ok(body) => body,
                Err(error) => return self.wrong(format!("{path}: {error:?}")),
            };
            match (status, location, retry_after.and_then(|s| s.parse().ok())) {
                (200, ..) => return End::Page { path, body },
                (303, Some(next), _) => {
                    request = self.http.get(format!("{}{next}", self.base));
                    path = next;
                }
                (503, _, Some(seconds)) => return End::Busy(seconds),
                _ => return self.wrong(format!("{path} answered {status}")),
            }
        }
        self.wrong(format!("{path} is part of a circle"))
    }

    fn wrong(&self, what: String) -> End {
        self.tally.complain(what);
        End::Wrong
    }
}

fn client() -> reqwest::Result<Client> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .timeout(Duration::from_secs(60))
        .build()
}

/// The value of the first field of that name.
pub fn value_of<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let field = body
        .split("<input")
        .skip(1)
        .find(|field| field.split('>').next().is_some_and(|tag| tag.contains(&format!("name=\"{name}\""))))?;
    field.split('>').next()?.split("value=\"").nth(1)?.split('"').next()
}
