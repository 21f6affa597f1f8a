//! Break-glass: `vestibule reset-mfa`.

use super::mailed;
use crate::support::program::{Program, client};
use crate::support::smtp::{Security, SmtpServer};

const REASON: &str = "Ticket 4711, identity seen at the desk";

fn factors(program: &Program, username: &str) -> usize {
    let id = &program.people.people[username].user_id;
    program.open().lines(&format!("SELECT id AS line FROM factors WHERE user_id = '{id}' AND state = 'active'")).len()
}

/// Who was sent what since the start, as `kind username`.
fn told(program: &Program) -> Vec<String> {
    program.open().lines(
        "SELECT m.kind || ' ' || u.username AS line FROM outbox_messages m JOIN users u ON u.id = m.user_id
         WHERE m.kind LIKE 'mfa_reset%' ORDER BY line",
    )
}

fn details(program: &Program, action: &str) -> Vec<String> {
    program
        .open()
        .lines(&format!("SELECT details AS line FROM audit_entries WHERE action = '{action}' AND actor_kind = 'cli'"))
}

/// R15: the same reset, with its preview, a question, and a trace of who typed it.
#[test]
fn it_shows_what_goes_asks_and_tells_everybody_who_administers() {
    let program = Program::prepare(25);
    let before = factors(&program, "all.factors");
    assert!(before >= 3);
    let reset = ["reset-mfa", "--reason", REASON, "All.Factors"];
    for typed in ["", "no\n", "all.factors\n"] {
        let ran = program.run(&reset, typed);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("Adaeze Nwosu (all.factors,") && ran.out.contains("authenticator app"), "{ran:?}");
        assert!(ran.out.contains("Type yes:") && ran.err.contains("nothing was changed"), "{ran:?}");
        assert_eq!((factors(&program, "all.factors"), told(&program).len()), (before, 0));
    }
    let ran = program.run(&reset, "yes\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("The factors were reset. Reference "), "{ran:?}");
    assert_eq!(factors(&program, "all.factors"), 0);
    let told = told(&program);
    for one in [
        "mfa_reset all.factors",
        "mfa_reset_admin admin",
        "mfa_reset_admin operator",
        "mfa_reset_admin owner.one",
        "mfa_reset_admin owner.two",
    ] {
        assert_eq!(told.iter().filter(|line| *line == one).count(), 1, "{one}: {told:?}");
    }
    assert!(!told.iter().any(|line| line == "mfa_reset_admin all.factors"), "{told:?}");

    let reference = ran.out.split("Reference ").nth(1).and_then(|rest| rest.split('.').next()).expect("a reference");
    for (action, words) in [("mfa_reset", "vestibule reset-mfa"), ("break_glass", "(uid ")] {
        let entries = details(&program, action);
        assert_eq!(entries.len(), 1, "{action}");
        for word in [words, REASON, reference, "command line"] {
            assert!(entries[0].contains(word), "{action}: {entries:?}");
        }
    }
    // ASVS 16.4.3: a copy of each goes to whoever collects what is logged, as a line of JSON.
    let copies: Vec<serde_json::Value> =
        ran.err.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    for action in ["mfa_reset", "break_glass"] {
        let copy = copies.iter().find(|copy| copy["action"] == action).unwrap_or_else(|| panic!("{ran:?}"));
        assert_eq!((&copy["target"], &copy["actor_kind"]), (&"audit".into(), &"cli".into()), "{copy}");
        assert!(copy["details"].as_str().is_some_and(|text| text.contains(reference)), "{copy}");
    }
    // R14: a second time there is nothing, and nobody hears of it.
    let again = program.run(&["reset-mfa", "--yes", "--reason", REASON, "all.factors"], "");
    assert!(again.code == 0 && again.out.contains("There is nothing to reset"), "{again:?}");
    assert_eq!(self::told(&program), told);
    assert_eq!(details(&program, "break_glass").len(), 1);
}

#[test]
fn it_finds_people_by_name_address_and_id_and_refuses_what_is_not_clear() {
    let program = Program::prepare(25);
    for (arguments, code, words) in [
        (&["reset-mfa", "--reason", REASON, "nobody.here"][..], 1, "there is nobody called nobody.here"),
        (&["reset-mfa", "--reason", "  ", "phone.only"], 1, "--reason has to say why"),
        (&["reset-mfa", "--reason", &"x".repeat(501), "phone.only"], 1, "The reason is too long"),
        (&["reset-mfa", "phone.only"], 2, "--reason"),
        (&["reset-mfa", "--reason", REASON], 2, "<USER>"),
    ] {
        let ran = program.run(arguments, "yes\n");
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.err.contains(words), "{ran:?}");
    }
    let email = vestibule::domain::sample::address("email.only").expect("an address").to_uppercase();
    let id = program.people.people["app.only"].user_id.clone();
    for (who, username) in [("phone.only", "phone.only"), (email.as_str(), "email.only"), (id.as_str(), "app.only")] {
        let ran = program.run(&["reset-mfa", "--yes", "--reason", REASON, who], "");
        assert_eq!((ran.code, factors(&program, username)), (0, 0), "{who}: {ran:?}");
    }
    // Somebody's username that is another's address is nobody's in particular.
    let taken = vestibule::domain::sample::address("owner.one").expect("an address");
    program.open().run(&format!(
        "UPDATE users SET username = '{taken}', username_lower = '{taken}' WHERE username = 'owner.two'"
    ));
    let ran = program.run(&["reset-mfa", "--yes", "--reason", REASON, &taken], "");
    assert!(ran.code == 1 && ran.err.contains("give the user id"), "{ran:?}");
    assert!(factors(&program, "owner.one") > 0);
}

/// A sole owner has no administrator beside them: the operators hear of it. The mails go out of the portal
/// that runs meanwhile, and the owner's session is over.
#[tokio::test]
async fn a_sole_owners_reset_is_mailed_to_the_operators_by_the_portal_that_runs() {
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare(mail.port);
    let technician = program.people.people["technician"].user_id.clone();
    program.open().run(&format!("DELETE FROM memberships WHERE user_id = '{technician}'"));
    program.start(&client()).await;
    let ran = program.run(&["reset-mfa", "--yes", "--reason", REASON, "sole.owner"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let address = |username: &str| vestibule::domain::sample::address(username).expect("an address");
    let text = mailed(&mail, &address("operator"), "Ruth Delacroix").await;
    for words in [REASON, "the operators of", "the command line"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    mailed(&mail, &address("sole.owner"), "Your factors were reset").await;
    assert_eq!(factors(&program, "sole.owner"), 0);
}
