//! Passwords of every kind, from the form that sets them to the form that asks for them.

use crate::support::{BY_PHONE, Browser, TestApp};

const DAYS: i64 = 86_400;

async fn change(browser: &mut Browser, current: &str, new: &str) {
    browser.get("/security/password").await;
    browser.fill("Current Password", current).fill("New Password", new).fill("Confirm New Password", new);
    browser.click("Save").await;
}

async fn gets_in(app: &TestApp, password: &str) -> bool {
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&app.email("member.none"), password).await;
    browser.path() == "/home"
}

/// ASVS 6.2.5, 6.2.8, 6.2.9; NIST 3.1.1.2: any characters, spaces at the ends, long ones; the whole of it
/// counts, and in the form in which another keyboard writes it.
#[tokio::test]
async fn a_password_counts_as_it_was_typed() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let mut current = app.password("member.none");
    let of_64 = format!("{}tail", "Quiet otters 7 ".repeat(4));
    let of_256: String = "Otter, lamp & 9 quinces; ".chars().cycle().take(256).collect();
    assert_eq!((of_64.chars().count(), of_256.chars().count()), (64, 256));
    let cases = [" seven otters dance ", "🦦🦦 siete nutrias 🕯 bailan", "caf\u{e9} tortoise lamp", &of_64, &of_256];
    for new in cases {
        change(&mut browser, &current, new).await;
        browser.must_be_at("/security").must_say("Your password was changed.");
        assert!(gets_in(&app, new).await, "{new:?}");
        let mut last = new.to_owned();
        last.pop();
        for wrong in [format!("{last}~"), last, new.to_uppercase(), format!("{new}x")] {
            assert!(!gets_in(&app, &wrong).await, "{wrong:?} in place of {new:?}");
            app.forget_limits("").await;
        }
        new.clone_into(&mut current);
        if new.starts_with("caf") {
            assert!(gets_in(&app, "cafe\u{301} tortoise lamp").await, "decomposed");
        }
    }
}

/// ASVS 6.2.10: no password grows too old.
#[tokio::test]
async fn a_password_of_last_year_is_as_good() {
    let app = TestApp::spawn().await;
    app.later(400 * DAYS);
    assert!(gets_in(&app, &app.password("member.none")).await);
}
