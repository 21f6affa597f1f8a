//! People come and go: added, imported, invited, corrected, handed over, removed; the first of all.

use thirtyfour::By;
use vestibule::domain::people::first_owner;

use super::chromium::{Chromium, Hands};
use super::entering::{at, password, see, signed_in};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;

const HEAD: &str = "email,username,first_name,last_name,role\r\n";
/// As long as a name and an address may get before a page that was not made for them breaks.
const LONG: [(&str, &str); 4] = [
    ("First Name", "Maximiliana-Alexandrina"),
    ("Last Name", "von Hohenzollern-Featherstonehaugh"),
    ("Username", "maximiliana-alexandrina.von.hohenzollern"),
    ("Email", "maximiliana-alexandrina.von.hohenzollern-featherstonehaugh@correspondence.harborvalley.example"),
];

/// **Add user**, with what is missing first; the invitation, sent again.
async fn invited(page: &Chromium) {
    page.go("/admin/users").await;
    page.click("Add user").await;
    at(page, "/admin/users/new").await;
    page.click("Send invitation").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    for (label, text) in LONG {
        page.fill(label, text).await;
    }
    page.click("Send invitation").await;
    at(page, "/admin/invitations").await;
    page.click("Send again").await;
    page.must_see("sent").await;
}

/// A file with errors, told by row; then a good one, which becomes a job.
async fn imported(page: &Chromium) {
    see(page, "/admin/users/import").await;
    page.upload(
        "CSV file",
        &format!("{HEAD}nonsense,good.two,Bea,Bad,\r\na@harborvalley.example,phone.only,Cy,Taken,\r\n"),
    )
    .await;
    page.click("Look through the file").await;
    page.must_see("Enter an email address").await;
    page.must_be_fine().await;
    page.upload("CSV file", &format!("{HEAD}ann.good@harborvalley.example,ann.good,Ann,Good,\r\n")).await;
    page.click("Look through the file").await;
    page.must_see("1 user will be invited by e-mail.").await;
    page.must_be_fine().await;
    page.click("Invite 1 user").await;
    page.must_see("Users").await;
}

/// The profile, a proposed address, handing over, removing.
async fn corrected(page: &Chromium, app: &TestApp) {
    let user = format!("/admin/users/{}", app.user_id("two.orgs"));
    page.go(&user).await;
    page.click("Edit profile").await;
    at(page, &format!("{user}/profile")).await;
    page.fill("New Email", "gabriel.santos@harborvalley.example").await;
    page.click("Send link").await;
    page.must_see("A link was sent to the new address.").await;
    page.must_be_fine().await;
    page.click("Hand over").await;
    at(page, &format!("{user}/managing")).await;
    page.go(&format!("{user}/profile")).await;
    page.click_on(By::Css("a[href$='/remove']")).await;
    at(page, &format!("{user}/remove")).await;
    page.click_in("main", "Cancel").await;
    see(page, "/admin/users/export").await;
    page.click("Export").await;
    assert!(page.downloaded().await.contains("Gabriel"));
}

async fn every_duty(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "owner.two").await;
    invited(page).await;
    imported(page).await;
    corrected(page, app).await;
}

/// Pages at the other end: an invitation to somebody with an account, and a new address.
async fn answered(page: &Chromium, app: &TestApp) {
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    page.forget().await;
    signed_in(page, app, "khollis").await;
    see(page, "/invitations").await;
    page.click("Accept").await;
    page.must_be_fine().await;
    page.go(&app.link_to("gabriel.santos@harborvalley.example").await).await;
    at(page, "/email-change").await;
    page.click("Confirm").await;
    page.must_see("The address was confirmed.").await;
    see(page, "/messages").await;
    page.click_on(By::Css("main .items a")).await;
    page.must_be_fine().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_come_and_go() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    every_duty(&page, &app).await;
    see(&page, "/admin/users").await;
    see(&page, "/identity/users").await;
    answered(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_adding_people_needs_neither_mouse_nor_javascript() {
    for (look, hands) in [(PHONE, Hands::Keyboard), (DESK, Hands::NoScript)] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        every_duty(&page, &app).await;
        page.close().await;
    }
}

/// Every list with nothing in it says so, and what to do.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_empty_lists_say_so() {
    let app = TestApp::spawn().await;
    app.sql("DELETE FROM organization_applications".into()).await;
    app.sql("DELETE FROM invitations".into()).await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Mouse).await;
    signed_in(&page, &app, "owner.two").await;
    for path in [
        "/admin/users?q=zzzz",
        "/settings/allaccounts?q=zzzz",
        "/setup/users?q=zzzz",
        "/admin/authentication-methods?q=zzzz",
        "/admin/audit?who=zzzz",
        "/admin/hardware-tokens?serial=zzzz",
        "/admin/invitations",
        "/admin/reviews",
        "/admin/jobs",
        "/admin/api-tokens",
        "/admin/applications",
        "/invitations",
    ] {
        page.go(path).await;
        page.find(By::Css(".empty")).await;
        page.must_be_fine().await;
    }
    page.forget().await;
    password(&page, &app, "Login with Phone", "lthao").await;
    page.must_be_at("/home").await;
    page.must_be_fine().await;
    see(&page, "/messages").await;
    page.close().await;
}

/// The page behind the token that an empty installation prints.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_first_owner_sets_the_installation_up() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    app.sql("DELETE FROM users".into()).await;
    let token = first_owner::token(&app.app.core).await.expect("no fault").expect("a token");
    page.go(&format!("/setup/first-owner/{}", token.expose())).await;
    at(&page, "/setup/first-owner").await;
    page.click("Continue").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.close().await;
}
