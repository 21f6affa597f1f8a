//! 300 requests in five minutes. ASVS 2.4.1.

use super::client::{get, token_of};
use crate::support::TestApp;

/// ASVS 2.4.1.
#[tokio::test]
async fn a_token_has_300_requests_in_five_minutes() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let first = get(&app, &token, "/api/delivery/deliveries?limit=1").await;
    assert_eq!((first.header("ratelimit-limit"), first.header("ratelimit-remaining")), ("300", "299"));
    app.sql("UPDATE throttles SET count = 299 WHERE key LIKE 'api:token:%'".into()).await;
    let last = get(&app, &token, "/api/delivery/deliveries?limit=1").await;
    assert_eq!((last.status, last.header("ratelimit-remaining")), (200, "0"));
    let refused = get(&app, &token, "/api/delivery/deliveries?limit=1").await;
    refused.must_be_problem(429, "too_many_requests");
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&wait));
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    app.later(wait);
    assert_eq!(get(&app, &token, "/api/delivery/deliveries?limit=1").await.status, 200);
}

/// Guessing tokens counts by address.
/// ASVS 2.4.1.
#[tokio::test]
async fn an_address_has_300_requests_in_five_minutes() {
    let app = TestApp::behind_proxy().await;
    let ask = async |address: &str| {
        let request = app.http.get(format!("{}/api/audit/entries", app.base));
        let request = request.header("X-Forwarded-For", address).header("Authorization", "Bearer guess");
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(ask("203.0.113.9").await, 401);
    app.sql("UPDATE throttles SET count = 300 WHERE key LIKE 'api:address:%'".into()).await;
    assert_eq!(ask("203.0.113.9").await, 429);
    assert_eq!(ask("203.0.113.10").await, 401);
}
