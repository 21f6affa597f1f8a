//! A mistake of ours in one request is the end of that request, and of nothing else.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use vestibule::routes;

use crate::support::node::Node;
use crate::support::{BY_PHONE, TestApp};

fn with_a_mistake(routes: &mut ServiceConfig) {
    routes.route("/a-mistake", web::get().to(mistaken));
    routes::configure(routes);
}

async fn mistaken() -> HttpResponse {
    panic!("a secret that was being looked at")
}

/// ASVS 16.5.4, 16.5.1: an answer of ours with every header, nothing from inside, and the portal goes on.
#[tokio::test]
async fn a_panic_costs_one_request() {
    let first = TestApp::spawn().await;
    let node = Node::with(&first, with_a_mistake).await;
    let mut browser = first.browser();
    browser.move_to(&node.base);
    first.sign_in(&mut browser, BY_PHONE, false, "member.none").await;
    for _ in 0..20 {
        let answer = browser.get_only("/a-mistake").await;
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("secret") && answer.body.contains("Something went wrong"), "{}", answer.body);
        for header in ["content-security-policy", "strict-transport-security", "x-content-type-options"] {
            assert!(answer.header(header).is_some(), "{header}");
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        browser.get("/home").await;
        browser.must_be_at("/home");
    }
}
