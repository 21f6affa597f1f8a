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
