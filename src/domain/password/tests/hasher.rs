use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use tokio::task::JoinSet;

use crate::domain::password::{HashError, Hasher, PATIENCE};
use crate::secrets::Secret;

fn secret(password: &str) -> Secret<String> {
    Secret::new(password.to_owned())
}

fn hasher() -> Hasher {
    Hasher::start().expect("the system gives threads")
}

async fn matches(hasher: &Hasher, password: &str, phc: &str) -> bool {
    hasher.verify(&secret(password), Some(phc)).await.expect("not busy").matches
}

/// A hash with other parameters than those in force.
fn hash_with(algorithm: Algorithm, m: u32, t: u32, p: u32, password: &str) -> String {
    let params = Params::new(m, t, p, Some(32)).expect("valid parameters");
    let (salt, mut out) = ([7; 16], [0; 32]);
    let argon2 = Argon2::new(algorithm, Version::V0x13, params);
    argon2.hash_password_into(password.as_bytes(), &salt, &mut out).expect("argon2 works");
    let (salt, out) = (BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&out));
    format!("${}$v=19$m={m},t={t},p={p}${salt}${out}", algorithm.as_str())
}

/// ASVS 11.4.2.
#[tokio::test]
async fn writes_phc_with_the_parameters_in_force() {
    let hasher = hasher();
    let password = secret("tortoise lamp orbit");
    let first = hasher.hash(&password).await.expect("it is hashed");
    let second = hasher.hash(&password).await.expect("it is hashed");
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    assert_ne!(first, second);
    let verdict = hasher.verify(&password, Some(&first)).await.expect("not busy");
    assert!(verdict.matches && !verdict.needs_rehash);
}

/// ASVS 6.2.8.
#[tokio::test]
async fn takes_a_password_as_it_is() {
    let hasher = hasher();
    for password in [" leading space 🐢 orbit", "Größe Ångström café", &"long words ".repeat(24)[..256]] {
        let phc = hasher.hash(&secret(password)).await.expect("it is hashed");
        let mut changed = password.to_owned();
        changed.pop();
        changed.push('!');
        assert!(matches(&hasher, password, &phc).await);
        assert!(!matches(&hasher, &changed, &phc).await);
        assert!(!matches(&hasher, &password.to_uppercase(), &phc).await);
        assert!(!matches(&hasher, &format!("{password} "), &phc).await);
        assert!(!matches(&hasher, password.trim_start().strip_prefix('l').unwrap_or("x"), &phc).await);
    }
}

#[tokio::test]
async fn composed_and_decomposed_are_the_same() {
    let hasher = hasher();
    let phc = hasher.hash(&secret("cafe\u{301} tortoise lamp")).await.expect("it is hashed");
    assert!(matches(&hasher, "caf\u{e9} tortoise lamp", &phc).await);
    // NFC, not NFKC: a ligature is not its letters.
    let phc = hasher.hash(&secret("\u{fb01}ve tortoise lamp")).await.expect("it is hashed");
    assert!(!matches(&hasher, "five tortoise lamp", &phc).await);
}

