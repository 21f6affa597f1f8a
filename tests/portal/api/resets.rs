//! `PUT /api/user/users/mfa/reset`: R5, R6, R7, R11.

use reqwest::Method;
use serde_json::{Value, json};
use vestibule::models::factors;

use super::client::{ask, make_token, put, token_of};
use crate::support::TestApp;

const RESET: &str = "/api/user/users/mfa/reset";

async fn factors_of(app: &TestApp, username: &str) -> usize {
    let id = app.user_id(username);
    app.read(move |conn| Ok(factors::list(conn, &id)?.len())).await
}

#[tokio::test]
async fn a_reset_takes_the_factors_of_everybody_named() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let mut theirs = app.signed_in("all.factors").await;
    let (one, other) = (app.user_id("all.factors"), app.user_id("member.none"));
    let answer = put(&app, &token, RESET, &json!([one, other]).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert!(answer["reference"].is_string());
    let results = answer["results"].as_array().expect("results");
    assert_eq!((&results[0]["user_id"], &results[0]["result"]), (&json!(one), &json!("reset")));
    assert!(results[0]["deleted"]["authenticator"].as_u64() >= Some(1), "{answer}");
    assert_eq!(results[1]["result"], "nothing_to_reset");
    assert_eq!(results[1]["deleted"], json!({}));
    assert!(results.iter().all(|result| result["setup_required"].is_boolean() && result["deactivated"].is_object()));
    theirs.get("/home").await;
    assert!(theirs.path().starts_with("/login"), "their sessions ended");
    assert_eq!(app.audited("all.factors", "mfa_reset", "success").await, 1);
}

/// R5: the owner of the token is an administrator no longer.
/// ASVS 16.3.2.
#[tokio::test]
async fn a_members_token_is_refused_and_leaves_a_trace() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    app.sql(format!("UPDATE memberships SET role = 'member' WHERE user_id = '{}'", app.user_id("admin"))).await;
    let before = factors_of(&app, "all.factors").await;
    let body = json!([app.user_id("all.factors")]).to_string();
    put(&app, &token, RESET, &body).await.must_be_problem(403, "role");
    // Whatever the body: the role comes first.
    put(&app, &token, RESET, "nonsense").await.must_be_problem(403, "role");
    assert_eq!(factors_of(&app, "all.factors").await, before);
    assert_eq!(app.audited("admin", "api_refused", "refused").await, 2);
}

/// R6: byte for byte as for an unknown id, nothing changed.
/// ASVS 8.2.2, 8.4.1.
#[tokio::test]
async fn an_id_of_another_organization_is_unknown_and_nothing_happens() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let own = app.user_id("all.factors");
    let before = factors_of(&app, "all.factors").await;
    let foreign = app.user_id("sole.owner");
    let unknown = "0198aaaa-0000-7000-8000-00000000000a";
    let a = put(&app, &token, RESET, &json!([own, foreign]).to_string()).await;
    let b = put(&app, &token, RESET, &json!([own, unknown]).to_string()).await;
    let problem = a.must_be_problem(404, "unknown_ids");
    assert_eq!(problem["unknown_ids"], json!([foreign]));
    assert_eq!(a.body, b.body.replace(unknown, &foreign));
    assert_eq!(factors_of(&app, "all.factors").await, before);
    // Unknown goes before refused, and says nothing of who is there.
    let c = put(&app, &token, RESET, &json!([unknown, app.user_id("admin")]).to_string()).await;
    assert_eq!(c.must_be_problem(404, "unknown_ids")["unknown_ids"], json!([unknown]));
    let odd = put(&app, &token, RESET, &json!(["a\u{0}b", "' OR 1=1 --", "é".repeat(5_000)]).to_string()).await;
    assert_eq!(odd.status, 404, "{}", odd.body);
}

/// R7.
/// ASVS 15.3.5.
#[tokio::test]
async fn a_body_that_is_something_else_is_explained() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let id = app.user_id("all.factors");
    let before = factors_of(&app, "all.factors").await;
    let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
    let twice = json!([id, "x", id]).to_string();
    let bodies: [(&str, &str); 12] = [
        ("", ""),
        ("null", ""),
        ("{}", ""),
        ("\"x\"", ""),
        ("[]", ""),
        ("[", ""),
        ("not json", ""),
        (&json!(many).to_string(), ""),
        (&twice, "/2"),
        (&json!([id, 7]).to_string(), "/1"),
        (&json!([null]).to_string(), "/0"),
        (&json!([[id]]).to_string(), "/0"),
    ];
    for (body, pointer) in bodies {
        let problem = put(&app, &token, RESET, body).await.must_be_problem(400, "bad_request");
        assert!(problem["detail"].as_str().expect("words").contains("1 to 500 distinct User IDs"), "{problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
        assert!(problem["errors"][0]["detail"].is_string());
    }
    assert_eq!(factors_of(&app, "all.factors").await, before);
}

