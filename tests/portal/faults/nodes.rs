//! Two nodes on one database with the same keys: what one began, the other goes on with. With
//! `TEST_DATABASE_URL` this is PostgreSQL, where nodes are meant to share a database.

use crate::support::node::Node;
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

#[tokio::test]
async fn a_sign_in_begun_on_one_node_is_finished_on_the_other() {
    let first = TestApp::spawn().await;
    let second = Node::beside(&first).await;

    let mut browser = first.browser();
    browser.choose(BY_PHONE, true).await;
    browser.move_to(&second.base);
    browser.sign_in_as(&first.email("phone.only"), &first.password("phone.only")).await;
    browser.must_be_at("/login/verify/phone");
    browser.move_to(&first.base);
    browser.click("Send Code").await;
    let code = first.code_of("phone.only").await;
    browser.move_to(&second.base);
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
    for base in [&first.base, &second.base] {
        browser.move_to(base);
        browser.get("/security/sessions").await;
        browser.must_be_at("/security/sessions");
    }

    // What ends on one node has ended on the other; Remember Me holds on both.
    let mut stale = browser.clone();
    browser.click("Sign out").await;
    stale.move_to(&first.base);
    assert_ne!(stale.get("/home").await.path, "/home");
    browser.move_to(&first.base);
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/home");
}

/// ASVS 6.5.1, 15.4.2.
#[tokio::test]
async fn one_right_code_lets_one_in_however_many_nodes_are_asked() {
    let first = TestApp::spawn().await;
    let second = Node::beside(&first).await;
    let mut browser = first.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    let code = first.code_of("email.only").await;
    browser.fill("Verification code", &code).click("Verify code").await;

    let before = first.audited("email.only", "sign_in", "success").await;
    let mut posts = tokio::task::JoinSet::new();
    for n in 0..20 {
        let mut copy = browser.clone();
        copy.move_to(if n % 2 == 0 { &first.base } else { &second.base });
        posts.spawn(async move { copy.post("/login/verify/email/continue", &[]).await.path.clone() });
    }
    let ends = posts.join_all().await;
    assert_eq!(ends.iter().filter(|path| *path == "/home").count(), 1, "{ends:?}");
    assert_eq!(first.audited("email.only", "sign_in", "success").await, before + 1);
}
