//! The whole way against a certified provider: npm's `oidc-provider`, run by Node.js.
//! `OIDC_PROVIDER` names the folder whose `node_modules` holds it; `.ci/run` makes one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use vestibule::identity::oidc::OidcSettings;
use vestibule::secrets::Secret;

use crate::support::{Browser, TestApp};

/// A running `oidc-provider`; it ends when this is dropped.
struct Certified(Child);

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(port: u16, redirect_uri: &str) -> Certified {
    let folder = std::env::var("OIDC_PROVIDER").expect("OIDC_PROVIDER names a folder with node_modules");
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc-provider/provider.mjs");
    let copy = std::path::Path::new(&folder).join(format!("provider-{port}.mjs"));
    std::fs::copy(script, &copy).expect("modules are found beside the script");
    let child = Command::new("node")
        .arg(&copy)
        .args([port.to_string().as_str(), redirect_uri])
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is installed");
    let mut child = Certified(child);
    let mut lines = BufReader::new(child.0.stdout.take().expect("a pipe")).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line == "ready"));
    assert!(ready, "the provider did not start");
    std::thread::spawn(move || lines.for_each(drop));
    let _ = std::fs::remove_file(copy);
    child
}

/// A person's browser at the provider: cookies, redirects, its sign-in form and its consent.
struct AtProvider {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl AtProvider {
    async fn ask(&mut self, url: &str, form: Option<&[(&str, &str)]>) -> (Option<String>, String) {
        let request = match form {
            Some(form) => self.http.post(url).form(form),
            None => self.http.get(url),
        };
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let answer = request.header("Cookie", cookies.join("; ")).send().await.expect("the provider answers");
        for header in answer.headers().get_all("set-cookie") {
            let cookie = cookie::Cookie::parse(header.to_str().expect("ASCII").to_owned()).expect("a cookie");
            self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
        let next = answer.headers().get("location").map(|to| to.to_str().expect("an address").to_owned());
        (next, answer.text().await.expect("text"))
    }

    /// Signs in as `account`, agrees to everything, and comes back to the portal's path.
    async fn sign_in(&mut self, url: &str, account: &str) -> String {
        let (origin, mut url) = (origin_of(url), url.to_owned());
        for _ in 0..12 {
            if let Some(at) = url.find("/login/domain/return") {
                return url[at..].to_owned();
            }
            let (next, page) = self.ask(&url, None).await;
            let next = match next {
                Some(next) => next,
                None => {
                    let fields: &[(&str, &str)] = if page.contains("name=\"login\"") {
                        &[("prompt", "login"), ("login", account), ("password", "any")]
                    } else {
                        &[("prompt", "consent")]
                    };
                    self.ask(&url, Some(fields)).await.0.unwrap_or_else(|| panic!("stuck at {url}: {page}"))
                }
            };
            url = if next.starts_with('/') { format!("{origin}{next}") } else { next };
        }
        panic!("the provider sends in circles");
    }
}

fn origin_of(url: &str) -> String {
    url::Url::parse(url).expect("a URL").origin().ascii_serialization()
}

async fn by_domain(app: &TestApp, browser: &mut Browser, account: &str) {
    browser.get("/login").await;
    browser.click("Login").await;
    browser.must_be_at("/login/domain");
    let url = browser.page().attribute("a.btn-primary", "href").expect("a link to the provider");
    let mut away = AtProvider { http: app.http.clone(), cookies: BTreeMap::new() };
    let back = away.sign_in(&url, account).await;
    browser.get(&back).await;
}

#[tokio::test]
#[ignore = "needs Node.js and npm's oidc-provider in the folder that OIDC_PROVIDER names"]
async fn oidc_provider_signs_people_in() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let issuer = format!("http://127.0.0.1:{port}");
    let settings = OidcSettings {
        name: "Northwind".into(),
        issuer: issuer.clone(),
        client_id: "vestibule".into(),
        client_secret: Secret::new("a-secret-for-the-test-alone".into()),
        ca_file: None,
        acr_values: Vec::new(),
        amr_values: vec!["mfa".into()],
        organization: None,
    };
    let app = TestApp::spawn_with(|config| config.oidc = Some(settings)).await;
    app.names_domain("harbor_valley", "allowed").await;
    let _provider = start(port, &format!("{}/login/domain/return", app.base));
    // The address is the account there; it comes by userinfo, as the standard has it.
    let mut browser = app.browser();
    by_domain(&app, &mut browser, &app.email("phone.only")).await;
    browser.must_be_at("/login/domain/link");
    browser.fill("Password", &app.password("phone.only")).click("Continue").await;
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/home");
    assert_eq!(app.identities().await, 1);
    // It proves no second factor, so ours is asked.
    let mut again = app.browser();
    by_domain(&app, &mut again, &app.email("phone.only")).await;
    again.must_be_at("/login/verify/phone");
    // An address that it has not verified, and a stranger's.
    for account in ["unverified@example.org", "stranger@example.org"] {
        let mut browser = app.browser();
        by_domain(&app, &mut browser, account).await;
        browser.must_say(super::REFUSED);
    }
}
