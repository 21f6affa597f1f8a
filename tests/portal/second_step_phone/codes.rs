//! Codes by text message: which are taken, and what a wrong one says.

use crate::support::{BY_PHONE, Browser, TestApp, other_than};

const WRONG: &str = "That code is not right. Check the newest text message and try again.";

/// At the form for the code, and the code.
async fn sent(app: &TestApp, username: &str) -> (Browser, String) {
    let mut browser = app.after_password(BY_PHONE, username).await;
    browser.click("Send Code").await;
    browser.must_be_at("/login/verify/phone/code");
    let code = app.code_of(username).await;
    (browser, code)
}

async fn enter(browser: &mut Browser, code: &str) {
    browser.post("/login/verify/phone/code", &[("code", code)]).await;
}

#[tokio::test]
async fn the_code_from_the_text_message_signs_in() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    browser
        .must_say("We have the following number on record for you.")
        .must_say("XXX-XXX-9885")
        .must_say("Enter your verification code below, or send a new code");
    assert!(!browser.answer.body.contains("5559885"), "the number is masked before the second step");
    let message = app.newest_is("phone.only", "sent").await;
    assert_eq!((message.channel.as_str(), message.to.as_str()), ("sms", "+16015559885"));
    assert!(message.text.contains(&code));
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home").must_say("Marcus");
    assert_eq!(app.audited("phone.only", "sign_in", "success").await, 1);
}

#[tokio::test]
async fn spaces_and_dashes_in_a_code_do_not_matter() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    browser.fill("Verification Code", &format!(" {} - {} ", &code[..3], &code[3..])).click("Verify Code").await;
    browser.must_be_at("/home");
}

/// What cannot be a code is no try.
#[tokio::test]
async fn what_is_no_six_digits_is_not_judged() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    for typed in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
        enter(&mut browser, typed).await;
        browser.must_say("Enter the 6-digit code.");
    }
    assert_eq!(app.audited("phone.only", "second_step", "failure").await, 0);
    enter(&mut browser, &code).await;
    browser.must_be_at("/home");
}

/// S8.
/// ASVS 6.5.1; NIST 3.1.3.2.
#[tokio::test]
async fn a_code_used_twice_is_refused() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    let mut copy = browser.clone();
    enter(&mut browser, &code).await;
    browser.must_be_at("/home");
    enter(&mut copy, &code).await;
    assert_eq!(copy.path(), "/login", "its sign-in went on under another id");
}

/// S8: five minutes from hand-over.
/// ASVS 6.5.5; NIST 3.1.3.2.
#[tokio::test]
async fn a_code_works_for_five_minutes_and_no_longer() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    let mut late = browser.clone();
    app.at(298);
    let mut wrong = browser.clone();
    enter(&mut wrong, &other_than(&code)).await;
    let words = wrong.page().texts("#errors");
    app.at(301);
    enter(&mut late, &code).await;
    assert_eq!(late.path(), "/login/verify/phone/code");
    assert_eq!(late.page().texts("#errors"), words, "the same words as for a wrong code");
    late.must_say(WRONG).must_say("The newest code has expired. Send a new code.");
    let there = late.page().attribute("#errors a", "href").expect("a link to what helps");
    assert_eq!(late.page().texts(&format!("button{there}")), ["Send a new code"]);
    app.at(298);
    enter(&mut browser, &code).await;
    browser.must_be_at("/home");
}

/// S8.
/// ASVS 6.6.2.
#[tokio::test]
async fn a_code_of_another_session_or_person_is_refused_with_the_same_words() {
    let app = TestApp::spawn().await;
    let (mut mine, my_code) = sent(&app, "phone.only").await;
    let (mut elsewhere, second) = sent(&app, "phone.only").await;
    let (_, of_somebody_else) = sent(&app, "aalmasri").await;
    for foreign in [second.as_str(), of_somebody_else.as_str()] {
        if foreign != my_code {
            enter(&mut mine, foreign).await;
            assert_eq!(mine.path(), "/login/verify/phone/code");
            mine.must_say(WRONG);
        }
    }
    if my_code != second {
        enter(&mut elsewhere, &my_code).await;
        elsewhere.must_say(WRONG);
    }
    enter(&mut mine, &my_code).await;
    mine.must_be_at("/home");
}

