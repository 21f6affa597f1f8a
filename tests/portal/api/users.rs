//! People and factors.

use std::collections::BTreeSet;

use serde_json::Value;

use super::client::{get, token_of};
use crate::support::TestApp;

const KEYS: [&str; 11] = [
    "account",
    "email",
    "first_name",
    "grace_until",
    "last_name",
    "last_sign_in",
    "mfa_status",
    "organization_id",
    "role",
    "user_id",
    "username",
];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// ASVS 15.3.1: what is told is on a list.
#[tokio::test]
async fn people_are_told_with_these_fields_and_no_others() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let all = get(&app, &token, "/api/user/users?limit=200").await;
    assert_eq!(all.status, 200);
    let all = all.json();
    assert_eq!(keys(&all), BTreeSet::from(["next_cursor", "users"]));
    let users = all["users"].as_array().expect("users");
    let harbor = app.organization_id("harbor_valley");
    assert!(users.len() > 15 && users.iter().all(|user| user["organization_id"] == harbor.as_str()));
    assert!(users.iter().all(|user| keys(user) == BTreeSet::from(KEYS)));
    let id = app.user_id("all.factors");
    let one = get(&app, &token, &format!("/api/user/users/{id}")).await.json();
    assert_eq!(Some(&one), users.iter().find(|user| user["user_id"] == id.as_str()));
    assert_eq!((one["mfa_status"].as_str(), one["account"].as_str()), (Some("enrolled"), Some("active")));
    let factors = get(&app, &token, &format!("/api/user/users/{id}/factors")).await;
    for secret in ["secret", "key", "hash", "token_hash"] {
        assert!(!factors.body.contains(&format!("\"{secret}\"")), "{}", factors.body);
    }
    let factors = factors.json();
    let kinds: BTreeSet<&str> =
        factors["factors"].as_array().expect("factors").iter().filter_map(|f| f["kind"].as_str()).collect();
    assert!(kinds.contains("authenticator") && kinds.contains("phone") && kinds.contains("email"), "{kinds:?}");
    let phone = factors["factors"].as_array().unwrap().iter().find(|f| f["kind"] == "phone").unwrap();
    assert!(phone["phone"].as_str().expect("a number").starts_with("XXX-XXX-"));
}

#[tokio::test]
async fn pages_search_and_status_find_people() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let (mut found, mut path) = (Vec::new(), "/api/user/users?limit=5".to_owned());
    loop {
        let page = get(&app, &token, &path).await.json();
        let users = page["users"].as_array().expect("users");
        assert!(users.len() <= 5);
        found.extend(users.iter().map(|user| user["user_id"].as_str().expect("an id").to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/user/users?limit=5&cursor={cursor}"),
            None => break,
        }
    }
    let once: BTreeSet<&String> = found.iter().collect();
    assert_eq!(once.len(), found.len(), "nobody twice");
    let by_name = get(&app, &token, "/api/user/users?search=carla%20esp").await.json();
    assert_eq!(by_name["users"][0]["username"], "member.none");
    assert_eq!(by_name["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(get(&app, &token, "/api/user/users?search=%25").await.json()["users"].as_array().map(Vec::len), Some(0));
    let locked = get(&app, &token, "/api/user/users?status=locked").await.json();
    assert_eq!(locked["users"][0]["username"], "locked");
    for status in ["SSO", "set-up%20pending", "in%20grace", "none", "exempt", "enrolled"] {
        let page = get(&app, &token, &format!("/api/user/users?status={status}")).await;
        assert_eq!(page.status, 200, "{status}");
    }
    for status in ["maybe", "", "in_grace", "sso", "Enrolled", "in%20grace%20until%202026-12-01", "setup_pending"] {
        let refused = get(&app, &token, &format!("/api/user/users?status={status}")).await;
        refused.must_be_problem(400, "bad_request");
    }
    get(&app, &token, "/api/user/users?cursor=maybe").await.must_be_problem(400, "bad_request");
}

/// ASVS 8.2.2: what is another organization's is answered like what is nobody's.
/// ASVS 8.4.1.
#[tokio::test]
async fn another_organizations_people_do_not_exist() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let (foreign, unknown) = (app.user_id("sole.owner"), "0198aaaa-0000-7000-8000-000000000000");
    for path in ["/api/user/users/ID", "/api/user/users/ID/factors", "/api/user/users?organization_id=ID"] {
        let a = get(&app, &token, &path.replace("ID", &foreign)).await;
        let b = get(&app, &token, &path.replace("ID", unknown)).await;
        a.must_be_problem(404, "not_found");
        assert_eq!((a.body, a.status), (b.body, b.status), "{path}");
    }
    let juniper = app.organization_id("juniper_street");
    get(&app, &token, &format!("/api/user/users?organization_id={juniper}")).await.must_be_problem(404, "not_found");
    let harbor = app.organization_id("harbor_valley");
    assert_eq!(get(&app, &token, &format!("/api/user/users?organization_id={harbor}")).await.status, 200);
}
