//! `vestibule import-users`.

use std::fs;

use super::{mailed, path};
use crate::support::Browser;
use crate::support::program::{Program, Ran, client};
use crate::support::smtp::{Security, SmtpServer};

const HEAD: &str = "email,username,first_name,last_name,role\r\n";
const HARBOR: &str = "Harbor Valley Health";

fn import(program: &Program, text: &str, organization: &str, more: &[&str]) -> Ran {
    let file = program.path("people.csv");
    fs::write(&file, text).expect("the file is written");
    let file = file.to_str().expect("UTF-8").to_owned();
    program.run(&[&["import-users", file.as_str(), "--organization", organization], more].concat(), "")
}

fn accounts(program: &Program, like: &str) -> Vec<String> {
    program.open().lines(&format!(
        "SELECT u.username || ' ' || m.role || ' ' || u.account AS line FROM users u
         JOIN memberships m ON m.user_id = u.id WHERE u.email LIKE '{like}' ORDER BY line"
    ))
}

#[test]
fn rows_that_are_wrong_are_named_and_nobody_is_added() {
    let program = Program::prepare(25);
    let text = format!(
        "{HEAD}one@new.example,new.one,Ann,One,\r\nnonsense,new.two,Bea,Two,\r\n\
         three@new.example,phone.only,Cy,Three,\r\nfour@new.example,new.four,Di,Four,captain\r\n\
         ONE@new.example,new.five,Ed,Five,\r\n"
    );
    for more in [&[][..], &["--dry-run"]] {
        let ran = import(&program, &text, HARBOR, more);
        assert_eq!(ran.code, 1, "{ran:?}");
        for words in
            ["row 3: email", "row 4: username This username is taken.", "row 5: role Use member", "row 6: email"]
        {
            assert!(ran.out.contains(words), "{words}: {ran:?}");
        }
        assert!(ran.err.contains("nobody was added"), "{ran:?}");
        assert!(accounts(&program, "%@new.example").is_empty());
    }
    let good = format!("{HEAD}one@new.example,new.one,Ann,One,\r\n");
    for (text, organization, words) in [
        (good.as_str(), "Nowhere Clinic", "there is no such organization"),
        ("first_name\r\nAnn\r\n", HARBOR, "is missing"),
        (HEAD, HARBOR, "nobody in this file"),
    ] {
        let ran = import(&program, text, organization, &[]);
        assert!(ran.code == 1 && ran.err.contains(words), "{words}: {ran:?}");
    }
    let missing = program.run(&["import-users", "/nowhere.csv", "--organization", HARBOR], "");
    assert!(missing.code == 1 && missing.err.contains("/nowhere.csv"), "{missing:?}");
}

/// A dry run adds nobody, a run everybody, a second run nobody twice; each is mailed a link that works.
#[tokio::test]
async fn people_are_invited_once_and_their_links_work() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let text =
        format!("\u{feff}{HEAD}one@new.example,new.one,Ann,One,\r\ntwo@new.example,new.two,\"Bea, RN\",Two,admin\r\n");
    let dry = import(&program, &text, "harbor valley health", &["--dry-run"]);
    assert!(dry.code == 0 && dry.out.contains("2 can be added, 0 are there already."), "{dry:?}");
    assert!(dry.out.contains("Nobody was added.") && accounts(&program, "%@new.example").is_empty(), "{dry:?}");

    let ran = import(&program, &text, HARBOR, &[]);
    assert!(ran.code == 0 && ran.out.contains("2 invited."), "{ran:?}");
    assert_eq!(accounts(&program, "%@new.example"), ["new.one member invited", "new.two admin invited"]);
    let id = program.people.organizations["harbor_valley"].id.clone();
    let again = import(&program, &text, &id, &[]);
    assert!(again.code == 0 && again.out.contains("0 can be added, 2 are there already."), "{again:?}");
    let npi = import(&program, &text, "1234567893", &[]);
    assert!(npi.code == 0 && npi.out.contains("0 can be added, 2 are there already."), "{npi:?}");
    assert_eq!(accounts(&program, "%@new.example").len(), 2);

    let http = client();
    program.start(&http).await;
    for address in ["one@new.example", "two@new.example"] {
        let link = path(&mailed(&mail, address, "https://login.example.org/").await, "/register/");
        let mut browser = Browser::new(http.clone(), &program.base, true).from("198.51.100.7");
        browser.get(&link).await;
        assert!(browser.status() == 200 && browser.path().starts_with("/register/"), "{}", browser.text());
    }
    let sent = "SELECT id AS line FROM outbox_messages WHERE kind = 'invitation'";
    assert_eq!(program.open().lines(sent).len(), 2, "once each");
}
