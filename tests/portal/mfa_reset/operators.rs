//! Operators: anybody, with a reason.

use crate::support::{BY_PHONE, TestApp};

/// T1: no reset without a reason and, where another administrator is there, a confirmation; all of them are told.
#[tokio::test]
async fn an_operator_says_why_and_confirms() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    operator.get(&app.reset_url("wchen", "scope=user")).await;
    operator.must_say("Reason").must_say("No administrator of the organization can be reached");
    operator.click("Reset MFA").await;
    operator.must_say("There is a problem").must_say("Enter the reason.");
    operator.fill("Reason", "Ticket 4711").click("Reset MFA").await;
    operator.must_say("Confirm that no administrator of the organization can be reached.");
    assert_eq!(app.factors_of("wchen").await.len(), 1);
    operator.check("No administrator of the organization can be reached", true);
    operator.click("Reset MFA").await;
    operator.must_say("MFA reset for Wei Chen");
    for username in ["khollis", "malvarez", "technician"] {
        assert_eq!(app.count_of(username, "mfa_reset_admin").await, 1, "{username}");
    }
    assert_eq!(app.details("wchen", "mfa_reset").await["reason"], "Ticket 4711");
}

/// A reason is kept and mailed whole, or refused: nothing of it is cut off in silence.
#[tokio::test]
async fn a_reason_is_whole_or_refused() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    operator.get(&app.reset_url("wchen", "scope=user")).await;
    let whole = format!("{}end.", "word ".repeat(99));
    let longer = format!("{whole}..");
    assert_eq!((whole.len(), longer.len()), (499, 501));
    operator.check("No administrator of the organization can be reached", true);
    operator.fill("Reason", &longer).click("Reset MFA").await;
    operator.must_say("The reason is too long. Enter at most 500 characters.");
    assert_eq!(operator.page().value("Reason").as_deref(), Some(longer.as_str()));
    assert_eq!(app.factors_of("wchen").await.len(), 1);
    operator.fill("Reason", &whole).click("Reset MFA").await;
    operator.must_say("MFA reset for Wei Chen");
    assert_eq!(app.details("wchen", "mfa_reset").await["reason"], whole.as_str());
    let mails = app.outbox_of("khollis").await;
    let mail = mails.iter().find(|m| m.kind == "mfa_reset_admin").expect("a mail");
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&whole), "{text}");
}

/// A sole owner is helped by an operator; nobody else can be asked there but the technician.
#[tokio::test]
async fn an_operator_resets_a_sole_owner() {
    let app = TestApp::spawn().await;
    let technician = app.user_id("technician");
    let juniper = app.organization_id("juniper_street");
    app.sql(format!("DELETE FROM memberships WHERE user_id = '{technician}' AND organization_id = '{juniper}'")).await;
    let mut operator = app.administering("operator").await;
    operator.get(&app.reset_url("sole.owner", "scope=user")).await;
    assert!(!operator.says("can be reached"), "there is nobody else");
    operator.fill("Reason", "Identity checked by phone").click("Reset MFA").await;
    operator.must_say("MFA reset for Ruth Delacroix");
    app.after_password(BY_PHONE, "sole.owner").await.must_be_at("/home");
    // Its registration would leave the practice without an account holder.
    operator.get(&app.reset_url("sole.owner", "scope=registration")).await;
    operator.must_say("is the only active Account Holder");
}

/// T1 for many at once: the summary asks for the same two, and every organization's administrators are told.
#[tokio::test]
async fn an_operator_says_why_and_confirms_for_a_selection_too() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    operator.get("/identity/users").await;
    let harbor = app.organization_id("harbor_valley");
    let ids = ["wchen", "phone.only"].map(|username| app.user_id(username));
    let mut fields = vec![("organization_id", harbor.as_str())];
    fields.extend(ids.iter().map(|id| ("user_id[]", id.as_str())));
    operator.post("/identity/users/reset", &fields).await;
    operator.must_say("Reset MFA for 2 users").must_say("No administrator of the organization can be reached");
    operator.click("Reset MFA for 2 users").await;
    operator.must_say("Enter the reason.");
    operator.fill("Reason", "Ticket 4712").click("Reset MFA for 2 users").await;
    operator.must_say("Confirm that no administrator of the organization can be reached.");
    for username in ["wchen", "phone.only"] {
        assert_eq!(app.factors_of(username).await.len(), 1, "{username}");
        assert_eq!(app.count_of(username, "mfa_reset").await, 0, "{username}");
    }
    operator.check("No administrator of the organization can be reached", true);
    operator.click("Reset MFA for 2 users").await;
    operator.must_say("MFA reset for 2 users");
    for username in ["khollis", "malvarez", "technician", "admin", "owner.one", "owner.two"] {
        assert_eq!(app.count_of(username, "mfa_reset_admin").await, 1, "{username}");
    }
    for username in ["wchen", "phone.only"] {
        assert_eq!(app.details(username, "mfa_reset").await["reason"], "Ticket 4712");
    }
}

/// SPEC section 7: nobody a higher one. Operators stand above account holders, and beside each other.
#[tokio::test]
async fn operators_are_reset_by_operators_alone_and_not_by_themselves() {
    let app = TestApp::spawn().await;
    let before = app.factors_of("operator").await.len();
    let mut owner = app.administering("owner.one").await;
    owner.get(&app.reset_url("operator", "scope=all")).await;
    owner.must_say("has a higher role than you");
    let path = format!("/admin/users/{}/reset", app.user_id("operator"));
    owner.post_in_console(&path, &[("scope", "all")]).await;
    assert_eq!(app.factors_of("operator").await.len(), before);
    assert_eq!(app.audited("operator", "mfa_reset", "refused").await, 1);

    let mut operator = app.administering("operator").await;
    operator.get(&app.reset_url("operator", "scope=all")).await;
    operator.must_say("is you. Use Security, or reset your own factors at /mfa/reset.");

    let second = app.user_id("all.factors");
    app.sql(format!("UPDATE users SET operator = TRUE WHERE id = '{second}'")).await;
    let mut second = app.administering("all.factors").await;
    second.get(&app.reset_url("operator", "scope=all")).await;
    second.fill("Reason", "Lost the phone, seen in person");
    second.check("No administrator of the organization can be reached", true);
    second.click("Reset all multi-factor authentications").await;
    second.must_say("MFA reset for Ingrid Solberg");
    assert!(app.factors_of("operator").await.is_empty());
}

/// A flag that is gone reaches nobody any more, in a session that is open too. ASVS 8.3.2.
#[tokio::test]
async fn who_is_no_operator_any_more_resets_nobody() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    operator.get(&app.reset_url("wchen", "scope=user")).await;
    operator.fill("Reason", "Ticket 4713").check("No administrator of the organization can be reached", true);
    let id = app.user_id("operator");
    app.sql(format!("UPDATE users SET operator = FALSE WHERE id = '{id}'")).await;
    operator.click("Reset MFA").await;
    assert!([403, 404].contains(&operator.status()), "{}", operator.status());
    assert_eq!(app.factors_of("wchen").await.len(), 1);
}
