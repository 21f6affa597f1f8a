//! Every route in every state of a session: the answer is what the declared guard says. A route without
//! a guard cannot exist, so a new one is crawled without a word here. ASVS 8.1.1, 8.3.1, 8.4.2; U6, S2, G5.

use reqwest::Method;
use vestibule::routes::{Guard, Route, table};

use crate::support::browser::Answer;
use crate::support::{BY_PHONE, Browser, TestApp};

/// What a guard says to a session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    /// The handler answers, whatever it finds.
    Pass,
    /// Sent there instead.
    To(&'static str),
    Forbidden,
}
use Says::{Forbidden, Pass, To};

/// A session in one state, and what it meets.
struct State {
    what: &'static str,
    browser: Browser,
    /// The organization that forms of the console carry.
    organization_id: String,
    says: fn(Guard) -> Says,
}

/// Guards of the console, from the weakest on: admin, owner, operator.
fn level(guard: Guard) -> Option<(u8, bool)> {
    match guard {
        Guard::OrgAdmin => Some((0, false)),
        Guard::FreshOrgAdmin => Some((0, true)),
        Guard::OrgOwner => Some((1, false)),
        Guard::FreshOrgOwner => Some((1, true)),
        Guard::FreshOperator => Some((2, true)),
        _ => None,
    }
}

fn anonymous(guard: Guard) -> Says {
    match guard {
        Guard::NewPassword => To("/forgot-password"),
        Guard::Registering | Guard::Enrolling => To("/register/error"),
        _ => To("/login"),
    }
}

/// Half-made at some stage: its own pages and no others.
fn half_made(guard: Guard, own: Guard, page: &'static str) -> Says {
    match guard {
        guard if guard == own => Pass,
        Guard::NewPassword => To("/forgot-password"),
        Guard::Registering => To("/register/error"),
        Guard::Pending if own == Guard::SetUp => To(page),
        // These stages have no page of the second step, and each page says where to go.
        Guard::Pending => Pass,
        _ => To(page),
    }
}

fn password_only(guard: Guard) -> Says {
    half_made(guard, Guard::Pending, "/login/verify")
}

fn setting_up(guard: Guard) -> Says {
    half_made(guard, Guard::SetUp, "/security/setup")
}

fn at_terms(guard: Guard) -> Says {
    half_made(guard, Guard::Terms, "/terms")
}

/// Signed in, with something still due before anything opens.
fn held(guard: Guard, own: Guard, page: &'static str) -> Says {
    match guard {
        guard if guard == own => Pass,
        Guard::NewPassword => To("/forgot-password"),
        Guard::Registering => To("/register/error"),
        Guard::Pending | Guard::Terms | Guard::Enrolling | Guard::FactorDue => To("/home"),
        // Its page says itself whether there is something to set up.
        Guard::SetUp => Pass,
        _ => To(page),
    }
}

fn set_up_due(guard: Guard) -> Says {
    held(guard, Guard::SetUp, "/security/setup")
}

fn factor_due(guard: Guard) -> Says {
    held(guard, Guard::FactorDue, "/security/factor")
}

fn terms_due(guard: Guard) -> Says {
    held(guard, Guard::Terms, "/terms")
}

/// Signed in and of a role: members -1, admins 0, owners 1, operators 2.
fn signed_in(guard: Guard, role: i8, fresh: Says, console: Says) -> Says {
    match (guard, level(guard)) {
        (_, Some((wanted, _))) if role < wanted as i8 => Forbidden,
        (_, Some((_, true))) => {
            if console == Pass {
                fresh
            } else {
                console
            }
        }
        (_, Some((_, false))) => console,
        (Guard::Fresh, _) => fresh,
        (Guard::SignedIn | Guard::SetUp, _) => Pass,
        (Guard::NewPassword, _) => To("/forgot-password"),
        (Guard::Registering, _) => To("/register/error"),
        _ => To("/home"),
    }
}

const CONFIRM: Says = To("/security/confirm");

fn member(guard: Guard) -> Says {
    signed_in(guard, -1, Pass, Pass)
}

fn admin(guard: Guard) -> Says {
    signed_in(guard, 0, Pass, Pass)
}

fn owner(guard: Guard) -> Says {
    signed_in(guard, 1, Pass, Pass)
}

fn operator(guard: Guard) -> Says {
    signed_in(guard, 2, Pass, Pass)
}

fn stale_owner(guard: Guard) -> Says {
    signed_in(guard, 1, CONFIRM, Pass)
}

fn remembered_owner(guard: Guard) -> Says {
    signed_in(guard, 1, CONFIRM, CONFIRM)
}

fn outside(guard: Guard) -> Says {
    match guard {
        Guard::NewPassword => To("/forgot-password"),
        Guard::Registering => To("/register/error"),
        Guard::Pending | Guard::Terms | Guard::Enrolling | Guard::FactorDue => To("/home"),
        _ => Forbidden,
    }
}

/// Routes that ask who is there.
fn is_guarded(route: &Route) -> bool {
    // The API looks at no session: tests/portal/api.
    !matches!(
        route.guard,
        Guard::Public | Guard::Sandbox | Guard::Hook | Guard::Report | Guard::Operations | Guard::Api
    )
}

/// A path with ids that nobody has.
fn filled(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}').expect("a closed parameter");
        out.push_str(before);
        out.push_str("00000000-0000-7000-8000-000000000000");
        rest = after;
    }
    // What a reset takes away is part of its address.
    let query = if path == "/admin/users/{id}/reset" { "?scope=user" } else { "" };
    out + rest + query
}

