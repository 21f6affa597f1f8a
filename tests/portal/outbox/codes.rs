//! Codes and calls: when their life begins, and which of them never go out.

use std::time::Duration;

use vestibule::domain::limits;
use vestibule::models::{CallState, phone_calls, sessions};

use super::fixture::{LIFE, NOWHERE, Outbox, mail, senders, text};
use crate::support::smtp::{self, Security, SmtpServer};
use crate::support::twilio::{Behavior, TwilioServer};

#[tokio::test]
async fn a_code_lives_from_its_hand_over_however_slow_the_mail_server() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(smtp::Behavior::AnswerAfter(Duration::from_millis(1_500)));
    let session = outbox.sign_in().await;
    let id = outbox.code(&session, mail("Your code")).await;
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let row = outbox.until_sent(&id).await;
    let code = outbox.code_row(&id).await;
    let (sent, ends) = (row.sent_at.expect("it was sent"), code.expires_at.expect("its life began"));
    assert_eq!(ends - sent, time::Duration::seconds(LIFE));
    assert!(sent - row.created_at >= time::Duration::milliseconds(1_500));
}

#[tokio::test]
async fn a_code_that_was_replaced_never_goes_out() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(smtp::Behavior::AnswerRecipient(451));
    let session = outbox.sign_in().await;
    let waiting = outbox.code(&session, mail("Waiting")).await;
    let newer = outbox.code(&session, mail("Newer")).await;
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let row = outbox.until_failed(&waiting).await;
    assert_eq!(row.last_error.as_deref(), Some("replaced"));
    // The newer one fails once, and is then replaced while it waits for its second attempt.
    outbox.until_tried(&newer, 1).await;
    let newest = outbox.code(&session, mail("Newest")).await;
    server.behave(smtp::Behavior::Accept);
    outbox.pass(5);
    outbox.until_sent(&newest).await;
    let row = outbox.until_failed(&newer).await;
    assert_eq!(row.last_error.as_deref(), Some("replaced"));
    let subjects: Vec<_> = server.received().iter().filter_map(|mail| mail.header("Subject")).collect();
    assert_eq!(subjects, ["Newest"]);
}

#[tokio::test]
async fn a_code_and_a_call_whose_sign_in_is_over_never_go_out() {
    let outbox = Outbox::new();
    let gateway = TwilioServer::start().await;
    let (over, ended) = (outbox.sign_in().await, outbox.sign_in().await);
    let (code, call) = (outbox.code(&over, text("Code")).await, outbox.call(&over).await);
    let ended_call = outbox.call(&ended).await;
    outbox
        .write(move |conn| {
            sessions::delete(conn, &over.id)?;
            phone_calls::end_all(conn, &ended.id)
        })
        .await;
    let _worker = outbox.start(&senders(1, &gateway.base_url));
    for id in [code, call, ended_call] {
        assert_eq!(outbox.until_failed(&id).await.last_error.as_deref(), Some("no longer needed"));
    }
    assert!(gateway.received().is_empty());
}

#[tokio::test]
async fn a_call_can_be_answered_for_a_minute_from_its_hand_over() {
    let outbox = Outbox::new();
    let gateway = TwilioServer::start().await;
    let session = outbox.sign_in().await;
    let id = outbox.call(&session).await;
    let _worker = outbox.start(&senders(1, &gateway.base_url));
    let sent = outbox.until_sent(&id).await;
    let call = outbox.call_row(&id).await;
    assert_eq!(call.state, CallState::Ringing);
    assert_eq!(call.expires_at, sent.sent_at.map(|at| at + time::Duration::seconds(60)));
    assert_eq!(sent.provider_id.as_deref(), Some(gateway.received()[0].sid.as_str()));
}

#[tokio::test]
async fn a_call_that_is_refused_fails_and_gives_its_send_back() {
    let outbox = Outbox::new();
    let gateway = TwilioServer::start().await;
    gateway.behave(Behavior::Error(400, 21211));
    let session = outbox.sign_in().await;
    let id = outbox.call(&session).await;
    let _worker = outbox.start(&senders(1, &gateway.base_url));
    let row = outbox.until_failed(&id).await;
    assert_eq!(row.last_error.as_deref(), Some("the gateway answered 400, error 21211"));
    assert_eq!(outbox.call_row(&id).await.state, CallState::Failed);
    let session = outbox.session(&session).await;
    assert_eq!((session.sends, session.last_send_at), (1, None));
}

#[tokio::test]
async fn the_first_failure_of_a_code_gives_its_send_back_and_later_ones_do_not() {
    let outbox = Outbox::new();
    let gateway = TwilioServer::start().await;
    gateway.behave(Behavior::Error(503, 20503));
    let session = outbox.sign_in().await;
    let id = outbox.code(&session, text("Code")).await;
    let _worker = outbox.start(&senders(1, &gateway.base_url));
    outbox.until_tried(&id, 1).await;
    let after = outbox.session(&session).await;
    assert_eq!((after.sends, after.last_send_at), (1, None));
    outbox.pass(2);
    outbox.until_tried(&id, 2).await;
    assert_eq!(outbox.session(&session).await.sends, 1);
    assert!(outbox.code_row(&id).await.expires_at.is_none());
    gateway.behave(Behavior::Accept);
    outbox.pass(3);
    outbox.until_sent(&id).await;
    assert!(outbox.code_row(&id).await.expires_at.is_some());
}

#[tokio::test]
async fn a_notice_that_fails_gives_nothing_back() {
    let outbox = Outbox::new();
    let gateway = TwilioServer::start().await;
    gateway.behave(Behavior::Error(400, 21211));
    let session = outbox.sign_in().await;
    let _worker = outbox.start(&senders(1, &gateway.base_url));
    let id = outbox.enqueue(text("Notice"), None, limits::NOTICE_LIFE).await;
    outbox.until_failed(&id).await;
    assert_eq!(outbox.session(&session).await.sends, 2);
}
