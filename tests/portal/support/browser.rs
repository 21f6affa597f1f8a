//! A person with a browser that runs no scripts: keeps cookies, follows redirects, fills in fields by
//! their labels and presses what it can read.

use std::collections::BTreeMap;

use cookie::Cookie;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder};

use super::page::{Entry, Go, Page};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[derive(Clone)]
pub struct Browser {
    http: Client,
    base: String,
    secure: bool,
    user_agent: String,
    /// What a proxy forwards as this browser's address.
    address: Option<String>,
    cookies: BTreeMap<String, Kept>,
    filled: Vec<(String, Entry)>,
    /// What came last.
    pub answer: Answer,
}

#[derive(Clone)]
struct Kept {
    value: String,
    /// Whether it outlives the browser's end.
    persistent: bool,
}

/// An answer, after the redirects were followed.
#[derive(Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// Path and query of what was asked for last.
    pub path: String,
    /// Status and path of every request on the way, the last one included.
    pub chain: Vec<(u16, String)>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    pub fn page(&self) -> Page {
        Page::read(&self.body)
    }

    pub fn set_cookies(&self) -> Vec<String> {
        let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("a cookie is ASCII").to_owned();
        self.headers.get_all(SET_COOKIE).iter().map(text).collect()
    }
}

impl Browser {
    pub fn new(http: Client, base: &str, secure: bool) -> Self {
        Self {
            http,
            base: base.to_owned(),
            secure,
            user_agent: FIREFOX.to_owned(),
            address: None,
            cookies: BTreeMap::new(),
            filled: Vec::new(),
            answer: Answer::default(),
        }
    }

    /// The same browser at this address, where the portal believes the proxy.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// The same browser, asking another node from now on.
    pub fn move_to(&mut self, base: &str) {
        self.base = base.to_owned();
    }

    // Going places

    /// Opens a page and follows where it leads.
    pub async fn get(&mut self, path: &str) -> &Answer {
        self.go(Go::Get(path.to_owned())).await
    }

    /// Loads the present page again.
    pub async fn refresh(&mut self) -> &Answer {
        let path = self.answer.path.clone();
        self.get(&path).await
    }

    /// Presses a button or follows a link by its words, and follows where that leads.
    pub async fn click(&mut self, words: &str) -> &Answer {
        let filled = std::mem::take(&mut self.filled);
        let go = self.page().press(words, &filled);
        self.go(go).await
    }

