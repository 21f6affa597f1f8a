//! Many workers, workers that die, and clocks that jump.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use vestibule::domain::Core;
use vestibule::models::MessageState;
use vestibule::outbox::worker;

use super::fixture::{NOWHERE, Outbox, mail, senders, text};
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::twilio::TwilioServer;

#[tokio::test]
async fn two_nodes_send_each_of_200_messages_once() {
    let outbox = Outbox::new();
    let (server, gateway) = (SmtpServer::start(Security::None).await, TwilioServer::start().await);
    let senders = senders(server.port, &gateway.base_url);
    let mut ids = Vec::new();
    for n in 0..100 {
        ids.push(outbox.notice(mail(&format!("Mail {n}"))).await);
        ids.push(outbox.notice(text(&format!("Text {n}"))).await);
    }
    let other = Core { db: outbox.db.another_node(), outbox: Arc::new(Notify::new()), ..outbox.core.clone() };
    let workers = [outbox.start(&senders), worker::start(other, senders.clone())];
    for id in &ids {
        assert_eq!(outbox.until_sent(id).await.attempts, 1);
    }
    for worker in workers {
        worker.stop().await;
    }
    let mails: Vec<_> = server.received().iter().filter_map(|mail| mail.header("Subject")).collect();
    let texts: Vec<_> = gateway.received().iter().map(|text| text.one("Body").to_owned()).collect();
    assert_eq!((mails.len(), texts.len()), (100, 100));
    let different: HashSet<_> = mails.iter().chain(&texts).collect();
    assert_eq!(different.len(), 200);
}

#[tokio::test]
async fn what_a_node_held_when_it_died_goes_out_after_the_lease() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::Hang);
    let senders = senders(server.port, NOWHERE);
    let dying = outbox.start(&senders);
    let id = outbox.notice(mail("Orphan")).await;
    outbox.until(&id, |row| row.claimed_until.is_some()).await;
    drop(dying);
    server.behave(Behavior::Accept);
    let _worker = outbox.start(&senders);
    // Two rounds of the new worker.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let row = outbox.row(&id).await;
    assert_eq!((row.state, row.attempts), (MessageState::Queued, 1), "the lease still holds");
    outbox.pass(61);
    assert_eq!(outbox.until_sent(&id).await.attempts, 2);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_worker_that_is_stopped_finishes_what_it_holds_and_takes_nothing_more() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerAfter(Duration::from_secs(1)));
    let worker = outbox.start(&senders(server.port, NOWHERE));
    let held = outbox.notice(mail("Held")).await;
    outbox.until(&held, |row| row.claimed_until.is_some()).await;
    worker.stop().await;
    assert_eq!(outbox.row(&held).await.state, MessageState::Sent);
    let after = outbox.notice(mail("After")).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(outbox.row(&after).await.attempts, 0);
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_sends_nothing_twice() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerAfter(Duration::from_secs(2)));
    let worker = outbox.start(&senders(server.port, NOWHERE));
    let id = outbox.notice(mail("Once")).await;
    outbox.until(&id, |row| row.claimed_until.is_some()).await;
    outbox.pass(3_600);
    tokio::time::sleep(Duration::from_millis(700)).await;
    outbox.pass(3_600);
    assert_eq!(outbox.until_sent(&id).await.attempts, 1);
    worker.stop().await;
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_nothing_waiting() {
    let outbox = Outbox::new();
    outbox.core.clock.set_offset(86_400);
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerRecipient(451));
    let _worker = outbox.start(&senders(server.port, NOWHERE));
    let id = outbox.notice(mail("Tomorrow")).await;
    outbox.until_tried(&id, 1).await;
    server.behave(Behavior::Accept);
    outbox.core.clock.set_offset(0);
    outbox.until_sent(&id).await;
}
