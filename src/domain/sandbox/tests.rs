use std::collections::BTreeSet;

use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::db::{DbConnection, Fault};
use crate::domain::sample::tests::{Demo, NOW};
use crate::models::outbox_messages::{self, OutboxMessage, payload_place};
use crate::models::phone_calls::{self, PhoneCall};
use crate::models::sessions::{self, Session};
use crate::models::{CallState, Channel, LoginOption, MessageState, Stage, new_id};
use crate::secrets::KeyRing;

const BASE: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn people_have_exactly_the_documented_keys() {
    let demo = Demo::start().await;
    let json = people_json(&demo, true).await;
    assert_eq!(keys(&json), words("organizations people"));
    for organization in list(&json["organizations"]) {
        let expected = "id name npi registration_code managing_partner_id enforce_mfa grace_until org_level_mfa \
                        allowed_methods remember_me ip_safelist";
        assert_eq!(keys(organization), words(expected));
        assert!(organization["registration_code"].is_string());
    }
    for person in list(&json["people"]) {
        let expected = "user_id username email first_name last_name password operator account \
                        managing_organization_id memberships factors recovery_codes";
        assert_eq!(keys(person), words(expected));
        for membership in list(&person["memberships"]) {
            assert_eq!(keys(membership), words("organization_id role mfa_status"));
        }
        for factor in list(&person["factors"]) {
            let expected = "factor_id kind scope organization_id name phone totp_key algorithm digits period state";
            assert_eq!(keys(factor), words(expected));
        }
    }
}

#[tokio::test]
async fn the_status_of_everybody_follows_from_the_rows() {
    let demo = Demo::start().await;
    let json = people_json(&demo, true).await;
    let table = [
        ("sole.owner", vec!["enrolled"]),
        ("owner.one", vec!["enrolled"]),
        ("admin", vec!["enrolled"]),
        ("member.none", vec!["none"]),
        ("phone.only", vec!["enrolled"]),
        ("token", vec!["enrolled"]),
        ("org.level", vec!["enrolled"]),
        ("two.orgs", vec!["none", "set-up pending"]),
        ("locked", vec!["locked"]),
        ("grace", vec!["in grace until 2027-02-19"]),
        ("exempt", vec!["exempt"]),
        ("technician", vec!["enrolled"; 3]),
        // Northgate wants a factor of its own; only the second of these has one.
        ("fromano", vec!["set-up pending"]),
        ("sabebe", vec!["enrolled"]),
    ];
    for (username, expected) in table {
        let person = person(&json, username);
        let found: Vec<&str> =
            list(&person["memberships"]).iter().filter_map(|membership| membership["mfa_status"].as_str()).collect();
        assert_eq!(found, expected, "{username}");
    }
    assert_eq!(person(&json, "disabled")["account"], "disabled");
    assert_eq!(person(&json, "invited")["password"], Value::Null);
    assert_eq!(list(&person(&json, "all.factors")["recovery_codes"]).len(), 8);
    let app = &list(&person(&json, "app.only")["factors"])[0];
    assert_eq!(app["totp_key"].as_str().map(str::len), Some(32));
    assert_eq!((&app["algorithm"], &app["digits"], &app["period"]), (&json!("SHA1"), &json!(6), &json!(30)));
    let summit = list(&json["organizations"]).iter().find(|o| o["name"] == "Summit Behavioral Health");
    assert_eq!(summit.map(|o| &o["remember_me"]), Some(&json!("off")));
    let safe = list(&json["organizations"]).iter().find(|o| o["npi"].is_null()).map(|o| &o["ip_safelist"]);
    assert_eq!(safe, Some(&json!(["127.0.0.0/8", "::1/128", "192.0.2.0/24"])));
    let grace = list(&json["organizations"]).iter().find(|o| !o["grace_until"].is_null());
    assert_eq!(grace.map(|o| &o["grace_until"]), Some(&json!("2027-02-19T12:00:00Z")));
}

#[tokio::test]
async fn without_the_seeded_data_no_secret_is_told() {
    let demo = Demo::start().await;
    let json = people_json(&demo, false).await;
    for person in list(&json["people"]) {
        assert!(person["password"].is_null() && list(&person["recovery_codes"]).is_empty());
        assert!(list(&person["factors"]).iter().all(|factor| factor["totp_key"].is_null()));
    }
}

