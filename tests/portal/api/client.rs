//! Somebody's program: calls the API with a token, or without.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Browser, TestApp};

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A refusal in the shape that all have.
    #[track_caller]
    pub fn must_be_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code, "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["type"].is_string());
        problem
    }
}

/// One request, as it is told here.
pub async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let mut request = app.http.request(method, format!("{}{path}", app.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.body(body.to_owned());
    }
    let response = request.send().await.expect("the portal answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.expect("the answer is text") }
}

/// GET with a token.
pub async fn get(app: &TestApp, token: &str, path: &str) -> Answer {
    ask(app, Method::GET, path, &[("Authorization", &format!("Bearer {token}"))], None).await
}

/// PUT of JSON with a token.
pub async fn put(app: &TestApp, token: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    ask(app, Method::PUT, path, &headers, Some(body)).await
}

/// Makes a token on **API Tokens**, as a person does, and reads it off the page.
pub async fn make_token(browser: &mut Browser, name: &str, scopes: &[&str]) -> String {
    browser.get("/admin/api-tokens").await;
    browser.click("Make a token").await;
    browser.fill("Name", name);
    for scope in scopes {
        browser.check(scope, true);
    }
    browser.click("Make token").await;
    browser.must_say("You will not see this token again.");
    browser.page().texts("#token").pop().expect("the token")
}

/// A token of somebody who administers, with every scope that is offered.
pub async fn token_of(app: &TestApp, username: &str) -> String {
    let mut browser = app.signed_in(username).await;
    let mut scopes = vec!["Read users", "Reset MFA", "Read the audit log", "Read deliveries"];
    browser.get("/admin/api-tokens/new").await;
    if browser.says("Require MFA") {
        scopes.push("Require MFA");
    }
    make_token(&mut browser, "Everything", &scopes).await
}
