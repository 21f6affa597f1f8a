//! Pictures of every page in every look, into the folder `SHOTS`: `.ci/pictures`. Nothing in the console.

use vestibule::routes::{Guard, table};

use super::chromium::{Chromium, LOOKS};
use crate::support::TestApp;

/// A name for a file.
fn name(path: &str) -> String {
    let parts = path.split('?').next().unwrap_or_default().split('/').filter(|part| !part.is_empty());
    let plain: Vec<&str> = parts.map(|part| if part.len() == 36 { "one" } else { part }).collect();
    if plain.is_empty() { "start".into() } else { plain.join("-") }
}

/// Takes those pages that open here; where one leads elsewhere, it is no page of this state.
async fn take(page: &Chromium, paths: &[String], seen: &mut Vec<String>) {
    for path in paths {
        page.go(path).await;
        if page.path().await == *path.split('?').next().unwrap_or_default() && !seen.contains(path) {
            page.shot(&name(path)).await;
            seen.push(path.clone());
        }
    }
}

/// Pages without an id for those whom the guards let in.
fn pages(guards: &[Guard]) -> Vec<String> {
    // Files, and pages that are not there for anybody here: the console of the browser would complain.
    let not_here = ["/openapi.json", "/status", "/setup/first-owner", "/admin/customers", "/admin/customers/new"];
    let of = table().filter(|r| r.method == "GET" && guards.contains(&r.guard) && !r.path.contains('{'));
    of.map(|r| r.path.to_owned()).filter(|path| !not_here.iter().any(|end| path.ends_with(end))).collect()
}

async fn password(page: &Chromium, app: &TestApp, option: &str, username: &str) {
    page.go("/login").await;
    page.click(option).await;
    page.fill("Email Address", &app.email(username)).await;
    page.fill("Password", &app.password(username)).await;
    page.click("Sign in").await;
}

#[tokio::test]
#[ignore = "needs Chromium and its driver"]
async fn browser_pictures_of_every_page() {
    let strings = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    for look in LOOKS {
        let app = TestApp::spawn().await;
        let page = Chromium::open(&app.base, look).await;
        let mut seen = Vec::new();
        let mut public = pages(&[Guard::Public]);
        public.extend(strings(&["/login/phone", "/sandbox", "/sandbox/people"]));
        take(&page, &public, &mut seen).await;

        password(&page, &app, "Login with Phone", "all.factors").await;
        page.must_be_at("/login/verify/phone").await;
        take(&page, &pages(&[Guard::Pending]), &mut seen).await;
        page.go("/login/verify/phone").await;
        page.click("Send Code").await;
        page.must_be_at("/login/verify/phone/code").await;
        page.shot("login-verify-phone-code").await;
        page.forget().await;

        // Led to set-up, because the organization demands it.
        password(&page, &app, "Login with Email", "tbrooks").await;
        page.must_be_at("/security/setup").await;
        take(&page, &pages(&[Guard::SetUp]), &mut seen).await;
        page.forget().await;

        password(&page, &app, "Login with Phone", "owner.two").await;
        page.must_be_at("/login/verify/phone").await;
        page.click("Send Code").await;
        page.fill("Verification Code", &app.code_of("owner.two").await).await;
        page.click("Verify Code").await;
        page.must_be_at("/home").await;
        let console = [Guard::OrgAdmin, Guard::FreshOrgAdmin, Guard::OrgOwner, Guard::FreshOrgOwner];
        let mut inside = pages(&[&[Guard::SignedIn, Guard::Fresh], console.as_slice()].concat());
        let user = app.user_id("all.factors");
        inside.extend([format!("/admin/users/{user}"), format!("/admin/users/{user}/reset?scope=all")]);
        take(&page, &inside, &mut seen).await;
        assert!(seen.len() > 60, "only {seen:#?}");
        assert_eq!(page.console().await, Vec::<String>::new(), "{look:?}");
        page.close().await;
    }
}
