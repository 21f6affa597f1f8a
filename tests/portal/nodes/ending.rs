//! One node that is asked to end.

use crate::command_line::create_owner::IDA;
use crate::support::program::{Database, Program, client};
use crate::support::smtp::{Security, SmtpServer};
use crate::support::{BY_PHONE, Browser};

/// `/readyz` tells the truth: 503 from the signal on, while pages are still answered on connections that are
/// not kept, and the program ends with 0.
#[tokio::test]
async fn a_node_that_is_asked_to_end_says_so_and_answers_on() {
    vestibule::outbox::network::use_ring();
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare_with(mail.port, &["drain_seconds = 8"]);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    let client = client.expect("a client");
    program.start(&client).await;
    let mut browser = Browser::new(client.clone(), &program.base, true);
    browser.choose(BY_PHONE, false).await;
    let email = vestibule::domain::sample::address("member.none").expect("an address");
    let password = program.people.people["member.none"].password.clone().expect("a password");
    browser.sign_in_as(&email, &password).await;
    browser.must_be_at("/home");
    assert_ne!(browser.get_only("/readyz").await.header("connection"), Some("close"));

    program.ask_to_end();
    while browser.get_only("/readyz").await.status == 200 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let ready = browser.get_only("/readyz").await;
    assert_eq!((ready.status, ready.header("connection")), (503, Some("close")), "{}", ready.body);
    assert!(ready.body.contains("stopping"), "{}", ready.body);
    assert_eq!(browser.get_only("/healthz").await.status, 200, "it lives");
    browser.get("/home").await;
    browser.must_be_at("/home");
    assert_eq!(program.exit_code(), Some(0));
}

/// Whoever copies the one file afterwards has all of it.
#[tokio::test]
async fn a_node_that_has_ended_leaves_its_database_whole_in_one_file() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare_with(mail.port, &["drain_seconds = 0"]);
    let http = client();
    program.start(&http).await;
    let mut browser = Browser::new(http, &program.base, true);
    browser.choose(BY_PHONE, false).await;
    let email = vestibule::domain::sample::address("member.none").expect("an address");
    let password = program.people.people["member.none"].password.clone().expect("a password");
    browser.sign_in_as(&email, &password).await;
    browser.must_be_at("/home");
    program.ask_to_end();
    assert_eq!(program.exit_code(), Some(0));
    assert_eq!(program.beside_the_file(), 0, "bytes of it lie in its log");

    let alone = program.path("alone.db");
    std::fs::copy(program.path("vestibule.db"), &alone).expect("it is copied");
    let mut database = Database::at(&alone);
    database.is_whole();
    let sessions = database.lines("SELECT count(*) || '' AS line FROM sessions WHERE stage = 'signed_in'");
    assert_ne!(sessions, ["0"]);
}

/// A command that wrote, too.
#[tokio::test]
async fn a_command_leaves_the_database_whole_in_one_file() {
    let mail = SmtpServer::start(Security::None).await;
    let program = Program::prepare(mail.port);
    program.forget_everybody();
    let ran = program.run(&["migrate"], "");
    assert_eq!((ran.code, program.beside_the_file()), (0, 0), "{ran:?}");
    let ran = program.run(&IDA, "");
    assert_eq!((ran.code, program.beside_the_file()), (0, 0), "{ran:?}");
    let ran = program.run(&["rotate-keys"], "");
    assert_eq!((ran.code, program.beside_the_file()), (0, 0), "{ran:?}");
}