/// R11, and roles above one's own.
#[tokio::test]
async fn who_may_not_be_reset_is_named_with_the_reason() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let (me, owner) = (app.user_id("admin"), app.user_id("owner.one"));
    let problem = put(&app, &token, RESET, &json!([me]).to_string()).await.must_be_problem(409, "refused");
    assert_eq!(problem["refused"], json!([{ "user_id": me, "reason": "self" }]));
    assert!(problem["detail"].as_str().expect("words").contains("/mfa/reset"));
    let before = factors_of(&app, "all.factors").await;
    let body = json!([app.user_id("all.factors"), owner, me]).to_string();
    let problem = put(&app, &token, RESET, &body).await.must_be_problem(409, "refused");
    let refused = problem["refused"].as_array().expect("a list");
    assert!(refused.contains(&json!({ "user_id": owner, "reason": "higher_role" })), "{problem}");
    assert_eq!(refused.len(), 2);
    assert_eq!(factors_of(&app, "all.factors").await, before, "all or nothing");
    // One account holder resets another.
    let token = token_of(&app, "owner.one").await;
    let answer = put(&app, &token, RESET, &json!([app.user_id("owner.two")]).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// 401, 403, 415, 400, 404, 409: in this order.
#[tokio::test]
async fn refusals_come_in_one_order() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let reader = make_token(&mut admin, "Reader", &["Read users"]).await;
    let token = make_token(&mut admin, "Resetter", &["Reset MFA"]).await;
    let ask = async |token: &str, kind: &str, body: &str| {
        let bearer = format!("Bearer {token}");
        ask(&app, Method::PUT, RESET, &[("Authorization", &bearer), ("Content-Type", kind)], Some(body)).await.status
    };
    let mixed = json!(["unknown", app.user_id("admin")]).to_string();
    assert_eq!(ask("nonsense", "text/plain", "nonsense").await, 401);
    assert_eq!(ask(&reader, "text/plain", "nonsense").await, 403);
    assert_eq!(ask(&token, "text/plain", "nonsense").await, 415);
    assert_eq!(ask(&token, "application/x-www-form-urlencoded", "a=b").await, 415);
    assert_eq!(ask(&token, "application/json", "nonsense").await, 400);
    assert_eq!(ask(&token, "application/json; charset=utf-8", &mixed).await, 404);
    assert_eq!(ask(&token, "application/json", &json!([app.user_id("admin")]).to_string()).await, 409);
    let large = format!("[\"{}\"]", "x".repeat(1_100_000));
    assert_eq!(ask(&token, "application/json", &large).await, 413);
}

#[tokio::test]
async fn an_org_level_reset_leaves_the_rest() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "hklein").await;
    let path = "/api/user/users/mfa/reset-org-level";
    let body = json!([app.user_id("sabebe"), app.user_id("fromano")]).to_string();
    let before = factors_of(&app, "sabebe").await;
    let answer = put(&app, &token, path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let results: Value = answer.json()["results"].clone();
    assert_eq!((&results[0]["result"], &results[0]["deleted"]), (&json!("reset"), &json!({ "authenticator": 1 })));
    assert_eq!(results[0]["setup_required"], true, "the organization wants a factor of its own");
    assert_eq!(results[1]["result"], "nothing_to_reset");
    assert_eq!(factors_of(&app, "sabebe").await, before - 1, "the phone counts everywhere and stays");
    assert_eq!(factors_of(&app, "fromano").await, 1);
}

/// What another organization demands is told to the person, and to nobody who looks after them elsewhere.
#[tokio::test]
async fn what_other_organizations_demand_is_not_told() {
    let app = TestApp::spawn().await;
    let (from, to) = (app.user_id("phone.only"), app.user_id("two.orgs"));
    app.sql(format!("UPDATE factors SET user_id = '{to}' WHERE user_id = '{from}'")).await;
    let token = token_of(&app, "admin").await;
    let answer = put(&app, &token, RESET, &json!([app.user_id("two.orgs")]).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let result = answer.json()["results"][0].clone();
    assert_eq!((&result["result"], &result["setup_required"]), (&json!("reset"), &json!(false)), "Harbor demands none");
    let mail = app.outbox_of("two.orgs").await.into_iter().find(|m| m.kind == "mfa_reset").expect("a mail");
    assert!(mail.text.contains("You set up a factor again at your next sign-in."), "Riverside does: {}", mail.text);
}

/// What an operator does to others wants a reason: their tokens read.
#[tokio::test]
async fn an_operators_token_reads_and_no_more() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    operator.get("/admin/api-tokens/new").await;
    operator.must_say("Read users");
    assert!(!operator.says("Reset MFA") && !operator.says("Require MFA"));
    let token = make_token(&mut operator, "Reader", &["Read users", "Read the audit log", "Read deliveries"]).await;
    assert_eq!(super::client::get(&app, &token, "/api/user/users").await.status, 200);
    let before = factors_of(&app, "all.factors").await;
    let problem = put(&app, &token, RESET, &json!([app.user_id("all.factors")]).to_string()).await;
    let problem = problem.must_be_problem(403, "role");
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("Operators reset in the console")));
    assert_eq!(factors_of(&app, "all.factors").await, before);
}
