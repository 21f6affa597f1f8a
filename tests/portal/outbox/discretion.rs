//! What stays in rows, logs and counters, and what does not.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusBuilder;
use vestibule::domain::{Core, restored};
use vestibule::models::MessageState;
use vestibule::outbox::queue;
use vestibule::outbox::worker;
use vestibule::secrets::{KeyRing, Secret, random};

use super::fixture::{ADDRESS, CODE, NOWHERE, NUMBER, Outbox, mail, senders, text};
use crate::support::log::Log;
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::twilio::{self, TwilioServer};

/// ASVS 16.2.5.
#[tokio::test]
async fn neither_logs_nor_errors_hold_codes_or_recipients_and_the_counters_count() {
    let log = Log::listen();
    let recorder = PrometheusBuilder::new().build_recorder();
    let counted = recorder.handle();
    let _counted = metrics::set_default_local_recorder(&recorder);

    let outbox = Outbox::new();
    let (server, gateway) = (SmtpServer::start(Security::None).await, TwilioServer::start().await);
    let worker = outbox.start(&senders(server.port, &gateway.base_url));
    let mut errors = Vec::new();
    server.behave(Behavior::AnswerRecipient(451));
    let session = outbox.sign_in().await;
    let code = outbox.code(&session, mail(&format!("{CODE} is your code"))).await;
    errors.push(outbox.until_tried(&code, 1).await.last_error);
    server.behave(Behavior::Accept);
    outbox.pass(3);
    outbox.until_sent(&code).await;
    gateway.behave(twilio::Behavior::Error(400, 21211));
    let other = outbox.sign_in().await;
    let refused = outbox.code(&other, text(&format!("{CODE} is your code"))).await;
    errors.push(outbox.until_failed(&refused).await.last_error);
    worker.stop().await;

    let errors: Vec<String> = errors.into_iter().flatten().collect();
    assert_eq!(errors.len(), 2);
    let log = log.text();
    assert!(log.contains("a message was handed over") && log.contains("a message was given up"), "{log}");
    for secret in [CODE, ADDRESS, NUMBER, &NUMBER[1..]] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        assert!(errors.iter().all(|error| !error.contains(secret)), "{secret} is in {errors:?}");
    }
    let counted = counted.render();
    assert!(counted.contains(r#"vestibule_outbox_sent_total{channel="email"} 1"#), "{counted}");
    assert!(counted.contains(r#"vestibule_outbox_failed_total{channel="sms"} 1"#), "{counted}");
    assert!(counted.contains("vestibule_outbox_queued "), "{counted}");
}

/// ASVS 14.2.4, 14.2.7.
#[tokio::test]
async fn the_text_is_erased_once_it_is_out_save_in_a_demo() {
    let server = SmtpServer::start(Security::None).await;
    let senders = senders(server.port, NOWHERE);
    let (outbox, demo) = (Outbox::new(), Outbox::demo());
    let _workers = [outbox.start(&senders), demo.start(&senders)];
    let id = outbox.notice(mail("Erased")).await;
    let row = outbox.until_sent(&id).await;
    assert!(row.payload.is_none() && row.payload_key_id.is_none());
    let id = demo.notice(mail("Kept")).await;
    let row = demo.until_sent(&id).await;
    let kept = queue::open(&demo.core.keys, &row).expect("it opens").expect("it is there");
    assert_eq!(kept.outgoing.to(), ADDRESS);
}

#[tokio::test]
async fn a_message_whose_key_is_missing_fails_visibly_and_holds_up_nobody() {
    let outbox = Outbox::new();
    let server = SmtpServer::start(Security::None).await;
    let lost = outbox.notice(mail("Lost")).await;
    let keys = vec![("new".to_owned(), Secret::new(random::bytes()))];
    let keys = Arc::new(KeyRing::new(keys, &Secret::new(random::bytes())));
    let rekeyed = Outbox { core: Core { keys, ..outbox.core.clone() }, db: outbox.db };
    let _worker = worker::start(rekeyed.core.clone(), senders(server.port, NOWHERE));
    let row = rekeyed.until_failed(&lost).await;
    assert_eq!((row.attempts, row.last_error.as_deref()), (1, Some("the stored message does not open")));
    let fine = rekeyed.notice(mail("Fine")).await;
    rekeyed.until_sent(&fine).await;
}

/// After a restore, a key may be gone that a message of the copy was sealed with.
#[tokio::test]
async fn a_message_whose_key_is_missing_does_not_keep_a_restore_from_ending_what_is_open() {
    let outbox = Outbox::new();
    let session = outbox.sign_in().await;
    let (code, lost) = (outbox.code(&session, mail("Code")).await, outbox.notice(mail("Lost")).await);
    let keys = vec![("new".to_owned(), Secret::new(random::bytes()))];
    let keys = Arc::new(KeyRing::new(keys, &Secret::new(random::bytes())));
    let rekeyed = Outbox { core: Core { keys, ..outbox.core.clone() }, db: outbox.db };
    let fine = rekeyed.notice(mail("Fine")).await;
    restored::told(&rekeyed.core).await.expect("everything ends");
    for gone in [&code, &lost] {
        assert_eq!(rekeyed.row(gone).await.state, MessageState::Failed);
    }
    assert_eq!(rekeyed.row(&fine).await.state, MessageState::Queued, "a notice still goes out");
}
