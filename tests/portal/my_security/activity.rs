//! What happened, in words.

use serde_json::Value;
use vestibule::domain::audit::{Entry, Origin};
use vestibule::domain::audit_words;
use vestibule::domain::security::activity::sentence;
use vestibule::models::audit_entries::{self, AuditEntry};
use vestibule::models::{AuditResult, new_id};

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
        Entry::new("sign_out", AuditResult::Success).of(&subject).write(conn, &Origin::default(), now)?;
        let newest = audit_entries::list_about(conn, &subject, None, 1)?.remove(0);
        // As a node of a later version writes it.
        let later = AuditEntry { id: new_id(now), action: "something_new".into(), seal: None, ..newest };
        Ok(audit_entries::insert(conn, &later)?)
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
    let all = app.read(move |conn| Ok(audit_entries::list_about(conn, &id, None, 1_000)?.len())).await;
    assert_eq!(seen.len(), all);
    assert_eq!(pages, all.div_ceil(25));
    assert!(seen.iter().any(|s| s == "Recorded as “something new”."), "{seen:?}");
    assert!(!seen.iter().any(|s| s.contains('_')), "{seen:?}");
}

/// Every action that can be written has a sentence of its own, however it went: `Entry::write` takes no other.
#[test]
fn no_act_of_this_program_is_without_words() {
    let actions = audit_words::GROUPS.iter().flat_map(|(_, actions)| actions.iter());
    for (action, _) in actions {
        for result in AuditResult::ALL {
            let told = sentence(action, *result, &Value::Null);
            assert!(told.ends_with('.') && !told.starts_with("Recorded as") && !told.contains('_'), "{action}: {told}");
        }
    }
}
