//! What "arrived", read from the sandbox as a script would.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::app::TestApp;

/// One line of /sandbox/outbox.json.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the documented keys, all of them")]
pub struct Message {
    pub id: String,
    pub channel: String,
    pub to: String,
    pub user_id: Option<String>,
    pub kind: String,
    pub subject: Option<String>,
    pub text: String,
    pub code: Option<String>,
    pub link: Option<String>,
    pub state: String,
    pub press_url: Option<String>,
    pub sent_at: Option<String>,
    pub expires_at: Option<String>,
}

impl TestApp {
    /// Every message there is, newest first.
    pub async fn outbox(&self) -> Vec<Message> {
        self.json("/sandbox/outbox.json?limit=1000").await
    }

    /// The messages of one person, newest first.
    pub async fn outbox_of(&self, username: &str) -> Vec<Message> {
        let id = self.user_id(username);
        self.outbox().await.into_iter().filter(|m| m.user_id.as_ref() == Some(&id)).collect()
    }

    /// How many messages of a kind somebody was sent.
    pub async fn count_of(&self, username: &str, kind: &str) -> usize {
        self.outbox_of(username).await.iter().filter(|m| m.kind == kind).count()
    }

    /// The code of the newest message with one that somebody was sent.
    pub async fn code_of(&self, username: &str) -> String {
        let newest = self.outbox_of(username).await.into_iter().find(|m| m.code.is_some());
        newest.and_then(|m| m.code).unwrap_or_else(|| panic!("{username} was sent no code"))
    }

    /// Waits until the newest message of somebody is in this state.
    pub async fn newest_is(&self, username: &str, state: &str) -> Message {
        let begun = Instant::now();
        loop {
            let newest = self.outbox_of(username).await.into_iter().next();
            match newest {
                Some(message) if message.state == state => return message,
                other if begun.elapsed() > Duration::from_secs(10) => panic!("not {state}, but {other:?}"),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Presses a key in the newest call of somebody; the status of the answer.
    pub async fn press(&self, username: &str, digit: &str) -> u16 {
        let call = self.newest_is(username, "ringing").await;
        self.press_at(call.press_url.as_deref().expect("a ringing call takes keys"), digit).await
    }

    pub async fn press_at(&self, press_url: &str, digit: &str) -> u16 {
        let path = press_url.strip_prefix(&self.base).expect("a URL of ours");
        self.script(path, json!({"digit": digit})).await
    }

    /// Breaks or mends senders: "ok", "fail", "slow".
    pub async fn senders(&self, switches: Value) {
        assert_eq!(self.script("/sandbox/senders", switches).await, 204);
    }

    /// Posts JSON as a script does; the status of the answer.
    pub async fn script(&self, path: &str, body: Value) -> u16 {
        let request = self.http.post(format!("{}{path}", self.base)).json(&body);
        request.send().await.expect("the portal answers").status().as_u16()
    }

    pub async fn json<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.expect("the portal answers");
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.json().await.expect("JSON of the documented shape")
    }
}
