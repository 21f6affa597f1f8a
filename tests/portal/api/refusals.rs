//! What the API refuses, and how it says so.

use reqwest::Method;

use super::client::{ask, get, put, token_of};
use crate::support::TestApp;

#[tokio::test]
async fn what_is_not_a_token_is_refused() {
    let app = TestApp::spawn().await;
    let long = format!("Bearer {}", "x".repeat(5_000));
    for header in ["Bearer", "Bearer ", "Bearer nonsense", "Basic dXNlcjpwYXNz", "nonsense", &long] {
        let answer = ask(&app, Method::GET, "/api/audit/entries", &[("Authorization", header)], None).await;
        answer.must_be_problem(401, "unauthorized");
    }
    let twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")];
    ask(&app, Method::GET, "/api/audit/entries", &twice, None).await.must_be_problem(401, "unauthorized");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_the_same_way() {
    let app = TestApp::spawn().await;
    for path in ["/api", "/api/", "/api/nothing", "/api/audit"] {
        let answer = ask(&app, Method::GET, path, &[], None).await;
        answer.must_be_problem(404, "not_found");
    }
    for method in [Method::POST, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let answer = ask(&app, method.clone(), "/api/audit/entries", &[], None).await;
        assert_eq!(answer.header("allow"), "GET, HEAD", "{method}");
        answer.must_be_problem(405, "method_not_allowed");
    }
}

/// ASVS 3.2.1, 3.4.2.
#[tokio::test]
async fn other_sites_get_nothing() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let bearer = format!("Bearer {token}");
    for mode in ["cors", "navigate", "no-cors"] {
        let headers = [("Authorization", bearer.as_str()), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode)];
        assert_eq!(ask(&app, Method::GET, "/api/audit/entries", &headers, None).await.status, 403, "{mode}");
    }
    let headers = [("Authorization", bearer.as_str()), ("Origin", "https://evil.example")];
    let answer = ask(&app, Method::GET, "/api/audit/entries", &headers, None).await;
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
}

/// ASVS 15.3.7: a parameter that comes twice, is unknown or not of its kind.
#[tokio::test]
async fn parameters_are_looked_at_strictly() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let entries = |query: &str| format!("/api/audit/entries?{query}");
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1&limit=2",
        "from=yesterday",
        "result=maybe",
        "nothing=1",
        "who=a%00b",
    ] {
        let problem = get(&app, &token, &entries(query)).await.must_be_problem(400, "bad_request");
        assert!(problem["errors"][0]["detail"].is_string(), "{query}: {problem}");
    }
    for query in ["channel=pigeon", "state=lost", "limit=-1", "cursor=a&cursor=b"] {
        get(&app, &token, &format!("/api/delivery/deliveries?{query}")).await.must_be_problem(400, "bad_request");
    }
    for query in ["who=nobody%20here", "from=2026-01-01T00:00:00%2B01:00", "action=%27"] {
        assert_eq!(get(&app, &token, &entries(query)).await.status, 200, "{query}");
    }
}

/// A cursor is what an answer gave, whole, or none at all.
#[tokio::test]
async fn a_damaged_cursor_is_refused_and_not_taken_for_the_first_page() {
    let app = TestApp::spawn().await;
    // What went out to people gives a second page of deliveries.
    app.signed_in("phone.only").await;
    app.signed_in("email.only").await;
    let token = token_of(&app, "admin").await;
    for list in ["/api/audit/entries", "/api/delivery/deliveries", "/api/user/users"] {
        let first = get(&app, &token, &format!("{list}?limit=1")).await.json();
        let cursor = first["next_cursor"].as_str().expect("a second page").to_owned();
        let next = get(&app, &token, &format!("{list}?limit=1&cursor={cursor}")).await;
        assert_eq!(next.status, 200, "{list}: {}", next.body);
        let shorter = &cursor[..cursor.len() - 1];
        let upper = cursor.to_uppercase();
        for bad in ["", "%20", "nonsense", shorter, &format!("{cursor}0"), &format!("%20{cursor}"), &upper, "0"] {
            let problem = get(&app, &token, &format!("{list}?limit=1&cursor={bad}")).await;
            let problem = problem.must_be_problem(400, "bad_request");
            assert_eq!(problem["errors"][0]["detail"], "Expected a next_cursor.", "{list} {bad:?}: {problem}");
        }
    }
}

/// The organization's own network binds programs too.
#[tokio::test]
async fn an_address_off_the_safelist_is_refused() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!(
        "INSERT INTO safelist_entries (id, organization_id, cidr, label, created_at) \
         VALUES ('x', '{harbor}', '192.0.2.0/24', 'office', '2026-01-01 00:00:00')"
    ))
    .await;
    get(&app, &token, "/api/audit/entries").await.must_be_problem(403, "address");
}

/// SPEC section 6: until set-up is done the API says `mfa_required`.
#[tokio::test]
async fn who_has_to_set_up_first_is_told_so() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let (harbor, id) = (app.organization_id("harbor_valley"), app.user_id("admin"));
    app.sql(format!("UPDATE organizations SET enforce_mfa = TRUE WHERE id = '{harbor}'")).await;
    assert_eq!(get(&app, &token, "/api/audit/entries").await.status, 200, "a factor is there");
    app.sql(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
    get(&app, &token, "/api/audit/entries").await.must_be_problem(403, "mfa_required");
}

/// What is wrong is said in words of ours, at the place where it is.
#[tokio::test]
async fn a_refusal_says_where_and_what_in_plain_words() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "owner.two").await;
    for (query, parameter, detail) in [
        ("limit=many", "limit", "Expected a whole number."),
        ("limit=1&limit=2", "limit", "This parameter came twice."),
        ("wrong=1", "wrong", "There is no such parameter here."),
        ("search=%00", "search", "This holds a character that nothing here has."),
    ] {
        let problem = get(&app, &token, &format!("/api/user/users?{query}")).await.must_be_problem(400, "bad_request");
        assert_eq!(problem["errors"], serde_json::json!([{ "parameter": parameter, "detail": detail }]), "{query}");
    }
    for (body, pointer, detail) in [
        ("[]", "", "Expected an object."),
        ("{}", "/enforce", "Expected true or false."),
        (r#"{"enforce": 1}"#, "/enforce", "Expected true or false."),
        (r#"{"enforce": true, "grace_days": 1.5}"#, "/grace_days", "Expected a whole number."),
        (r#"{"enforce": true, "a/b": 1}"#, "/a~1b", "There is no such field here."),
        (r#"{"enforce": tru"#, "", "This is not JSON: it ends too early."),
        ("{\n  x}", "", "This is not JSON from line 2, column 3 on."),
    ] {
        let problem = put(&app, &token, "/api/user/org/mfa", body).await.must_be_problem(400, "bad_request");
        assert_eq!(problem["errors"], serde_json::json!([{ "pointer": pointer, "detail": detail }]), "{body}");
    }
}