/// ASVS 6.3.8.
#[tokio::test]
async fn one_call_on_every_path() {
    let hasher = hasher();
    let password = secret("tortoise lamp orbit");
    let phc = hasher.hash(&password).await.expect("it is hashed");
    assert_eq!(hasher.calls(), 1);
    let huge = "$argon2id$v=19$m=4194304,t=3,p=1$BwcHBwcHBwcHBwcHBwcHBw$BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    let long = secret(&"x".repeat(1025));
    let endless = secret(&"x".repeat(1 << 20));
    let nul = secret("tortoise lamp orbit\0");
    let wrong = secret("tortoise lamp orbid");
    for (n, (password, phc, expected)) in [
        (&password, Some(&*phc), true),
        (&wrong, Some(&*phc), false),
        (&password, None, false),
        (&nul, Some(&*phc), false),
        (&nul, None, false),
        (&long, Some(&*phc), false),
        (&endless, None, false),
        (&secret(""), Some(&*phc), false),
        (&password, Some(huge), false),
        (&password, Some("not a hash"), false),
        (&password, Some("$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let verdict = hasher.verify(password, phc).await.expect("not busy");
        assert_eq!((verdict.matches, verdict.needs_rehash), (expected, false), "case {n}");
        assert_eq!(hasher.calls(), 2 + n as u64, "case {n}");
    }
    assert_eq!(hasher.hash(&nul).await, Err(HashError::Unfit));
    assert_eq!(hasher.hash(&long).await, Err(HashError::Unfit));
}

/// ASVS 11.2.2, 11.4.2.
#[tokio::test]
async fn other_parameters_match_and_want_a_rehash() {
    let hasher = hasher();
    let password = "tortoise lamp orbit";
    for phc in [
        hash_with(Algorithm::Argon2id, 8192, 1, 1, password),
        hash_with(Algorithm::Argon2id, 65536, 1, 4, password),
        hash_with(Algorithm::Argon2i, 19456, 2, 1, password),
        hash_with(Algorithm::Argon2id, 19456, 3, 1, password),
    ] {
        let verdict = hasher.verify(&secret(password), Some(&phc)).await.expect("not busy");
        assert!(verdict.matches && verdict.needs_rehash, "{phc}");
        let verdict = hasher.verify(&secret("another"), Some(&phc)).await.expect("not busy");
        assert!(!verdict.matches && !verdict.needs_rehash, "{phc}");
    }
}

#[tokio::test]
async fn a_swamped_hasher_says_busy_in_time() {
    let hasher = Hasher::start_with(1, Duration::from_secs(10)).expect("the system gives threads");
    let mut swamp = JoinSet::new();
    // Dear hashes, so that the line is short enough to stand in and still takes too long.
    let slow = hash_with(Algorithm::Argon2id, 65536, 6, 1, "x");
    for _ in 0..120 {
        let (hasher, slow) = (hasher.clone(), slow.clone());
        swamp.spawn(async move {
            let start = Instant::now();
            (hasher.verify(&secret("y"), Some(&slow)).await, start.elapsed())
        });
    }
    let (mut served, mut sent_away) = (0, 0);
    for (result, time) in swamp.join_all().await {
        // All of them would take a minute or more; the room is for a machine with other work.
        assert!(time < PATIENCE + Duration::from_secs(10), "{time:?}");
        match result {
            Ok(_) => served += 1,
            Err(HashError::Busy { retry_after_seconds }) => {
                assert!((2..=5).contains(&retry_after_seconds));
                sent_away += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(served > 0 && sent_away > 0, "{served} served, {sent_away} sent away");
    // Whoever was sent away costs nothing afterwards.
    assert!(hasher.verify(&secret("y"), None).await.is_ok());
    assert_eq!(hasher.calls(), served + 1);
}

#[tokio::test]
async fn a_full_line_says_busy_at_once() {
    let hasher = Hasher::start_with(1, Duration::from_secs(10)).expect("the system gives threads");
    let mut crowd = JoinSet::new();
    for _ in 0..300 {
        let hasher = hasher.clone();
        crowd.spawn(async move { hasher.verify(&secret("y"), None).await });
    }
    let start = Instant::now();
    let first = crowd.join_next().await.expect("300 tasks").expect("no panic");
    assert!(matches!(first, Err(HashError::Busy { .. })) || start.elapsed() < PATIENCE);
    let results = crowd.join_all().await;
    assert!(results.iter().filter(|r| r.is_err()).count() >= 100);
}

#[tokio::test]
async fn jobs_whose_caller_left_are_skipped() {
    let hasher = Hasher::start_with(1, Duration::from_secs(10)).expect("the system gives threads");
    let mut gone = JoinSet::new();
    for _ in 0..50 {
        let hasher = hasher.clone();
        gone.spawn(async move { hasher.verify(&secret("y"), None).await });
    }
    tokio::task::yield_now().await;
    gone.shutdown().await;
    assert!(hasher.verify(&secret("y"), None).await.is_ok());
    assert!(hasher.calls() < 10, "{} calls", hasher.calls());
}

#[tokio::test]
async fn patient_hashes_are_all_made_while_people_go_first() {
    let hasher = hasher();
    let mut batch = JoinSet::new();
    for n in 0..60 {
        let hasher = hasher.clone();
        batch.spawn(async move { hasher.hash_patiently(&secret(&format!("sample {n}"))).await });
    }
    tokio::task::yield_now().await;
    hasher.verify(&secret("y"), None).await.expect("not busy");
    assert!(hasher.calls() < 30, "a person waited behind {} samples", hasher.calls());
    assert!(batch.join_all().await.iter().all(Result::is_ok));
}

#[test]
fn a_closed_hasher_lets_its_threads_go() {
    let hasher = hasher();
    let copy = hasher.clone();
    drop(hasher);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    assert!(runtime.block_on(copy.verify(&secret("y"), None)).is_ok());
}

/// Prints what it measures: `cargo test --release --lib password::tests::hasher::speed -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "takes half a minute: hashes per second, and memory while idle"]
async fn speed_and_memory() {
    let hasher = Hasher::start_with(2, Duration::from_millis(200)).expect("the system gives threads");
    for round in 0..3 {
        let (start, count) = (Instant::now(), 400);
        let mut batch = JoinSet::new();
        for _ in 0..count {
            let hasher = hasher.clone();
            batch.spawn(async move { hasher.hash_patiently(&secret("tortoise lamp")).await });
        }
        batch.join_all().await;
        let rate = f64::from(count) / start.elapsed().as_secs_f64();
        let busy = resident_mib();
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("round {round}: {rate:.0} hashes/s; {busy} MiB, idle {} MiB", resident_mib());
    }
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |k| k / 1024)
}
