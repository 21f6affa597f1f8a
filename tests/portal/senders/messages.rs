//! What messages say, and that nobody else can put words into them.

use scraper::{Html, Selector};
use url::Url;
use vestibule::outbox::line::Line;
use vestibule::outbox::message::{Call, Channel, Email, Outgoing};
use vestibule::outbox::messages::*;
use vestibule::outbox::registration_messages::*;

const LINK: &str = "https://login.harborvalley.example:8443/register/continue/x";
const EVIL: &str = "<b>Eve</b> & co\r\n@evil.example #000000\u{202e}\u{0}";
/// The same as it may stand in a text.
const TAMED: &str = "<b>Eve</b> & co @evil.example #000000";

fn letterhead() -> Letterhead {
    let url = Url::parse("https://login.harborvalley.example:8443/").expect("a URL");
    Letterhead::new("Vestibule", Some(Line::new("Harbor Valley Health")), &url)
}

fn recipient() -> Recipient {
    Recipient { address: "dbezaury@harborvalley.example".into(), name: Some(Line::new("Dana\r\nBezaury")) }
}

fn asked(browser: &str) -> Asked {
    Asked { when: "today at 1:12 PM Central".into(), browser: browser.into(), address: "203.0.113.24".into() }
}

/// Every message, with its name; all that strangers supply is `text`.
fn all(text: &str) -> Vec<(&'static str, Email)> {
    let (l, to, line) = (letterhead(), recipient(), || Line::new(text));
    let user_id = "0192f3a4-0000-7000-8000-000000000001".parse().expect("a UUID");
    let emails = [
        ("sign_in_code", SignInCode { code: "482913".into(), life_seconds: 30, asked: asked(text) }.email(&l, &to)),
        (
            "verify_address_code",
            VerifyAddressCode { code: "048291".into(), life_seconds: 600, asked: asked(text) }.email(&l, &to),
        ),
        ("recovery_code_used", RecoveryCodeUsed { left: 7, asked: asked(text) }.email(&l, &to)),
        ("wrong_second_factor", WrongSecondFactor { tries: 3, asked: asked(text) }.email(&l, &to)),
        ("new_device", NewDevice { asked: asked(text) }.email(&l, &to)),
        ("sign_in_after_failures", SignInAfterFailures { failures: 5, asked: asked(text) }.email(&l, &to)),
        ("code_reused", CodeReused { factor: line(), asked: asked(text) }.email(&l, &to)),
        (
            "factor_paused",
            FactorPaused { factor: line(), tries: 10, until: "1:27 PM Central".into(), asked: asked(text) }
                .email(&l, &to),
        ),
        ("factor_switched_off", FactorSwitchedOff { factor: line(), tries: 100, asked: asked(text) }.email(&l, &to)),
        (
            "factor_switched_off_admin",
            FactorSwitchedOffAdmin {
                person: line(),
                username: line(),
                user_id,
                factor: line(),
                tries: 100,
                asked: asked(text),
            }
            .email(&l, &to),
        ),
        ("factor_added", FactorAdded { factor: line(), name: line(), asked: asked(text) }.email(&l, &to)),
        (
            "mfa_reset",
            MfaReset {
                by: line(),
                removed: line(),
                setup_required: true,
                registration: false,
                reference: "7K3F9-Q2B4C".into(),
                asked: asked(text),
            }
            .email(&l, &to),
        ),
        (
            "mfa_reset_admin",
            MfaResetAdmin {
                person: line(),
                username: line(),
                user_id,
                by: line(),
                removed: line(),
                registration: false,
                reason: line(),
                reference: "7K3F9-Q2B4C".into(),
                asked: asked(text),
            }
            .email(&l, &to),
        ),
        ("account_changed", AccountChanged { what: line(), so: line(), by: line(), asked: asked(text) }.email(&l, &to)),
        ("operator_acted", OperatorActed { what: line(), so: line(), by: line(), asked: asked(text) }.email(&l, &to)),
        ("password_changed", PasswordChanged { asked: asked(text) }.email(&l, &to)),
        ("factor_removed", FactorRemoved { factor: line(), name: line(), asked: asked(text) }.email(&l, &to)),
        ("recovery_codes_made", RecoveryCodesMade { asked: asked(text) }.email(&l, &to)),
        ("password_replaced", PasswordReplaced { asked: asked(text) }.email(&l, &to)),
        ("email_changed", EmailChanged { old: line(), new: line(), asked: asked(text) }.email(&l, &to)),
        ("address_wanted", AddressWanted { proposed: false, asked: asked(text) }.email(&l, &to)),
        ("address_wanted", AddressWanted { proposed: true, asked: asked(text) }.email(&l, &to)),
        ("domain_linked", DomainLinked { host: line(), asked: asked(text) }.email(&l, &to)),
        ("domain_unlinked", DomainUnlinked { host: line(), asked: asked(text) }.email(&l, &to)),
        ("no_password_here", NoPasswordHere { unfinished: true, asked: asked(text) }.email(&l, &to)),
        ("no_password_here", NoPasswordHere { unfinished: false, asked: asked(text) }.email(&l, &to)),
        (
            "registration_link",
            RegistrationLink { link: LINK.into(), life_seconds: 1_200, asked: asked(text) }.email(&l, &to),
        ),
        (
            "registration_reset",
            RegistrationReset { link: LINK.into(), life_seconds: 1_200, asked: asked(text) }.email(&l, &to),
        ),
        (
            "registration_username_taken",
            RegistrationUsernameTaken { username: line(), link: LINK.into(), life_seconds: 1_200, asked: asked(text) }
                .email(&l, &to),
        ),
        (
            "registration_address_taken",
            RegistrationAddressTaken { unfinished: false, asked: asked(text) }.email(&l, &to),
        ),
        (
            "registration_address_taken",
            RegistrationAddressTaken { unfinished: true, asked: asked(text) }.email(&l, &to),
        ),
        ("self_reset_done", SelfResetDone { asked: asked(text), stop: LINK.into() }.email(&l, &to)),
        (
            "self_reset_disowned",
            SelfResetDisowned { person: line(), username: line(), user_id: uuid::Uuid::default(), asked: asked(text) }
                .email(&l, &to),
        ),
        ("self_reset_elsewhere", SelfResetElsewhere { asked: asked(text) }.email(&l, &to)),
        ("password_switched_off", PasswordSwitchedOff { tries: 100, asked: asked(text) }.email(&l, &to)),
    ];
    emails.into_iter().map(|(name, email)| (name, email.expect("it renders"))).collect()
}

