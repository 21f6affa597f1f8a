//! `vestibule create-owner`.

use super::{mailed, path};
use crate::support::Browser;
use crate::support::program::{Program, client};
use crate::support::smtp::{Security, SmtpServer};

/// Somebody who is invited.
pub const IDA: [&str; 9] = [
    "create-owner",
    "--organization",
    "Maple Grove",
    "--email",
    "ida@maplegrove.example",
    "--first-name",
    "Ida",
    "--last-name",
    "Wells",
];

fn people(program: &Program) -> Vec<String> {
    program.open().lines(
        "SELECT o.name || ' ' || u.username || ' ' || m.role || ' ' || u.account AS line FROM memberships m
         JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id ORDER BY line",
    )
}

/// On a database that is not there yet, and the mailed link is the printed one.
#[tokio::test]
async fn an_owner_is_made_and_the_printed_link_is_mailed_and_opens_the_registration() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    program.forget_everybody();
    let ran = program.run(&IDA, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Maple Grove was made.") && ran.out.contains("within 24 hours"), "{ran:?}");
    let printed = path(&ran.out, "https://login.example.org/");
    assert_eq!(people(&program), ["Maple Grove ida owner invited"]);
    let token = printed.rsplit('/').next().expect("a token");
    assert!(
        !std::fs::read(program.path("vestibule.db"))
            .expect("the database")
            .windows(token.len())
            .any(|w| w == token.as_bytes())
    );

    let http = client();
    program.start(&http).await;
    assert!(!program.printed().contains("nobody here yet"), "somebody is here: {}", program.printed());
    let text = mailed(&mail, "ida@maplegrove.example", &printed).await;
    assert_eq!(path(&text, &printed), printed);
    let mut browser = Browser::new(http, &program.base, true).from("198.51.100.7");
    browser.get(&printed).await;
    assert_eq!(browser.status(), 200, "{}", browser.text());
    assert!(browser.path().starts_with("/register/"), "{}", browser.path());

    // The address has an account by now, which has not accepted anything.
    let mut second = IDA;
    second[2] = "Maple Hill";
    let ran = program.run(&[&second[..], &["--username", "ida.hill"]].concat(), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("/invitations") || ran.out.contains("within 24 hours"), "{ran:?}");
}

/// As the console does.
#[test]
fn an_npi_that_an_organization_has_is_refused() {
    let program = Program::prepare(25);
    let npi = [&IDA[..], &["--npi", "1987654328"]].concat();
    let first = program.run(&npi, "");
    assert!(first.code == 0 && first.out.contains("by its name, its NPI or its id: "), "{first:?}");
    let mut second = npi.clone();
    (second[2], second[4]) = ("Maple Hill", "joan@maplehill.example");
    let ran = program.run(&[&second[..], &["--username", "joan"]].concat(), "");
    assert!(ran.code == 1 && ran.err.contains("npi: Another organization has this NPI."), "{ran:?}");
    assert!(!people(&program).iter().any(|line| line.contains("Maple Hill")));
}

/// As **Customers** has it: the name of a zone is written as the time zone database writes it.
#[test]
fn a_time_zone_is_kept_as_it_is_written() {
    let program = Program::prepare(25);
    let ran = program.run(&[&IDA[..], &["--time-zone", "america/new_york"]].concat(), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let zone = "SELECT time_zone AS line FROM organizations WHERE name = 'Maple Grove'";
    assert_eq!(program.open().lines(zone), ["America/New_York"]);
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_made() {
    let program = Program::prepare(25);
    let before = people(&program);
    let taken = [&IDA[..], &["--username", "admin"]].concat();
    let npi = [&IDA[..], &["--npi", "1234567890"]].concat();
    let zone = [&IDA[..], &["--time-zone", "Mars/Base"]].concat();
    let nowhere = [&IDA[..], &["--time-zone", "Factory"]].concat();
    let (mut turned, long) = (IDA.to_vec(), "M".repeat(101));
    turned[2] = "Maple\u{202e}Grove";
    let (mut too_long, mut nameless) = (IDA.to_vec(), IDA.to_vec());
    (too_long[2], nameless[2]) = (long.as_str(), " ");
    let mut address = IDA.to_vec();
    address[4] = "nonsense";
    for (arguments, code, words) in [
        (taken, 1, "username: "),
        (npi, 1, "npi: Enter the 10 digits of the NPI. These are not one."),
        (zone, 1, "time_zone: Choose a time zone"),
        (nowhere, 1, "time_zone: Choose a time zone"),
        (turned, 1, "organization: Use letters, numbers and punctuation on one line."),
        (too_long, 1, "organization: Use at most 100 characters."),
        (nameless, 1, "organization: Enter the name of the organization."),
        (address, 1, "email: "),
        (IDA[..5].to_vec(), 2, "--first-name"),
    ] {
        let ran = program.run(&arguments, "");
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {ran:?}");
        assert_eq!(people(&program), before);
    }
}
