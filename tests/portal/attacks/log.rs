//! What the real program writes to its log while people sign in, guess and forge: every line whole, in UTC,
//! with what an investigation needs, and no secret in any.

use serde_json::Value;

use crate::faults::senders::code_in_mail;
use crate::support::program::Program;
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::{BY_EMAIL, Browser};

const GUESS: &str = "a wrong guess that nobody else types";
/// C1 controls too, which JSON may hold as they are.
const FORGED: &str = "x@nowhere.example\r\n{\"level\":\"INFO\",\"message\":\"forged\"}\u{1b}[2J\u{9b}2J";

fn lines(program: &Program) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    program.log().lines().map(parse).collect()
}

fn has(lines: &[Value], message: &str, fields: &[(&str, &str)]) -> bool {
    let fits = |line: &Value| line["message"] == message && fields.iter().all(|(name, value)| line[name] == *value);
    lines.iter().any(fits)
}

/// Waits for a line that a worker writes.
async fn until_logged(program: &Program, message: &str) {
    for _ in 0..1_200 {
        if has(&lines(program), message, &[]) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no line says {message:?}:\n{}", program.log());
}

/// One wrong and one right sign-in by e-mail, with a mail server that refuses at first; the code.
async fn signs_in(program: &Program, mail: &SmtpServer, browser: &mut Browser, email: &str, password: &str) -> String {
    browser.choose(BY_EMAIL, true).await;
    browser.sign_in_as(email, GUESS).await;
    browser.sign_in_as(email, password).await;
    browser.must_be_at("/login/verify/email");
    mail.behave(Behavior::AnswerRecipient(451));
    browser.click("Send verification code").await;
    until_logged(program, "a message will be tried again").await;
    mail.behave(Behavior::Accept);
    until_logged(program, "a message was handed over").await;
    let code = code_in_mail(mail, email).expect("a code");
    browser.get("/login/verify/email").await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    code
}

/// ASVS 16.2.1, 16.2.2, 16.2.4, 16.2.5, 16.3.1, 16.3.3, 16.3.4, 16.4.1.
#[tokio::test]
async fn the_log_tells_what_happened_and_no_secret() {
    vestibule::outbox::network::use_ring();
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    let http = http.expect("a client");
    program.start(&http).await;
    let email = vestibule::domain::sample::address("email.only").expect("an address");
    let password = program.people.people["email.only"].password.clone().expect("a password");
    let mut browser = Browser::new(http.clone(), &program.base, true).from("198.51.100.7");
    let code = signs_in(&program, &mail, &mut browser, &email, &password).await;

    // Guessing until it is throttled, a line that would forge another, a form without its token.
    let mut guesser = Browser::new(http.clone(), &program.base, true).from("198.51.100.8");
    guesser.choose(BY_EMAIL, false).await;
    for _ in 0..6 {
        guesser.sign_in_as("nobody@nowhere.example", GUESS).await;
    }
    assert_eq!(guesser.status(), 429);
    guesser.get("/login/email").await;
    guesser.sign_in_as(FORGED, GUESS).await;
    let forged = guesser.ask(reqwest::Method::POST, "/login/email", &[], Some(&[])).await;
    assert_eq!(forged.status, 403);

    let lines = lines(&program);
    for line in &lines {
        assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "UTC: {line}");
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    let audit =
        |action, result| has(&lines, "audit", &[("action", action), ("result", result), ("address", "198.51.100.7")]);
    assert!(audit("password", "failure") && audit("password", "success") && audit("code_sent", "success"));
    assert!(audit("second_step", "success") && audit("sign_in", "success"));
    let copies: Vec<&Value> = lines.iter().filter(|l| l["target"] == "audit").collect();
    assert!(copies.iter().all(|l| l["request_id"].is_string() && l["at"].as_str().is_some_and(|at| at.ends_with('Z'))));
    // Each entry that was kept, once, with what it says of who and where; nothing that was not kept.
    let kept = program.open().lines(
        "SELECT id || ' ' || actor_kind || ' ' || coalesce(actor_id, '-') || ' ' || action || ' ' || result || ' ' ||
         coalesce(subject_user_id, '-') || ' ' || coalesce(organization_id, '-') || ' ' || coalesce(session_id, '-')
         || ' ' || address || ' ' || request_id AS line FROM audit_entries WHERE request_id <> '' ORDER BY id",
    );
    let word = |line: &Value, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let names = ["id", "actor_kind", "actor", "action", "result", "subject", "organization", "session", "address"];
    let told = |line: &Value| format!("{} {}", names.map(|name| word(line, name)).join(" "), word(line, "request_id"));
    let mut told: Vec<String> = copies.iter().filter(|l| l["request_id"] != "").map(|l| told(l)).collect();
    told.sort();
    let since: Vec<String> = kept.into_iter().filter(|line| told.first().is_some_and(|first| line >= first)).collect();
    assert!(told.len() > 8, "{told:#?}");
    assert_eq!(told, since);
    assert!(has(&lines, "a password was throttled", &[("address", "198.51.100.8")]));
    assert!(has(&lines, "a form without its CSRF token", &[]));
    assert!(!has(&lines, "forged", &[]));

    let log = program.log();
    assert!(!log.chars().any(|c| c.is_control() && c != '\n'), "no control character reaches a terminal");
    let mut secrets = vec![GUESS.to_owned(), password, guesser.token(), browser.token()];
    secrets.extend(["vestibule", "remember", "device", "browser"].iter().filter_map(|name| browser.cookie(name)));
    assert!(secrets.len() >= 7, "{}", secrets.len());
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log:\n{log}");
    }
    // By whole words: six digits may well stand within a time or an id.
    let words = lines.iter().flat_map(|line| line.as_object().into_iter().flatten());
    let texts = words.filter(|(name, _)| *name != "timestamp").filter_map(|(_, value)| value.as_str());
    let holds = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric())).any(|word| word == code);
    assert!(!holds, "the code is in the log:\n{log}");
}
