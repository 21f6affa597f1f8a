//! **Registration Codes**: made, used, rotated, revoked.

use vestibule::models::registration_codes::{self, RegistrationCode};

use crate::support::{Browser, TestApp};

const LIST: &str = "/admin/registration-codes";

impl TestApp {
    /// The codes of Harbor Valley, newest first.
    async fn codes(&self) -> Vec<RegistrationCode> {
        let id = self.organization_id("harbor_valley");
        self.read(move |conn| Ok(registration_codes::list(conn, &id, None, 100)?)).await
    }

    /// Whether somebody can register with this code.
    async fn registers(&self, npi: &str, code: &str) -> bool {
        let mut browser = self.browser();
        browser.get("/register").await;
        browser.fill("NPI", npi).fill("PROVIDER REGISTRATION CODE", code).click("NEXT").await;
        browser.path() == "/register/details"
    }

    async fn at_codes(&self) -> Browser {
        let mut browser = self.signed_in("owner.two").await;
        browser.get(LIST).await;
        browser.must_be_at(LIST);
        browser
    }
}

const NPI: &str = "1234567893";

#[tokio::test]
async fn a_code_is_made_rotated_and_revoked() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_codes().await;
    let first = app.people.organizations["harbor_valley"].registration_code.clone();
    browser.must_say(&first).must_say(NPI).must_say("Works");
    browser.click("Change").await;
    browser.must_say("Rotate");
    let path = browser.path().to_owned();
    let answer = browser.post_in_console(&format!("{path}/rotate"), &[("old", "week")]).await;
    assert_eq!(answer.location(), Some(LIST));
    let codes = app.codes().await;
    assert_eq!(codes.len(), 2);
    let second = codes[0].code.clone();
    assert!(app.registers(NPI, &first).await && app.registers(NPI, &second).await);
    browser.get(LIST).await;
    browser.must_say(&second).must_say("Until");
    app.later(7 * 24 * 3_600 + 1);
    assert!(!app.registers(NPI, &first).await && app.registers(NPI, &second).await);
    let mut browser = app.at_codes().await;
    browser.must_say("Expired");
    browser.click("Change").await;
    browser.click("Revoke").await;
    browser.must_be_at(LIST).must_say("Revoked");
    assert!(!app.registers(NPI, &second).await);
    browser.click("Make a code").await;
    browser.must_be_at(LIST).must_say("The new code works from now on.");
    assert!(app.registers(NPI, &app.codes().await[0].code).await);
    // What has ended stays ended.
    for code in &app.codes().await[1..] {
        for (act, fields) in [("revoke", vec![]), ("rotate", vec![("old", "month")])] {
            let answer = browser.post_in_console(&format!("{LIST}/{}/{act}", code.id), &fields).await;
            assert_eq!(answer.status, 409, "{act}");
        }
    }
    assert_eq!(app.codes().await.len(), 3);
}

/// Of many rotations of one code at once, one makes a new one.
/// ASVS 2.3.4, 15.4.2.
#[tokio::test]
async fn a_double_click_rotates_once() {
    let app = TestApp::spawn().await;
    let browser = app.at_codes().await;
    let id = app.codes().await[0].id.clone();
    let posts = (0..10).map(|_| {
        let (mut copy, path) = (browser.clone(), format!("{LIST}/{id}/rotate"));
        async move { copy.post_in_console(&path, &[("old", "now")]).await.status }
    });
    let statuses = futures_util::future::join_all(posts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(app.codes().await.len(), 2);
}

#[tokio::test]
async fn there_is_an_end_to_making_codes() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_codes().await;
    for _ in 0..19 {
        assert_eq!(browser.post_in_console(&format!("{LIST}/make"), &[]).await.status, 303);
    }
    let answer = browser.post_in_console(&format!("{LIST}/make"), &[]).await;
    assert_eq!(answer.status, 409);
    // A rotation that finds no room leaves the old code as it was; one that makes room goes through.
    let id = app.codes().await[0].id.clone();
    let path = format!("{LIST}/{id}/rotate");
    assert_eq!(browser.post_in_console(&path, &[("old", "week")]).await.status, 409);
    let codes = app.codes().await;
    assert_eq!((codes.len(), codes[0].expires_at), (20, None));
    assert_eq!(browser.post_in_console(&path, &[("old", "now")]).await.status, 303);
    assert_eq!(app.codes().await.len(), 21);
}

/// The clocks of nodes differ: one that is behind still finds the old code ended.
#[tokio::test]
async fn a_code_has_one_end_whatever_the_clock() {
    let app = TestApp::spawn().await;
    let browser = app.at_codes().await;
    let path = format!("{LIST}/{}/rotate", app.codes().await[0].id);
    for (seconds, status) in [(0, 303), (-5, 409), (5, 409)] {
        app.later(seconds);
        let answer = browser.clone().post_in_console(&path, &[("old", "now")]).await;
        assert_eq!(answer.status, status, "{seconds}");
    }
    assert_eq!(app.codes().await.len(), 2);
}

/// ASVS 8.2.2: another organization's code answers like one that does not exist; members see none.
#[tokio::test]
async fn another_organizations_code_is_not_found() {
    let app = TestApp::spawn().await;
    let id = app.organization_id("riverside");
    let foreign = app.read(move |conn| Ok(registration_codes::list(conn, &id, None, 1)?)).await.remove(0);
    let mut browser = app.at_codes().await;
    assert!(!browser.says(&foreign.code));
    for id in [foreign.id.as_str(), "0192f3a4-0000-7000-8000-000000000001"] {
        assert_eq!(browser.get_only(&format!("{LIST}/{id}")).await.status, 404);
        for (act, fields) in [("revoke", vec![]), ("rotate", vec![("old", "now")])] {
            let answer = browser.post_in_console(&format!("{LIST}/{id}/{act}"), &fields).await;
            assert_eq!(answer.status, 404, "{act}");
        }
    }
    let mut member = app.signed_in("phone.only").await;
    assert_eq!(member.get_only(LIST).await.status, 403);
    assert_eq!(app.browser().get_only(LIST).await.status, 303);
}
