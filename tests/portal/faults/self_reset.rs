//! E10: the program is killed at each step of a reset of one's own. The request goes on, and nobody is told
//! twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule::clock::{Clock, unix};
use vestibule::domain::sample::address;
use vestibule::identity::stripe_signature::{HEADER, sign};
use vestibule::secrets::{Secret, random};

use super::crash::{IN_HAND, everything_went_out};
use crate::support::Browser;
use crate::support::program::{Program, client};
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::stripe::{KEY, StripeServer, WEBHOOK, body};

/// Somebody on the way, and the program under them.
struct Walk {
    program: Program,
    http: reqwest::Client,
    mail: Arc<SmtpServer>,
    stripe: StripeServer,
    browser: Browser,
    user_id: String,
    email: String,
    password: String,
    /// Messages that were in hand at a kill, and how often.
    in_hand: HashMap<String, usize>,
    kills: usize,
}

impl Walk {
    async fn begin(username: &str) -> Self {
        let mail = Arc::new(SmtpServer::start(Security::None).await);
        mail.behave(Behavior::AnswerAfter(Duration::from_millis(30)));
        let stripe = StripeServer::start().await;
        let settings = [
            format!("stripe.base_url = \"{}\"", stripe.base_url),
            format!("stripe.secret_key = \"{KEY}\""),
            format!("stripe.webhook_secret = \"{WEBHOOK}\""),
        ];
        let mut program = Program::prepare_with(mail.port, &settings);
        let http = client();
        program.start(&http).await;
        let person = &program.people.people[username];
        Self {
            browser: Browser::new(http.clone(), &program.base, true).from("198.51.100.7"),
            user_id: person.user_id.clone(),
            email: address(username).expect("an address"),
            password: person.password.clone().expect("a password"),
            in_hand: HashMap::new(),
            kills: 0,
            program,
            http,
            mail,
            stripe,
        }
    }

    /// Presses a button, and kills the program while it answers or a little later.
    async fn click_and_kill(&mut self, fields: &[(&str, String)], words: &'static str) {
        let mut hand = self.browser.clone();
        for (label, text) in fields {
            hand.fill(label, text);
        }
        let pressed = tokio::spawn(async move {
            hand.click(words).await;
        });
        self.kill_soon().await;
        pressed.abort();
        let _ = pressed.await;
        self.start_again().await;
    }

    async fn kill_soon(&mut self) {
        tokio::time::sleep(Duration::from_millis(u64::from(random::below(120)))).await;
        self.program.kill();
        self.kills += 1;
        for id in self.program.open_copy().lines(IN_HAND) {
            *self.in_hand.entry(id).or_default() += 1;
        }
    }

    /// What was in hand is free again after its lease, a minute: that is not waited for.
    async fn start_again(&mut self) {
        self.program.open().is_whole();
        self.program.open().run("UPDATE outbox_messages SET claimed_until = NULL WHERE state = 'queued'");
        self.program.start(&self.http).await;
    }

    /// The first word that a query finds.
    fn one(&self, sql: &str) -> String {
        self.program.open().lines(sql).pop().unwrap_or_default()
    }

    fn state(&self) -> String {
        self.one(&format!("SELECT state AS line FROM self_resets WHERE user_id = '{}' ORDER BY id", self.user_id))
    }

    fn factors(&self) -> usize {
        let sql = format!("SELECT id AS line FROM factors WHERE user_id = '{}' AND state = 'active'", self.user_id);
        self.program.open().lines(&sql).len()
    }

