//! What happened, in words.

use vestibule::domain::audit::{Entry, Origin};
use vestibule::models::AuditResult;

use super::*;

#[tokio::test]
async fn acts_are_told_in_sentences_and_paged() {
    let app = TestApp::spawn().await;
    for n in 0..3 {
        app.later(n);
        app.signed_in("member.none").await;
    }
    let id = app.user_id("member.none");
    let (subject, now) = (id.clone(), app.app.core.clock.now());
    app.write(move |conn| {
        let entry = Entry::new("something_new", AuditResult::Success).of(&subject);
        Ok(entry.write(conn, &Origin::default(), now)?)
    })
    .await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security").await;
    browser.click("View activity").await;
    browser.must_be_at("/security/activity").must_say("You signed in with your password alone.").must_say("Today,");
    browser.must_say("Firefox");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        seen.extend(browser.page().texts(".items h2"));
        pages += 1;
        if !browser.page().controls().contains(&"Older".to_owned()) {
            break;
        }
        browser.click("Older").await;
    }
    let id = app.user_id("member.none");
    let all =
        app.read(move |conn| Ok(vestibule::models::audit_entries::list_about(conn, &id, None, 1_000)?.len())).await;
    assert_eq!(seen.len(), all);
    assert_eq!(pages, all.div_ceil(25));
    assert!(seen.iter().any(|s| s == "Recorded as “something new”."), "{seen:?}");
    assert!(!seen.iter().any(|s| s.contains('_')), "{seen:?}");
}

/// Every act that the program knows has a sentence of its own.
#[test]
fn no_act_of_this_program_is_without_words() {
    use serde_json::Value;
    use vestibule::domain::security::activity::sentence;
    use vestibule::models::AuditResult;
    for action in [
        "access_denied",
        "authenticator_switched_off",
        "browser_forgotten",
        "call_placed",
        "code_send_refused",
        "code_sent",
        "email_change_asked",
        "email_changed",
        "factor_added",
        "factor_removed",
        "factor_renamed",
        "organization_switched",
        "password",
        "password_changed",
        "password_confirmed",
        "password_reset",
        "password_reset_asked",
        "password_reset_canceled",
        "password_reset_code",
        "password_reset_held_up",
        "password_switched_off",
        "recovery_codes_made",
        "registered",
        "registration_code",
        "registration_conflict",
        "registration_finished",
        "registration_link_asked",
        "registration_link_refused",
        "registration_link_sent",
        "registration_method",
        "registration_reset",
        "registration_resumed",
        "registration_started",
        "remembered_browser_replayed",
        "second_step",
        "session_ended",
        "set_up_demanded",
        "sign_in",
        "sign_in_canceled",
        "sign_out",
        "step_up",
        "terms_accepted",
    ] {
        for result in AuditResult::ALL {
            assert!(!sentence(action, *result, &Value::Null).starts_with("Recorded as"), "{action}");
        }
    }
}