    /// Posts fields with the token of the page at hand, and follows where that leads.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> &Answer {
        let form = self.with_token(fields);
        self.go(Go::Post(path.to_owned(), form)).await
    }

    /// The same without following: for answers in between. Cookies are kept all the same.
    pub async fn post_only(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.with_token(fields);
        self.ask(Method::POST, path, &[], Some(&form)).await
    }

    /// One GET, redirects not followed.
    pub async fn get_only(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    /// One request of any kind, just as it is told here; for forgeries.
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        form: Option<&[(String, String)]>,
    ) -> Answer {
        let mut request = self.prepare(method, path, headers);
        if let Some(form) = form {
            request = request.form(form);
        }
        self.send(request, path).await
    }

    /// Posts a body of any kind, redirects not followed.
    pub async fn post_body(&mut self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = self.prepare(Method::POST, path, &[("Content-Type", content_type)]).body(body);
        self.send(request, path).await
    }

    fn prepare(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.header("User-Agent", &self.user_agent);
        if let Some(address) = &self.address {
            request = request.header("X-Forwarded-For", address);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, kept)| format!("{name}={}", kept.value)).collect();
            request = request.header("Cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    }

    async fn send(&mut self, request: RequestBuilder, path: &str) -> Answer {
        let response = request.send().await.expect("the portal answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("the answer is text");
        self.keep(&headers);
        Answer { status, headers, body, path: path.to_owned(), chain: vec![(status, path.to_owned())] }
    }

    /// Posts a form with a file, with the token and the organization of the page at hand, and follows
    /// where that leads.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> &Answer {
        let answer = self.upload_only(path, fields, file).await;
        match answer.location().map(str::to_owned) {
            Some(next) => self.go(Go::Get(next)).await,
            None => {
                self.answer = answer;
                &self.answer
            }
        }
    }

    /// The same without following.
    pub async fn upload_only(&mut self, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Answer {
        const BOUNDARY: &str = "----a-boundary-of-the-tests";
        let organization = self.page().attribute("input[name=organization_id]", "value").unwrap_or_default();
        let token = self.token();
        let mut body = Vec::new();
        for (name, value) in [("csrf", token.as_str()), ("organization_id", organization.as_str())].iter().chain(fields)
        {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        if let Some(file) = file {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\
                 Content-Type: text/csv\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let cookies: Vec<String> = self.cookies.iter().map(|(name, kept)| format!("{name}={}", kept.value)).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("User-Agent", &self.user_agent)
            .header("Cookie", cookies.join("; "))
            .header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body);
        let response = request.send().await.expect("the portal answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("the answer is text");
        self.keep(&headers);
        Answer { status, headers, body, path: path.to_owned(), chain: vec![(status, path.to_owned())] }
    }

    async fn go(&mut self, go: Go) -> &Answer {
        let mut answer = match go {
            Go::Get(path) => self.ask(Method::GET, &path, &[], None).await,
            Go::Post(path, form) => self.ask(Method::POST, &path, &[], Some(&form)).await,
        };
        let mut chain = answer.chain.clone();
        while let Some(next) = answer.headers.get(LOCATION) {
            let next = next.to_str().expect("a path").to_owned();
            assert!(next.starts_with('/') && !next.starts_with("//"), "sent away to {next}");
            assert!(chain.len() < 10, "sent in circles: {chain:?}");
            answer = self.ask(Method::GET, &next, &[], None).await;
            chain.append(&mut answer.chain);
        }
        answer.chain = chain;
        self.answer = answer;
        &self.answer
    }

    fn with_token(&self, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let token = self.token();
        [("csrf", token.as_str())].iter().chain(fields).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    /// The token of the forms on the page at hand.
    pub fn token(&self) -> String {
        self.page().attribute("input[name=csrf]", "value").unwrap_or_default()
    }

    // Reading and filling in

    pub fn fill(&mut self, label: &str, text: &str) -> &mut Self {
        self.filled.push((label.to_owned(), Entry::Text(text.to_owned())));
        self
    }

    pub fn check(&mut self, label: &str, on: bool) -> &mut Self {
        self.filled.push((label.to_owned(), Entry::Checked(on)));
        self
    }

    pub fn page(&self) -> Page {
        self.answer.page()
    }

    pub fn text(&self) -> String {
        self.page().text()
    }

    pub fn title(&self) -> String {
        self.page().title()
    }

    pub fn status(&self) -> u16 {
        self.answer.status
    }

    pub fn path(&self) -> &str {
        &self.answer.path
    }

    /// Whether the page at hand says this; case does not matter.
    pub fn says(&self, words: &str) -> bool {
        self.text().to_lowercase().contains(&words.to_lowercase())
    }

    #[track_caller]
    pub fn must_say(&self, words: &str) -> &Self {
        assert!(self.says(words), "{words:?} is missing at {} ({}): {}", self.path(), self.status(), self.text());
        self
    }

    /// The query counts only where `path` has one.
    #[track_caller]
    pub fn must_be_at(&self, path: &str) -> &Self {
        let bare = self.path().split('?').next().unwrap_or_default();
        let at = if path.contains('?') { self.path() } else { bare };
        assert_eq!((self.status(), at), (200, path), "via {:?}: {}", self.answer.chain, self.text());
        self
    }

    // Cookies

    fn keep(&mut self, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            let text = header.to_str().expect("a cookie is ASCII").to_owned();
            let cookie = Cookie::parse(text).expect("a cookie");
            let ends_now = cookie.max_age().is_some_and(|age| age.is_zero() || age.is_negative());
            if ends_now || cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                let persistent = cookie.max_age().is_some() || cookie.expires().is_some();
                let kept = Kept { value: cookie.value().to_owned(), persistent };
                self.cookies.insert(cookie.name().to_owned(), kept);
            }
        }
    }

    fn full_name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.get(&self.full_name(name)).map(|kept| kept.value.clone())
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        let kept = Kept { value: value.to_owned(), persistent: true };
        self.cookies.insert(self.full_name(name), kept);
    }

    /// Closes the browser and opens it again: what was only for the session is gone.
    pub fn close_and_reopen(&mut self) {
        self.cookies.retain(|_, kept| kept.persistent);
        self.answer = Answer::default();
    }
}
