use std::sync::Arc;

use vestibule::config::keys;
use vestibule::domain::rotate_keys::reseal;
use vestibule::models::hardware_tokens::secret_place;

use super::LIST;
use crate::support::TestApp;

#[tokio::test]
async fn the_inventory_shows_the_organizations_own_tokens() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    browser.get(LIST).await;
    browser.must_be_at(LIST).must_say("VT-201501").must_say("Available").must_say("Viktor Horvath");
    // What somebody uses already is in the inventory.
    assert_eq!(browser.page().texts(".table .name").len(), 6);
    assert!(!browser.says("VT-201701"), "that of another organization");
    browser.get(&format!("{LIST}?serial=vt-2016")).await;
    assert_eq!(browser.page().texts(".table .name"), ["VT-201601"]);
    for literal in ["%25", "VT_", "%5C"] {
        browser.get(&format!("{LIST}?serial={literal}")).await;
        browser.must_say("No tokens match these filters.");
    }
    for (state, count) in [("available", 4), ("active", 2), ("assigned", 0), ("deactivated", 0), ("lost", 0)] {
        browser.get(&format!("{LIST}?state={state}")).await;
        assert_eq!(browser.page().texts(".table .name").len(), count, "{state}");
    }
}

/// ASVS 8.2.2: what belongs to another organization answers like what does not exist.
#[tokio::test]
async fn another_organizations_token_is_not_found() {
    let app = TestApp::spawn().await;
    let foreign = app.token_in("riverside", "VT-201701").await.expect("Riverside's").0.id;
    let mut browser = app.at_token("VT-201501").await;
    let unknown = "0192f3a4-0000-7000-8000-000000000001";
    for id in [foreign.as_str(), unknown] {
        assert_eq!(browser.get_only(&format!("{LIST}/{id}")).await.status, 404);
        for (act, fields) in [
            ("assign", vec![("username", "member.none")]),
            ("activate", vec![("code", "123456")]),
            ("deactivate", vec![]),
            ("lost", vec![]),
            ("available", vec![]),
        ] {
            let answer = browser.post_in_console(&format!("{LIST}/{id}/{act}"), &fields).await;
            assert_eq!(answer.status, 404, "{act}");
        }
    }
    let (token, holding) = app.token_in("riverside", "VT-201701").await.expect("Riverside's");
    assert!(token.lost_at.is_none() && holding.is_none());
}

#[tokio::test]
async fn only_administrators_come_in_and_acts_want_a_factor_just_shown() {
    let app = TestApp::spawn().await;
    let mut member = app.signed_in("phone.only").await;
    assert_eq!(member.get_only(LIST).await.status, 403);
    assert_eq!(member.get_only(&format!("{LIST}/import")).await.status, 403);
    let mut nobody = app.browser();
    assert_eq!(nobody.get_only(LIST).await.location(), Some("/login?return_to=%2Fadmin%2Fhardware-tokens"));
    let mut browser = app.at_token("VT-201501").await;
    let path = browser.path().to_owned();
    app.later(11 * 60);
    let answer = browser.post_in_console(&format!("{path}/lost"), &[]).await;
    assert_eq!(answer.location(), Some("/security/confirm?for=console&return_to=%2Fadmin%2Fhardware-tokens"));
    assert!(app.token("VT-201501").await.0.lost_at.is_none());
}

#[tokio::test]
async fn a_form_of_another_organization_is_refused() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_token("VT-201501").await;
    let path = browser.path().to_owned();
    let other = app.organization_id("riverside");
    let answer = browser.post_only(&format!("{path}/lost"), &[("organization_id", other.as_str())]).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("You switched organization in another tab."));
}

#[tokio::test]
async fn a_long_inventory_is_paged_by_serial_number() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    browser.get(&format!("{LIST}/import")).await;
    let rows: String = (0..120).map(|n| format!(",P{n:03},JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,30,a,b\n")).collect();
    let file = format!("upn,serial number,secret key,time interval,manufacturer,model\n{rows}");
    let answer = browser.upload_in_console(&format!("{LIST}/import"), &[("action", "import")], file.as_bytes()).await;
    assert_eq!(answer.status, 303);
    browser.get(&format!("{LIST}?serial=p")).await;
    let mut seen = browser.page().texts(".table .name");
    while browser.page().controls().contains(&"Next page".to_owned()) {
        browser.click("Next page").await;
        seen.extend(browser.page().texts(".table .name"));
    }
    let expected: Vec<String> = (0..120).map(|n| format!("P{n:03}")).collect();
    assert_eq!(seen, expected);
}

/// ASVS 11.2.2: `rotate-keys` takes the inventory along.
#[tokio::test]
async fn secrets_follow_to_a_new_key() {
    let app = TestApp::spawn().await;
    let file = keys::add_key(&app.app.config.key_file).unwrap_or_else(|problem| panic!("{problem}"));
    let ring = Arc::new(file.ring().unwrap_or_else(|problem| panic!("{problem}")));
    let (factors, ..) = reseal(&app.app.core.db, &ring).await.expect("it runs");
    assert_eq!(factors.unreadable, 0);
    let (token, _) = app.token("VT-201501").await;
    assert_eq!(token.secret_key_id, file.current_id());
    let secret = ring.open(&secret_place(&token.id), &token.secret_key_id, &token.secret).expect("it opens");
    assert_eq!(data_encoding::BASE32_NOPAD.encode(&secret), app.spare_key("VT-201501"));
}