fn one(name: &str) -> Email {
    all("Chrome on Windows").into_iter().find(|(found, _)| *found == name).expect("a message of that name").1
}

/// The words of the HTML, runs of white space as one.
fn words(html: &str) -> String {
    let body = Selector::parse("body").expect("a selector");
    let text: String = Html::parse_document(html).select(&body).flat_map(|body| body.text()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_sign_in_code_reads_like_this() {
    let email = one("sign_in_code");
    assert_eq!(email.subject, "482913 is your Vestibule verification code");
    assert_eq!(email.to, "dbezaury@harborvalley.example");
    assert_eq!(email.to_name.as_deref(), Some("Dana Bezaury"));
    assert_eq!(
        email.text,
        "Your verification code

    482913

Enter it on the page where you are signing in. It works for 30 seconds.

Do not share this code. We never call, text or email to ask for it.

Requested today at 1:12 PM Central
from Chrome on Windows, address 203.0.113.24.

Not you? Someone may know your password. Change it now:
https://login.harborvalley.example:8443/security
or call your practice admin.

--
Sent to dbezaury@harborvalley.example because someone is signing in at login.harborvalley.example.

@login.harborvalley.example #482913"
    );
    let preview = "Your code is 482913. It works for 30 seconds.";
    assert!(words(&email.html).starts_with(preview), "{}", words(&email.html));
    assert!(email.html.contains(">482913</p>"), "the code stands alone, so that a double click selects it");
}

/// ASVS 6.5.4.
#[test]
fn the_code_to_verify_an_address_keeps_leading_zeros_and_says_how_long_it_works() {
    let email = one("verify_address_code");
    assert_eq!(email.subject, "048291 is your Vestibule verification code");
    assert!(
        email.text.contains("It works for 10 minutes.")
            && email.text.ends_with("\n@login.harborvalley.example #048291")
    );
    assert!(!email.text.contains("https://"), "strangers are sent no link");
}

#[test]
fn text_and_html_of_every_message_say_the_same_from_whom_and_what_to_do() {
    for (name, email) in all("Chrome on Windows") {
        let said = words(&email.html);
        let text = email.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for fact in [
            "today at 1:12 PM Central from Chrome on Windows, address 203.0.113.24.",
            "Sent to dbezaury@harborvalley.example because",
        ] {
            assert!(said.contains(fact), "{name} html lacks {fact}: {said}");
            assert!(text.contains(fact), "{name} text lacks {fact}: {text}");
        }
        assert!(said.contains("Vestibule for Harbor Valley Health"), "{name}: {said}");
        // Each sentence of the first paragraph stands in both.
        let preview = Html::parse_document(&email.html);
        let hidden = Selector::parse("div[style^='display:none']").expect("a selector");
        let preview: String = preview.select(&hidden).flat_map(|div| div.text()).collect();
        assert!(!preview.is_empty(), "{name} has no preview");
        if !name.ends_with("_code") {
            // Behind a link its life stands in another sentence.
            let (facts, life) = preview.split_once(" The link works for ").unwrap_or((&preview, ""));
            assert!(text.contains(facts), "{name} text lacks {facts}: {text}");
            assert!(text.contains(life.trim_end_matches('.')), "{name} text lacks {life}: {text}");
        }
        if ![
            "factor_switched_off_admin",
            "mfa_reset_admin",
            "operator_acted",
            "password_switched_off",
            "self_reset_disowned",
        ]
        .contains(&name)
        {
            assert!(text.contains("Not you?") && said.contains("Not you?"), "{name} does not say what to do");
        }
        assert!(!email.text.contains("\n\n\n") && email.text.trim() == email.text, "{name}: {:?}", email.text);
        assert!(!email.html.contains("{{") && !email.text.contains("{{"), "{name}");
    }
}

#[test]
fn there_is_one_link_at_most_to_our_host_and_nothing_is_fetched() {
    let links = Selector::parse("a[href]").expect("a selector");
    let fetching = Selector::parse("img,link,script,iframe,object,form,input,[src],[background]").expect("a selector");
    for (name, email) in all("Chrome on Windows") {
        let page = Html::parse_document(&email.html);
        let found: Vec<_> = page.select(&links).filter_map(|a| a.attr("href")).collect();
        assert!(found.len() <= 1, "{name}: {found:?}");
        assert!(found.iter().all(|a| a.starts_with("https://login.harborvalley.example:8443/")), "{name}: {found:?}");
        assert_eq!(email.text.matches("https://").count(), found.len(), "{name}");
        assert!(found.iter().all(|a| email.text.contains(a)), "{name}");
        assert_eq!(page.select(&fetching).count(), 0, "{name}");
        assert!(!email.html.contains("url(") && !email.html.contains("@import"), "{name}");
        assert!(email.html.lines().all(|line| line.len() < 990), "{name}: RFC 5322 allows 998 characters a line");
    }
}

/// UI section 11: life and host stand beside the link; what takes its place is said too.
#[test]
fn the_links_of_a_registration_say_where_they_lead_and_how_long_they_work() {
    for (name, subject) in [
        ("registration_link", "Go on with your registration at Vestibule"),
        ("registration_reset", "Your new link for Vestibule"),
        ("registration_username_taken", "Choose another username at Vestibule"),
    ] {
        let email = one(name);
        assert_eq!(email.subject, subject);
        let fact = "The link leads to login.harborvalley.example and works for 20 minutes, in any browser. \
                    A newer link takes its place.";
        assert!(email.text.contains(fact), "{name}: {}", email.text);
        assert!(words(&email.html).contains(fact), "{name}: {}", words(&email.html));
        assert!(email.text.lines().any(|line| line == LINK), "{name}: {}", email.text);
        assert!(email.html.contains(&format!("href=\"{LINK}\"")), "{name}: {}", email.html);
    }
}

/// Whoever owns the address is led to what works for them: nobody signs in before the registration is
/// finished.
#[test]
fn the_owner_of_an_address_is_told_the_way_that_works() {
    let found = all("Chrome on Windows").into_iter().filter(|(name, _)| *name == "registration_address_taken");
    let ways: Vec<_> = found.map(|(_, email)| email).collect();
    for (email, way) in ways.iter().zip(["/login", "/register/complete"]) {
        assert_eq!(email.subject, "You already have an account at Vestibule");
        let link = format!("https://login.harborvalley.example:8443{way}");
        assert!(email.text.lines().any(|line| line == link), "{}", email.text);
        assert!(email.html.contains(&format!("href=\"{link}\"")), "{}", email.html);
    }
}

/// ASVS 1.2.1, 1.3.11.
#[test]
fn strangers_cannot_add_markup_lines_headers_or_codes() {
    for (name, email) in all(EVIL) {
        assert!(!email.html.contains("<b>Eve") && email.html.contains("&#60;b&#62;Eve"), "{name}: {}", email.html);
        assert!(email.text.contains(TAMED), "{name}: {}", email.text);
        assert!(!email.text.lines().any(|line| line.starts_with("@evil")), "{name}: {}", email.text);
        assert!(!email.subject.chars().any(char::is_control), "{name}: {:?}", email.subject);
        for text in [&email.subject, &email.text, &email.html] {
            assert!(!text.chars().any(|c| c == '\u{202e}' || c == '\r' || c == '\u{0}'), "{name}: {text:?}");
        }
    }
}

#[test]
fn a_line_is_bounded_and_keeps_honest_names() {
    assert_eq!(Line::new("  José  Núñez-O'Brien \u{feff}").as_str(), "José Núñez-O'Brien");
    let long = Line::new(&"é".repeat(5_000));
    assert_eq!((long.as_str().chars().count(), long.as_str().ends_with('…')), (120, true));
    assert!(Line::new("\r\n\t\u{2066}").is_empty());
}

#[test]
fn a_text_message_can_be_filled_in_by_the_phone() {
    let text = code_sms(&letterhead(), "482913", 300).expect("it renders");
    assert_eq!(
        text,
        "482913 is your Vestibule code. It works for 5 minutes. Do not share it.\n@login.harborvalley.example #482913"
    );
}

#[test]
fn lives_are_said_in_words_and_never_rounded() {
    for (seconds, words) in [
        (1, "1 second"),
        (30, "30 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (600, "10 minutes"),
        (3_600, "1 hour"),
        (86_400, "24 hours"),
    ] {
        let text = code_sms(&letterhead(), "482913", seconds).expect("it renders");
        assert!(text.contains(&format!("It works for {words}.")), "{text}");
    }
}

#[test]
fn what_goes_out_survives_its_row_in_the_outbox_and_does_not_print_itself() {
    let call = Call {
        to: "+16015550123".into(),
        answer_url: "https://h.example/a".into(),
        status_url: "https://h.example/s".into(),
        ring_seconds: 60,
    };
    for out in [Outgoing::Email(one("sign_in_code")), Outgoing::Call(call)] {
        let row = serde_json::to_vec(&out).expect("it can be written");
        assert!(serde_json::from_slice::<Outgoing>(&row).expect("it can be read") == out);
        assert!(!format!("{out:?}").contains("482913"));
    }
    for channel in Channel::ALL {
        assert_eq!(Channel::parse(channel.as_str()), Some(*channel));
    }
    assert!(Channel::parse("fax").is_none());
}