/// Whether an answer is what the guard says. A post that no administrator makes may be refused for its form
/// as well, beside the guard; in the console the guard comes first, whatever the form holds.
fn fits(answer: &Answer, says: Says, for_its_form: bool) -> bool {
    let bare = answer.location().map(|path| path.split('?').next().unwrap_or_default());
    match says {
        Pass => {
            answer.status < 500 && answer.status != 403 && bare != Some("/login") && bare != Some("/security/confirm")
        }
        To(page) => {
            (answer.status == 303 && bare == Some(page)) || (for_its_form && matches!(answer.status, 400 | 409 | 415))
        }
        Forbidden => answer.status == 403 || (for_its_form && matches!(answer.status, 400 | 409 | 415)),
    }
}

async fn crawl(state: State) {
    let State { what, browser, organization_id, says } = state;
    let mut wrong = Vec::new();
    for route in table().filter(|route| is_guarded(route)) {
        let (path, post) = (filled(route.path), route.method == "POST");
        let moves_on = path == "/security/confirm" || (path == "/security/factor" && post);
        if moves_on && says(route.guard) == Pass {
            // The first sends on by what is wanted, the second puts the session to the second step.
            continue;
        }
        let mut browser = browser.clone();
        let answer = if post {
            let mut fields = vec![("csrf".to_owned(), browser.token())];
            if level(route.guard).is_some() {
                fields.push(("organization_id".into(), organization_id.clone()));
            }
            browser.ask(Method::POST, &path, &[], Some(&fields)).await
        } else {
            browser.get_only(&path).await
        };
        let says = says(route.guard);
        // Customers are a matter of partners, and this session's organization is none.
        let partners_only = path.starts_with("/admin/customers") && answer.status == 403 && says == Pass;
        let for_its_form = post && level(route.guard).is_none();
        if !partners_only && !fits(&answer, says, for_its_form) {
            let to = answer.location().unwrap_or_default();
            wrong.push(format!("{} {path} ({:?}): {} {to}, not {says:?}", route.method, route.guard, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}

impl TestApp {
    fn state(&self, what: &'static str, browser: Browser, says: fn(Guard) -> Says) -> State {
        State { what, browser, organization_id: self.organization_id("harbor_valley"), says }
    }
}

/// A page with a form, so that posts carry a token that is right.
async fn at(mut browser: Browser, path: &str) -> Browser {
    browser.get(path).await;
    browser
}

/// ASVS 6.3.3, 6.3.4, 8.1.1, 8.2.1, 8.3.1.
#[tokio::test]
async fn half_made_sign_ins_open_their_own_pages_only() {
    let app = TestApp::spawn().await;
    crawl(app.state("anonymous", at(app.browser(), "/login").await, anonymous)).await;
    let pending = app.after_password(BY_PHONE, "phone.only").await;
    crawl(app.state("password only", pending, password_only)).await;
    let forced = app.after_password(BY_PHONE, "tbrooks").await;
    crawl(app.state("forced set-up", forced, setting_up)).await;
    let id = app.user_id("member.none");
    app.sql(format!("UPDATE users SET terms_version = '0' WHERE id = '{id}'")).await;
    let terms = app.after_password(BY_PHONE, "member.none").await;
    terms.must_be_at("/terms");
    crawl(app.state("terms", terms, at_terms)).await;
}

/// ASVS 6.3.4, 8.1.1, 8.3.1.
#[tokio::test]
async fn a_session_that_owes_something_opens_nothing_else() {
    let app = TestApp::spawn().await;
    let due = app.signed_in("member.none").await;
    let by_email = {
        let mut browser = app.browser();
        app.sign_in(&mut browser, crate::support::BY_EMAIL, false, "rsmith").await;
        browser
    };
    let terms = app.signed_in("lferguson").await;
    let harbor = app.organization_id("harbor_valley");
    let id = app.user_id("lferguson");
    app.sql(format!("UPDATE users SET terms_version = '0' WHERE id = '{id}'")).await;
    crawl(app.state("terms due", terms, terms_due)).await;
    app.sql(format!(
        "UPDATE organizations SET enforce_mfa = TRUE, allowed_methods = 'authenticator,phone' WHERE id = '{harbor}'"
    ))
    .await;
    crawl(app.state("set-up due", due, set_up_due)).await;
    crawl(app.state("factor due", by_email, factor_due)).await;
    let outsider = app.signed_in("gkowalczyk").await;
    app.sql(format!(
        "INSERT INTO safelist_entries (id, organization_id, cidr, label, created_at) \
         VALUES ('x', '{harbor}', '203.0.113.0/24', '', '2026-01-01 00:00:00')"
    ))
    .await;
    crawl(app.state("outside", outsider, outside)).await;
}

/// ASVS 8.1.1, 8.2.1, 8.3.1.
#[tokio::test]
async fn each_role_opens_what_its_guard_says() {
    let app = TestApp::spawn().await;
    crawl(app.state("member", app.signed_in("phone.only").await, member)).await;
    crawl(app.state("admin", app.signed_in("admin").await, admin)).await;
    crawl(app.state("operator", app.signed_in("operator").await, operator)).await;
    crawl(app.state("owner", app.signed_in("owner.two").await, owner)).await;
}

/// ASVS 7.5.3, 8.4.2.
#[tokio::test]
async fn stale_and_remembered_sessions_confirm_first() {
    let app = TestApp::spawn().await;
    let stale = app.signed_in("owner.one").await;
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_PHONE, true, "owner.two").await;
    remembered.close_and_reopen_at(BY_PHONE).await;
    remembered.must_be_at("/home");
    crawl(app.state("remembered owner", remembered, remembered_owner)).await;
    app.later(11 * 60);
    crawl(app.state("stale owner", stale, stale_owner)).await;
}
