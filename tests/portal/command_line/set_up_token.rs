//! The first start of an installation without anybody prints a token, for once. ASVS 6.3.2.

use super::path;
use crate::support::Browser;
use crate::support::program::{Program, client};

const LEADS: &str = "/setup/first-owner/";

/// Printed by the real program, kept as a hash, used once, gone once somebody is there.
#[tokio::test]
async fn the_first_start_prints_a_token_that_makes_one_owner() {
    let mut program = Program::prepare(25);
    program.forget_everybody();
    let http = client();
    program.start(&http).await;
    let old = path(&program.printed(), LEADS);
    program.kill();
    program.start(&http).await;
    let link = path(&program.printed(), LEADS);
    let token = link.strip_prefix(LEADS).expect("the token").to_owned();
    assert!(token.len() >= 43 && link != old, "{link}");
    let rows = program.open().lines("SELECT hex(token_hash) AS line FROM links WHERE purpose = 'first_owner'");
    assert!(rows.iter().all(|hash| hash.len() == 64 && *hash != token.to_uppercase()), "SHA-256 alone: {rows:?}");
    let log = std::fs::read_to_string(program.path("log")).expect("the log");
    assert!(!log.contains(&token), "no secret in the log: {log}");

    let mut browser = Browser::new(http.clone(), &program.base, true).from("198.51.100.7");
    let mut second = browser.clone();
    assert_eq!(browser.get_only(&old).await.status, 404, "a newer one kills the older");
    for browser in [&mut browser, &mut second] {
        browser.get(&link).await;
        browser.must_be_at("/setup/first-owner");
        browser.fill("Organization", "Maple Grove").fill("Time Zone", "America/New_York").fill("First Name", "Ida");
        browser.fill("Last Name", "Wells").fill("Username", "ida.wells").fill("Email", "ida@maplegrove.example");
    }
    browser.click("Continue").await;
    browser.must_be_at("/register/method");
    second.click("Continue").await;
    assert_eq!(second.status(), 404);
    let owners = "SELECT u.username || ' ' || m.role AS line FROM users u JOIN memberships m ON m.user_id = u.id";
    assert_eq!(program.open().lines(owners), ["ida.wells owner"]);
    let acts = "SELECT action || ' ' || actor_kind || ' ' || address || ' ' || json_extract(details, '$.via') || ' '
                || substr(user_agent, 1, 7) AS line FROM audit_entries WHERE action IN ('organization_created', 'invited') ORDER BY 1";
    let by_link =
        ["invited", "organization_created"].map(|action| format!("{action} stranger 198.51.100.7 set-up link Mozilla"));
    assert_eq!(program.open().lines(acts), by_link);

    program.kill();
    program.start(&http).await;
    assert_eq!(program.printed(), "", "somebody is here");
    assert_eq!(second.get_only(&link).await.status, 404);
}
