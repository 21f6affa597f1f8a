//! Nothing is lost, and nothing is tried for ever.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::TcpSocket;
use vestibule::models::MessageState;
use vestibule::outbox::message::Outgoing;
use vestibule::outbox::sender::{Receipt, SendError, Sender, Senders};
use vestibule::outbox::worker::{HandOver, wait_for_hand_over};

use super::fixture::{NOWHERE, Outbox, mail, senders, text};
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::twilio::{self, TwilioServer};

#[tokio::test]
async fn a_mail_server_that_was_down_gets_everything_once_it_is_up() {
    let outbox = Outbox::new();
    // Bound but not listening: connections are refused, and nobody else gets the port.
    let kept = TcpSocket::new_v4().expect("a socket");
    kept.set_reuseaddr(true).expect("a socket takes the option");
    kept.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let port = kept.local_addr().expect("a bound socket has an address").port();
    let worker = outbox.start(&senders(port, NOWHERE));
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(outbox.notice(mail(&format!("Notice {n}"))).await);
    }
    for id in &ids {
        let row = outbox.until(id, |row| row.last_error.is_some()).await;
        assert_eq!(row.state, MessageState::Queued);
    }
    let server = SmtpServer::start_at(kept).await;
    outbox.pass(10);
    for id in &ids {
        let row = outbox.until_sent(id).await;
        assert!(row.last_error.is_none() && row.sent_at.is_some() && row.provider_id.is_some());
    }
    assert_eq!(server.received().len(), 20);
    worker.stop().await;
}

#[tokio::test]
async fn a_mail_refused_for_now_is_tried_again_with_growing_delays() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerRecipient(451));
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let id = outbox.notice(mail("Later")).await;
    let mut delays = Vec::new();
    for attempt in 1..=4 {
        let row = outbox.until_tried(&id, attempt).await;
        delays.push((row.next_try_at - outbox.core.clock.now()).as_seconds_f32());
        assert_eq!(row.last_error.as_deref(), Some("the mail server answered 451"));
        outbox.pass(9);
    }
    // From the look at the row, so a little less than the delay itself.
    for (delay, (least, most)) in delays.iter().zip([(0.0, 1.1), (0.8, 2.2), (2.5, 4.4), (6.0, 8.8)]) {
        assert!((least..=most).contains(delay), "{delays:?}");
    }
    server.behave(Behavior::Accept);
    assert_eq!(outbox.until_sent(&id).await.attempts, 5);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_mail_refused_for_good_is_given_up_at_once_and_visibly() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerRecipient(550));
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let id = outbox.notice(mail("Nobody")).await;
    let row = outbox.until_failed(&id).await;
    assert_eq!((row.attempts, row.last_error.as_deref()), (1, Some("the mail server answered 550")));
    assert!(row.payload.is_none() && row.claimed_until.is_none() && row.sent_at.is_none());
}

#[tokio::test]
async fn a_message_whose_time_is_over_is_given_up_and_never_sent() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerRecipient(451));
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let tried = outbox.enqueue(mail("Tried"), None, time::Duration::minutes(5)).await;
    let last_minute = outbox.enqueue(mail("Last minute"), None, time::Duration::milliseconds(500)).await;
    outbox.until_tried(&tried, 1).await;
    let row = outbox.until_failed(&last_minute).await;
    assert!(row.last_error.as_deref().is_some_and(|why| why.starts_with("gave up after ")), "{:?}", row.last_error);
    server.behave(Behavior::Accept);
    outbox.pass(301);
    let row = outbox.until_failed(&tried).await;
    assert_eq!(row.last_error.as_deref(), Some("gave up after 1 attempt: the mail server answered 451"));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_mail_server_that_hangs_does_not_hold_up_text_messages() {
    let outbox = Outbox::new();
    let (server, gateway) = (SmtpServer::start(Security::None).await, TwilioServer::start().await);
    server.behave(Behavior::Hang);
    let mut mails = Vec::new();
    for n in 0..30 {
        mails.push(outbox.notice(mail(&format!("Stuck {n}"))).await);
    }
    let _worker = outbox.start(&senders(server.port, &gateway.base_url));
    outbox.until(&mails[0], |row| row.claimed_until.is_some()).await;
    let begun = Instant::now();
    for n in 0..20 {
        let id = outbox.notice(text(&n.to_string())).await;
        outbox.until_sent(&id).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    let mut claimed = 0;
    for id in &mails {
        claimed += usize::from(outbox.row(id).await.claimed_until.is_some());
    }
    assert_eq!(claimed, 6, "no more mails in flight than their places");
}

#[tokio::test]
async fn a_gateway_that_hangs_does_not_hold_up_mail() {
    let outbox = Outbox::new();
    let (server, gateway) = (SmtpServer::start(Security::None).await, TwilioServer::start().await);
    gateway.behave(twilio::Behavior::Hang);
    for n in 0..20 {
        outbox.notice(text(&n.to_string())).await;
    }
    let session = outbox.sign_in().await;
    for _ in 0..20 {
        outbox.call(&session).await;
    }
    let _worker = outbox.start(&senders(server.port, &gateway.base_url));
    let begun = Instant::now();
    let id = outbox.notice(mail("Through")).await;
    outbox.until_sent(&id).await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_page_learns_whether_its_message_is_out() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    let wait = |id: String, millis| {
        let core = outbox.core.clone();
        async move { wait_for_hand_over(&core, &id, Duration::from_millis(millis)).await.expect("the message is there") }
    };
    let good = outbox.notice(mail("Good")).await;
    let begun = Instant::now();
    assert_eq!(wait(good.clone(), 200).await, HandOver::Waiting);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    assert_eq!(wait(good, 20_000).await, HandOver::Sent);
    server.behave(Behavior::AnswerRecipient(451));
    let later = outbox.notice(mail("Later")).await;
    assert_eq!(wait(later, 20_000).await, HandOver::Failing);
    server.behave(Behavior::AnswerRecipient(550));
    let never = outbox.notice(mail("Never")).await;
    assert_eq!(wait(never, 20_000).await, HandOver::Failing);
    assert!(wait_for_hand_over(&outbox.core, "unknown", Duration::ZERO).await.is_err());
}

/// A sender with a fault of its own.
struct Panics;

impl Sender for Panics {
    fn send<'a>(&'a self, _message_id: &'a str, _out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async { panic!("a fault in a sender") }.boxed()
    }
}

/// ASVS 16.5.2.
#[tokio::test]
async fn a_sender_that_panics_costs_an_attempt_and_not_the_worker() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    let _worker = outbox.start(&Senders { sms: Arc::new(Panics), ..senders(server.port, NOWHERE) });
    let mut texts = Vec::new();
    for n in 0..12 {
        texts.push(outbox.notice(text(&n.to_string())).await);
    }
    for id in &texts {
        let row = outbox.until(id, |row| row.last_error.is_some()).await;
        assert_eq!(row.last_error.as_deref(), Some("the sender failed unexpectedly"));
    }
    let id = outbox.notice(mail("Fine")).await;
    outbox.until_sent(&id).await;
}
