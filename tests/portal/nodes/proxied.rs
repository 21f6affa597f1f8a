//! People who sign in through the proxy, while nodes come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use vestibule::domain::sample::address;
use vestibule::secrets::random;

use super::fleet::Fleet;
use crate::support::{BY_PHONE, Browser, code_at};

/// Four whose second step is an authenticator when they press **Login with Phone**.
const PEOPLE: [&str; 4] = ["app.only", "wchen", "jlandry", "psingh"];
/// The option, address and password, the code.
const STEPS: usize = 3;

struct Person {
    email: String,
    password: String,
    key: String,
}

fn person(fleet: &Fleet, username: &str) -> Person {
    let known = &fleet.people.people[username];
    Person {
        email: address(username).expect("an address"),
        password: known.password.clone().expect("a password"),
        key: known.factors["authenticator"].key.clone().expect("a key"),
    }
}

/// A code of now, or of so many steps later.
fn code(person: &Person, later: i64) -> String {
    let now = vestibule::clock::unix(vestibule::clock::Clock::default().now()).cast_signed();
    code_at(&person.key, now + later * 30)
}

/// One step of a sign-in; `false` where the proxy or a node could not answer.
async fn step(browser: &mut Browser, person: &Person, n: usize, later: i64) -> bool {
    match n {
        0 => {
            browser.get("/login").await;
            if browser.status() >= 500 {
                return false;
            }
            browser.click(BY_PHONE).await;
        }
        1 => browser.sign_in_as(&person.email, &person.password).await,
        _ => {
            browser.fill("Verification Code", &code(person, later)).click("Verify Code").await;
        }
    }
    browser.status() < 500
}

/// Signs in through the proxy; in step `fatal` the node `victim` is killed while it may be at work on it. The
/// error is the step that could not be answered.
async fn sign_in(
    fleet: &mut Fleet,
    person: &Person,
    fatal: Option<(usize, usize)>,
    later: i64,
) -> Result<Browser, usize> {
    let mut browser = fleet.browser();
    for n in 0..STEPS {
        let done = match fatal {
            Some((at, victim)) if at == n => {
                let kill = async {
                    tokio::time::sleep(Duration::from_millis(u64::from(random::below(30)))).await;
                    fleet.kill(victim);
                };
                tokio::join!(step(&mut browser, person, n, later), kill).0
            }
            _ => step(&mut browser, person, n, later).await,
        };
        if !done {
            return Err(n);
        }
    }
    Ok(browser)
}

/// The same as people do it: whoever sees an error begins anew, with the next code where one may be used up.
/// A POST on a connection that nginx still believes in is a 502, for it cannot know whether it was carried out.
async fn sign_in_at_last(fleet: &mut Fleet, person: &Person, fatal: (usize, usize)) -> Browser {
    let (mut fatal, mut later) = (Some(fatal), 0);
    for _ in 0..5 {
        match sign_in(fleet, person, fatal.take(), later).await {
            Ok(browser) => return browser,
            Err(step) if step == STEPS - 1 => later += 1,
            Err(_) => {}
        }
        // Requests that may be repeated have nginx notice which connections are gone.
        for _ in 0..20 {
            let alive = fleet.client.get(format!("{}/healthz", fleet.base)).send().await;
            assert_eq!(alive.map(|answer| answer.status().as_u16()).ok(), Some(200), "another node answers");
        }
    }
    panic!("{} cannot sign in", person.email);
}

/// SPEC section 11: any node, any request. Each of eight sign-ins is spread over the nodes by the proxy.
#[tokio::test]
#[ignore = "needs PostgreSQL (TEST_DATABASE_URL) and nginx (Debian: nginx-light)"]
async fn nodes_share_every_sign_in() {
    let mut fleet = Fleet::start().await;
    let before = fleet.answered();
    for username in PEOPLE {
        for later in [0, 1] {
            let person = person(&fleet, username);
            let mut browser = sign_in(&mut fleet, &person, None, later).await.expect("every step is answered");
            browser.must_be_at("/home");
            browser.get("/security/sessions").await;
            browser.must_be_at("/security/sessions");
            browser.click("Sign out").await;
            browser.get("/home").await;
            assert_eq!(browser.path(), "/login", "what ended on one node has ended on all");
        }
    }
    let answered: Vec<usize> = fleet.answered().iter().zip(before).map(|(now, then)| now - then).collect();
    assert!(answered.iter().all(|requests| *requests > 10), "spread over all: {answered:?}");
}