#[tokio::test]
async fn messages_arrive_newest_first_with_exactly_the_documented_keys() {
    let demo = Demo::start().await;
    let (keys_of_demo, user) = (demo.keys.clone(), demo.data.people["phone.only"].user_id.clone());
    let write = move |conn: &mut DbConnection| -> Result<(), Fault> {
        let email = json!({"outgoing": {"email": {"to": "a@b.example", "to_name": "A", "subject": "Your code",
            "text": "Code 012345", "html": "<p>"}}, "code": "012345", "link": null});
        message(conn, &keys_of_demo, 1, Channel::Email, "a@b.example", MessageState::Sent, Some(&email))?;
        let sms = json!({"outgoing": {"sms": {"to": "+16015559885", "text": "Code 543210"}}, "code": "543210"});
        message(conn, &keys_of_demo, 2, Channel::Sms, "+16015559885", MessageState::Queued, Some(&sms))?;
        let call = json!({"outgoing": {"call": {"to": "+16015559885", "answer_url": "", "status_url": "",
            "ring_seconds": 60}}});
        let id = message(conn, &keys_of_demo, 3, Channel::Call, "+16015559885", MessageState::Sent, Some(&call))?;
        ringing(conn, &user, &id)?;
        message(conn, &keys_of_demo, 4, Channel::Email, "c@d.example", MessageState::Failed, None)?;
        Ok(())
    };
    demo.db.write(write).await.expect("messages can be written");
    let all = outbox_json(&demo, None, 200, NOW).await;
    for item in list(&all) {
        let expected = "id channel to user_id kind subject text code link state press_url sent_at expires_at";
        assert_eq!(keys(item), words(expected));
    }
    let states: Vec<&str> = list(&all).iter().filter_map(|item| item["state"].as_str()).collect();
    assert_eq!(states, ["failed", "ringing", "queued", "sent"]);
    let (erased, call, sms, email) = (&all[0], &all[1], &all[2], &all[3]);
    assert_eq!((&erased["subject"], &erased["text"]), (&Value::Null, &json!("")));
    assert_eq!(call["press_url"], format!("{BASE}/sandbox/calls/call-1/press"));
    assert_eq!(call["expires_at"], "2026-11-21T12:01:00Z");
    assert_eq!((&sms["code"], &sms["text"], &sms["sent_at"]), (&json!("543210"), &json!("Code 543210"), &Value::Null));
    assert_eq!((&email["code"], &email["subject"]), (&json!("012345"), &json!("Your code")));
    assert_eq!(email["sent_at"], "2026-11-21T12:00:01Z");

    assert_eq!(list(&outbox_json(&demo, Some("+16015559885"), 200, NOW).await).len(), 2);
    assert_eq!(list(&outbox_json(&demo, None, 1, NOW).await).len(), 1);
    let late = outbox_json(&demo, None, 200, NOW + Duration::seconds(60)).await;
    assert_eq!((&late[1]["state"], &late[1]["press_url"]), (&json!("ended"), &Value::Null));
}

fn message(
    conn: &mut DbConnection,
    keys: &KeyRing,
    second: i64,
    channel: Channel,
    to: &str,
    state: MessageState,
    payload: Option<&Value>,
) -> Result<String, Fault> {
    let at = NOW + Duration::seconds(second);
    let id = new_id(at);
    let sealed = payload.map(|plain| keys.seal(&payload_place(&id), plain.to_string().as_bytes())).transpose()?;
    let row = OutboxMessage {
        id: id.clone(),
        channel,
        recipient: to.into(),
        user_id: None,
        organization_id: None,
        kind: "sign_in_code".into(),
        payload_key_id: sealed.as_ref().map(|sealed| sealed.key_id.clone()),
        payload: sealed.map(|sealed| sealed.bytes),
        state,
        attempts: 0,
        next_try_at: at,
        claimed_until: None,
        give_up_at: at + Duration::minutes(5),
        provider_id: None,
        last_error: None,
        created_at: at,
        sent_at: (state == MessageState::Sent).then_some(at),
    };
    outbox_messages::insert(conn, &row)?;
    Ok(id)
}

fn ringing(conn: &mut DbConnection, user_id: &str, outbox_message_id: &str) -> Result<(), Fault> {
    let session = Session {
        id: "session-1".into(),
        token_hash: vec![1; 32],
        user_id: user_id.into(),
        stage: Stage::SecondStep,
        login_option: LoginOption::Phone,
        remember: false,
        remembered_browser_id: None,
        return_to: None,
        organization_id: None,
        mfa_epoch: 0,
        code_tries: 0,
        sends: 1,
        last_send_at: Some(NOW),
        password_at: Some(NOW),
        address: "127.0.0.1".into(),
        user_agent: String::new(),
        state: "{}".into(),
        idle_seconds: 600,
        created_at: NOW,
        last_seen_at: NOW,
        resume_stage: None,
        entering_organization_id: None,
        console_seen_at: None,
        domain_sign_in_id: None,
        forms_of: None,
        expires_at: NOW + Duration::minutes(10),
    };
    sessions::insert(conn, &session)?;
    let call = PhoneCall {
        id: "call-1".into(),
        session_id: session.id,
        user_id: user_id.into(),
        factor_id: "factor-1".into(),
        outbox_message_id: outbox_message_id.into(),
        state: CallState::Ringing,
        created_at: NOW,
        expires_at: Some(NOW + Duration::seconds(60)),
    };
    Ok(phone_calls::insert(conn, &call)?)
}

async fn people_json(demo: &Demo, with_data: bool) -> Value {
    let data = with_data.then(|| demo.data.clone());
    let view = demo.read(move |conn| people(conn, data.as_ref(), NOW)).await;
    serde_json::to_value(view).expect("the view is plain JSON")
}

async fn outbox_json(demo: &Demo, to: Option<&'static str>, limit: i64, now: Timestamp) -> Value {
    let keys = demo.keys.clone();
    let items = demo.read(move |conn| outbox(conn, &keys, to, limit, now, BASE)).await;
    serde_json::to_value(items).expect("the items are plain JSON")
}

fn person<'a>(json: &'a Value, username: &str) -> &'a Value {
    list(&json["people"]).iter().find(|person| person["username"] == username).expect("everybody is there")
}

fn list(json: &Value) -> &[Value] {
    json.as_array().expect("this is a list")
}

fn keys(json: &Value) -> BTreeSet<&str> {
    json.as_object().expect("this is an object").keys().map(String::as_str).collect()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}