    /// The path of the link in the newest mail that has one.
    async fn mailed(&self, leads: &str) -> String {
        let begun = Instant::now();
        loop {
            let texts: Vec<String> = self.mail.received().iter().rev().filter_map(|m| m.part("text/plain")).collect();
            let found = texts.iter().find_map(|text| text.split_whitespace().find(|word| word.contains(leads)));
            if let Some(url) = found {
                return url.strip_prefix("https://login.example.org").expect("a link of ours").to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no mail leads to {leads}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The provider's event, signed so many seconds from now.
    fn event(&self, seconds: i64) -> reqwest::RequestBuilder {
        let body = body("evt_1", &self.stripe.newest());
        let now = i64::try_from(unix(Clock::default().now())).expect("a time after 1970");
        let signed = sign(&Secret::new(WEBHOOK.into()), now + seconds, body.as_bytes());
        let request = self.http.post(format!("{}/hooks/stripe", self.program.base));
        request.header(HEADER, signed).header("Content-Type", "application/json").body(body)
    }

    async fn ask(&mut self) {
        self.browser.get("/mfa/reset").await;
        self.click_and_kill(&[("Email Address", self.email.clone())], "Continue").await;
        if self.state().is_empty() {
            self.browser.get("/mfa/reset").await;
            self.browser.fill("Email Address", &self.email).click("Continue").await;
        }
        assert_eq!(self.state(), "requested");
    }

    async fn begin_check(&mut self) {
        let link = self.mailed("/mfa/reset/continue/").await;
        self.browser.get(&link).await;
        self.browser.must_be_at("/mfa/reset/progress");
        self.click_and_kill(&[], "Start identity check").await;
        self.browser.get("/mfa/reset/progress").await;
        let controls = self.browser.page().controls();
        let words = ["Go on with the identity check", "Start identity check"];
        let word = words.into_iter().find(|w| controls.iter().any(|c| c == w)).expect("a way to the check");
        self.browser.click(word).await;
        self.browser.must_be_at("/mfa/reset/identity");
        assert_eq!(self.stripe.sessions().len(), 1, "the provider was asked under the same reference");
    }

    async fn verify(&mut self, names: (&str, &str)) {
        let id = self.stripe.newest().id;
        self.stripe.decide(&id, "verified", None, names);
        let told = tokio::spawn(self.event(0).send());
        self.kill_soon().await;
        let _ = told.await;
        self.start_again().await;
        // The provider sends it again, under a newer signature.
        let again = self.event(60).send().await.expect("the portal answers");
        assert_eq!(again.status(), 200);
        assert_eq!(self.state(), "ready");
    }

    async fn finish(&mut self) {
        let before = self.factors();
        let link = self.mailed("/mfa/reset/finish/").await;
        self.browser.get(&link).await;
        self.browser.must_be_at("/mfa/reset/finish");
        self.click_and_kill(&[("Password", self.password.clone())], "Remove my factors").await;
        // All of it, or nothing.
        let so_far = (self.state(), self.factors());
        assert!(so_far == ("done".into(), 0) || so_far == ("ready".into(), before), "{so_far:?}");
        if so_far.1 > 0 {
            self.browser.get("/mfa/reset/finish").await;
            self.browser.fill("Password", &self.password).click("Remove my factors").await;
            self.browser.must_be_at("/login");
        }
        assert_eq!((self.state(), self.factors()), ("done".into(), 0));
    }
}

#[tokio::test]
async fn a_reset_of_ones_own_goes_on_after_a_kill_at_each_step_and_everybody_is_told_once() {
    let mut walk = Walk::begin("phone.only").await;
    walk.ask().await;
    walk.begin_check().await;
    walk.verify(("Marcus", "Tran")).await;
    walk.finish().await;
    assert_eq!(walk.kills, 4);
    everything_went_out(&mut walk.program.open(), &walk.mail, &walk.in_hand).await;
    let told = walk.program.open().lines(
        "SELECT m.kind || ' ' || u.username || ' ' || m.state AS line FROM outbox_messages m
         JOIN users u ON u.id = m.user_id WHERE m.kind LIKE 'self_reset_%' AND m.kind <> 'self_reset_link' ORDER BY line",
    );
    assert_eq!(
        told,
        [
            "self_reset_done phone.only sent",
            "self_reset_done_admin admin sent",
            "self_reset_done_admin owner.one sent",
            "self_reset_done_admin owner.two sent",
            "self_reset_ready phone.only sent",
        ]
    );
    let requests = format!("SELECT id AS line FROM self_resets WHERE user_id = '{}'", walk.user_id);
    assert_eq!(walk.program.open().lines(&requests).len(), 1);
    let done = "SELECT id AS line FROM audit_entries WHERE action = 'self_reset_done'";
    assert_eq!(walk.program.open().lines(done).len(), 1);
    walk.browser.get("/login").await;
    walk.browser.click("Login with Phone").await;
    walk.browser.sign_in_as(&walk.email.clone(), &walk.password.clone()).await;
    walk.browser.must_be_at("/security/setup");
}