/// A node killed in the middle of each step: whoever was in it begins that sign-in anew at worst, with the
/// next code, and nobody else notices.
#[tokio::test]
#[ignore = "needs PostgreSQL (TEST_DATABASE_URL) and nginx (Debian: nginx-light)"]
async fn nodes_that_die_in_the_middle_of_a_step_keep_nobody_out() {
    let mut fleet = Fleet::start().await;
    let witness = person(&fleet, PEOPLE[3]);
    let mut witness = sign_in(&mut fleet, &witness, None, 0).await.expect("every step is answered");
    witness.must_be_at("/home");
    for (at, username) in PEOPLE.iter().enumerate().take(STEPS) {
        let (person, victim) = (person(&fleet, username), at % fleet.count());
        let mut browser = sign_in_at_last(&mut fleet, &person, (at, victim)).await;
        browser.must_be_at("/home");
        witness.get("/home").await;
        witness.must_be_at("/home");
        fleet.start_node(victim).await;
        fleet.until_back(victim).await;
        browser.get("/security/sessions").await;
        browser.must_be_at("/security/sessions");
    }
}

/// One page after the other, and one POST after each; the answers that were a 5xx.
async fn walk(mut browser: Browser, stop: Arc<AtomicBool>, asked: Arc<AtomicUsize>) -> Vec<String> {
    let mut failed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        browser.get("/messages").await;
        if browser.status() >= 500 {
            failed.push(format!("GET {}", browser.status()));
            continue;
        }
        // A POST that nginx cannot know to be safe is not repeated by it, but by the person.
        let mut status = browser.post_only("/messages/read", &[]).await.status;
        if status >= 500 {
            status = browser.post_only("/messages/read", &[]).await.status;
        }
        if status >= 500 {
            failed.push(format!("POST {status} twice"));
        }
        asked.fetch_add(2, Ordering::Relaxed);
    }
    failed
}

/// Every node replaced, one after the other, under requests: no GET fails, and no POST does twice. A node that
/// is asked to end says so at `/readyz` and ends well.
#[tokio::test]
#[ignore = "needs PostgreSQL (TEST_DATABASE_URL) and nginx (Debian: nginx-light)"]
async fn nodes_are_replaced_under_requests() {
    let mut fleet = Fleet::start().await;
    let (stop, asked) = (Arc::new(AtomicBool::default()), Arc::new(AtomicUsize::default()));
    let mut walks = tokio::task::JoinSet::new();
    for username in PEOPLE {
        let person = person(&fleet, username);
        let browser = sign_in(&mut fleet, &person, None, 0).await.expect("every step is answered");
        browser.must_be_at("/home");
        walks.spawn(walk(browser, stop.clone(), asked.clone()));
    }
    for n in 0..fleet.count() {
        let (said, code) = fleet.ask_to_end(n).await;
        assert_eq!(code, Some(0), "node {n} ends well");
        assert!(said.contains(&503), "node {n} says that it is not ready: {said:?}");
        let first = said.iter().position(|status| *status == 503).unwrap_or_default();
        assert!(said[first..].iter().all(|status| *status == 503), "and goes on saying so: {said:?}");
        fleet.start_node(n).await;
        fleet.until_back(n).await;
    }
    stop.store(true, Ordering::Relaxed);
    let failed: Vec<String> = walks.join_all().await.into_iter().flatten().collect();
    let asked = asked.load(Ordering::Relaxed);
    assert!(failed.is_empty(), "{failed:?} of {asked}");
    assert!(asked > 100, "only {asked} requests");
}