/// S8: a code for the phone is no code for the e-mail.
/// ASVS 6.6.2.
#[tokio::test]
async fn a_code_by_text_message_is_not_taken_on_the_page_for_email() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "owner.two").await;
    browser.post("/login/verify/email/code", &[("code", &code)]).await;
    browser.must_say("That code is not right.");
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login/verify/phone");
}

/// SECURITY section 2: five tries, then the code and its sign-in die.
/// ASVS 6.3.5, 6.6.3; NIST 3.1.3.2.
#[tokio::test]
async fn the_fifth_wrong_code_ends_the_sign_in() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "phone.only").await;
    for _ in 0..4 {
        enter(&mut browser, &other_than(&code)).await;
        browser.must_say(WRONG);
    }
    let mut copy = browser.clone();
    enter(&mut browser, &other_than(&code)).await;
    browser.must_be_at("/login").must_say("That was the last try");
    enter(&mut copy, &code).await;
    assert_eq!(copy.path(), "/login", "the right code comes too late");
    assert_eq!(app.count_of("phone.only", "wrong_second_factor").await, 1, "told once, at the third");
}

/// SPEC section 2: several phones, radio buttons, last used first.
#[tokio::test]
async fn several_phones_are_offered_and_the_last_used_comes_first() {
    let app = TestApp::spawn().await;
    app.second_phone("phone.only", "+16015550177").await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    let offered = browser.page().texts("label.radio .code");
    assert_eq!(offered, ["XXX-XXX-9885", "XXX-XXX-0177"]);
    assert!(browser.page().is_checked("9885") && !browser.page().is_checked("0177"));
    browser.check("0177", true).click("Send Code").await;
    browser.must_say("XXX-XXX-0177");
    assert_eq!(app.newest_is("phone.only", "sent").await.to, "+16015550177");
    let code = app.code_of("phone.only").await;
    enter(&mut browser, &code).await;
    browser.must_be_at("/home");
    let again = app.after_password(BY_PHONE, "phone.only").await;
    assert_eq!(again.page().texts("label.radio .code"), ["XXX-XXX-0177", "XXX-XXX-9885"]);
    assert!(again.page().is_checked("0177"));
}

/// S8: the number of somebody else, or what is no phone at all, gets nothing.
/// ASVS 6.6.1; NIST 3.1.3.3.
#[tokio::test]
async fn a_code_goes_to_nothing_but_a_phone_of_ones_own() {
    let app = TestApp::spawn().await;
    // Phone and authenticator, no e-mail codes.
    let mut browser = app.after_password(BY_PHONE, "jnunez").await;
    let foreign = app.factor_id("phone.only", "phone");
    let authenticator = app.factor_id("jnunez", "authenticator");
    for (factor, what) in [(foreign, "somebody else's phone"), (authenticator, "an authenticator")] {
        for how in ["sms", "call"] {
            browser.post("/login/verify/phone", &[("factor", &factor), ("how", how)]).await;
            browser.must_be_at("/login/verify/phone").must_say("This way cannot be used now.");
        }
        assert_eq!(app.outbox_of("jnunez").await.iter().filter(|m| m.kind.starts_with("sign_in")).count(), 0, "{what}");
    }
    browser.click("Send Code").await;
    let authenticator = app.factor_id("jnunez", "authenticator");
    app.later(31);
    browser.post("/login/verify/phone/resend", &[("factor", &authenticator)]).await;
    assert_eq!(app.count_of("jnunez", "sign_in_code").await, 1);
}

/// SECURITY section 2: fifty posts of one right code, exactly one session. ASVS 6.5.1.
#[tokio::test]
async fn fifty_posts_of_one_right_code_make_one_session() {
    let app = TestApp::spawn().await;
    let (browser, code) = sent(&app, "phone.only").await;
    assert_eq!(app.fifty_posts(&browser, "/login/verify/phone/code", &[("code", &code)]).await, 1);
    assert_eq!(app.audited("phone.only", "sign_in", "success").await, 1);
}
