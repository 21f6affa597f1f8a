//! The sender of demo mode.

use std::time::Duration;

use vestibule::outbox::message::{Call, Channel, Email, Outgoing, Sms};
use vestibule::outbox::sandbox::{Mode, SLOW, SandboxSender, Switches};
use vestibule::outbox::sender::{Receipt, SendError, Sender};

fn outgoing(channel: Channel) -> Outgoing {
    let to = "x@y.example".to_owned();
    match channel {
        Channel::Email => Outgoing::Email(Email {
            to,
            to_name: None,
            subject: String::new(),
            text: String::new(),
            html: String::new(),
        }),
        Channel::Sms => Outgoing::Sms(Sms { to, text: String::new() }),
        Channel::Call => {
            Outgoing::Call(Call { to, answer_url: String::new(), status_url: String::new(), ring_seconds: 60 })
        }
    }
}

#[tokio::test]
async fn each_channel_has_its_own_switch_and_copies_share_them() {
    let sandbox = SandboxSender::default();
    let copy = sandbox.clone();
    let parsed: Switches = serde_json::from_str(r#"{"email":"fail","call":"slow"}"#).expect("switches");
    copy.set(parsed);
    copy.set(Switches { call: Some(Mode::Ok), ..Switches::default() });
    for (channel, mode) in [(Channel::Email, Mode::Fail), (Channel::Sms, Mode::Ok), (Channel::Call, Mode::Ok)] {
        assert_eq!(sandbox.mode(channel), mode, "{channel}");
        let result = sandbox.send("1", &outgoing(channel)).await;
        assert_eq!(matches!(result, Err(SendError::Retry { .. })), mode == Mode::Fail, "{channel}: {result:?}");
    }
    assert!(serde_json::from_str::<Switches>(r#"{"fax":"ok"}"#).is_err());
    assert!(serde_json::from_str::<Switches>(r#"{"sms":"broken"}"#).is_err());
}

#[tokio::test]
async fn a_slow_channel_takes_its_time_and_delivers() {
    assert_eq!(SLOW, Duration::from_secs(5));
    let sandbox = SandboxSender::default();
    sandbox.set(Switches { sms: Some(Mode::Slow), ..Switches::default() });
    let sms = outgoing(Channel::Sms);
    let mut slow = sandbox.send("1", &sms);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut slow).await.is_err(), "it is not done at once");
    assert_eq!(slow.await, Ok(Receipt::default()));
}
