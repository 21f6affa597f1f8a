//! The OpenID provider of demo mode: **LOGIN** walked without anybody else's server.

use reqwest::Method;
use vestibule::identity::sandbox_domain::settings;

use crate::support::{Browser, TestApp};

async fn spawn() -> TestApp {
    TestApp::spawn_with(|config| config.oidc = Some(settings(&config.public_url))).await
}

/// Presses **LOGIN** and picks somebody at the provider's page.
async fn come(app: &TestApp, username: &str, second_factor: bool) -> Browser {
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.must_say("Use this login button if you have a Harbor Valley domain account.");
    browser.click("Login").await;
    browser.must_be_at("/login/domain");
    let url = browser.page().attribute("a.btn-primary", "href").expect("a link to the provider");
    browser.get(url.strip_prefix(&app.base).expect("this machine")).await;
    browser.must_say("Nobody asks for a password here");
    let field = |name: &str| browser.page().attribute(&format!("input[name={name}]"), "value").expect("a field");
    let asked =
        ["response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"]
            .map(|name| (name, field(name)));
    let person = if username == "stranger" { username.to_owned() } else { app.user_id(username) };
    let mut fields: Vec<(&str, &str)> = asked.iter().map(|(n, v)| (*n, v.as_str())).collect();
    fields.push(("person", &person));
    if second_factor {
        fields.push(("second_factor", "1"));
    }
    let answer = browser.post_only("/sandbox/domain/authorize", &fields).await;
    let back = answer.location().expect("back to the portal").strip_prefix(&app.base).expect("this machine").to_owned();
    browser.get(&back).await;
    browser
}

#[tokio::test]
async fn a_tester_walks_login() {
    let app = spawn().await;
    let mut browser = come(&app, "phone.only", false).await;
    browser.must_be_at("/login/domain/link");
    browser.fill("Password", &app.password("phone.only")).click("Continue").await;
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/home");
    // The second time nothing but what the provider has not proven is asked.
    assert!(come(&app, "phone.only", false).await.path().starts_with("/login/verify"));
    come(&app, "phone.only", true).await.must_be_at("/home");
    for turned_away in ["stranger", "khollis"] {
        let browser = come(&app, turned_away, true).await;
        assert_eq!(browser.status(), 403, "{turned_away}");
        browser.must_say("Your domain account did not open an account here.");
    }
}

/// It gives codes to this portal alone, each once, and is there in demo mode alone.
#[tokio::test]
async fn it_answers_nobody_else() {
    let app = spawn().await;
    let mut browser = app.browser();
    let asks = |back: &str| {
        format!(
            "/sandbox/domain/authorize?response_type=code&client_id=vestibule-demo&redirect_uri={back}&state={x}\
             &nonce={x}&code_challenge={x}&code_challenge_method=S256",
            x = "x".repeat(43)
        )
    };
    assert_eq!(browser.get_only(&asks(&format!("{}/login/domain/return", app.base))).await.status, 200);
    assert_eq!(browser.get_only(&asks("https://evil.example/login/domain/return")).await.status, 400);
    let form = [("grant_type", "authorization_code"), ("code", "made up")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let answer = browser.ask(Method::POST, "/sandbox/domain/token", &[], Some(&form)).await;
    assert_eq!(answer.status, 400);
    for app in [TestApp::spawn().await, TestApp::serve_mode(|_| {}).await] {
        for path in ["/sandbox/domain/keys", "/sandbox/domain/.well-known/openid-configuration"] {
            assert_eq!(app.browser().get_only(path).await.status, 404, "{path}");
        }
    }
}
