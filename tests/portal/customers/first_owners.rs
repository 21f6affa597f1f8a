//! Several are invited to be a customer's first account holder: the first to come is it, and nobody learns
//! from the figures whom an address belongs to.

use vestibule::models::{Account, Role};

use super::LIST;
use crate::registration::{agree, create};
use crate::support::{Browser, TestApp};

/// A customer without anybody, made by somebody who looks after it; its id.
async fn made(app: &TestApp, browser: &mut Browser, name: &'static str) -> String {
    browser.get(&format!("{LIST}/new")).await;
    browser.fill("Name", name).fill("Time zone", "America/Chicago").click("Add customer").await;
    browser.must_say("The organization was saved.");
    app.organization_called(name).await.id
}

async fn invite(browser: &mut Browser, id: &str, username: &str, email: &str) {
    let fields = [("username", username), ("email", email), ("first_name", "Ada"), ("last_name", "Quimby")];
    browser.get(&format!("{LIST}/{id}/owner")).await;
    let answer = browser.post_in_console(&format!("{LIST}/{id}/owner"), &fields).await;
    assert_eq!(answer.status, 303, "{email}");
}

/// The form with which somebody accepts what waits for them.
async fn offer(browser: &mut Browser) -> Option<String> {
    browser.get("/invitations").await;
    browser.page().attribute("form[action$='/accept']", "action")
}

async fn owners(app: &TestApp, id: &str) -> Vec<String> {
    let id = id.to_owned();
    let found = app.read(move |conn| {
        use diesel::prelude::*;
        use vestibule::schema::{memberships, users};
        Ok(memberships::table
            .inner_join(users::table)
            .filter(memberships::organization_id.eq(id))
            .filter(memberships::role.eq(Role::Owner))
            .select(users::username)
            .load(conn)?)
    });
    found.await
}

#[tokio::test]
async fn of_two_who_accept_at_once_one_is_account_holder() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    let id = made(&app, &mut operator, "Pine Belt Clinic").await;
    invite(&mut operator, &id, "one", &app.email("member.none")).await;
    invite(&mut operator, &id, "two", &app.email("phone.only")).await;
    let (mut one, mut two) = (app.signed_in("member.none").await, app.signed_in("phone.only").await);
    let (first, second) = (offer(&mut one).await.expect("an offer"), offer(&mut two).await.expect("an offer"));
    let answers = tokio::join!(one.post_only(&first, &[]), two.post_only(&second, &[]));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    let loser = if answers.0.status == 404 { &answers.0 } else { &answers.1 };
    assert!(loser.body.contains("That invitation is over") && loser.body.contains("No invitation waits for you."));
    assert_eq!(owners(&app, &id).await.len(), 1);
    assert_eq!((offer(&mut one).await, offer(&mut two).await), (None, None));
}

/// The same for two without accounts, both far into registering.
#[tokio::test]
async fn of_two_who_register_the_first_is_account_holder() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    let id = made(&app, &mut operator, "Pine Belt Clinic").await;
    let mut browsers = Vec::new();
    for (username, email) in [("one", "one@pine.example"), ("two", "two@pine.example")] {
        invite(&mut operator, &id, username, email).await;
        let mut browser = app.browser();
        let link = app.link_to(email).await;
        app.verify_address(&mut browser, &link, email, "Email").await;
        create(&mut browser, "quiet heron over wide water").await;
        browsers.push(browser);
    }
    // A third has not begun.
    invite(&mut operator, &id, "three", "three@pine.example").await;
    agree(&mut browsers[0]).await;
    browsers[0].must_be_at("/home").must_say("Administration");
    agree(&mut browsers[1]).await;
    assert!(!browsers[1].says("Administration"), "{}", browsers[1].text());
    assert_eq!(owners(&app, &id).await, ["one"]);
    assert!(app.user("three").await.is_none());
    let mut third = app.browser();
    third.get(&app.link_to("three@pine.example").await).await;
    assert_ne!(third.path(), "/register/method");
    // From here on the account holder says who else is one.
    let mut owner = browsers.remove(0);
    app.invite(&mut owner, "four", "four@pine.example", Some("Account Holder")).await;
    owner.must_say("The invitation was sent.");
    assert_eq!(app.user("four").await.expect("an account").account, Account::Invited);
}

/// Whoever invited does not look after it any more.
#[tokio::test]
async fn invitations_end_with_the_partner_and_with_the_organization() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    let mut partner = app.signed_in("dboudreaux").await;
    let id = made(&app, &mut partner, "Bayou Family Care").await;
    let mut invited = app.signed_in("member.none").await;
    let page = format!("{LIST}/{id}");
    for round in ["another partner", "disabled"] {
        invite(&mut partner, &id, "one", &app.email("member.none")).await;
        invite(&mut partner, &id, "two", "two@bayou.example").await;
        assert!(offer(&mut invited).await.is_some() && app.user("two").await.is_some(), "{round}");
        operator.get(&page).await;
        let partner_name =
            if round == "disabled" { "Gulf Coast Practice Partners" } else { "Summit Behavioral Health" };
        let fields =
            [("name", "Bayou Family Care"), ("npi", ""), ("time_zone", "America/Chicago"), ("partner", partner_name)];
        if round == "disabled" {
            assert_eq!(operator.post_in_console(&format!("{page}/disable"), &[]).await.status, 303);
            operator.get(&page).await;
            assert_eq!(operator.post_in_console(&format!("{page}/enable"), &[]).await.status, 303);
        } else {
            assert_eq!(operator.post_in_console(&page, &fields).await.status, 303);
        }
        assert!(offer(&mut invited).await.is_none() && app.user("two").await.is_none(), "{round}");
        assert_eq!(owners(&app, &id).await, Vec::<String>::new());
        if round != "disabled" {
            // Back to the first one.
            let fields = fields.map(|(n, v)| (n, if n == "partner" { "Gulf Coast Practice Partners" } else { v }));
            operator.get(&page).await;
            assert_eq!(operator.post_in_console(&page, &fields).await.status, 303);
        }
    }
}

/// ASVS 6.3.8: an address that has an account looks like any other, in figures, states and limits.
#[tokio::test]
async fn figures_do_not_tell_whose_address_was_invited() {
    let app = TestApp::spawn().await;
    let mut partner = app.signed_in("dboudreaux").await;
    let mut seen = Vec::new();
    for (name, username, email) in
        [("Known", "known.one", app.email("member.none")), ("Fresh", "fresh.one", "fresh@bayou.example".into())]
    {
        let id = made(&app, &mut partner, name).await;
        let mut answers = Vec::new();
        for _ in 0..7 {
            partner.get(&format!("{LIST}/{id}/owner")).await;
            let fields = [("username", username), ("email", &email), ("first_name", "A"), ("last_name", "B")];
            answers.push(partner.post_in_console(&format!("{LIST}/{id}/owner"), &fields).await.status);
        }
        partner.get(&format!("{LIST}/{id}")).await;
        let code = app.read({
            let (id, now) = (id.clone(), app.app.core.clock.now());
            move |conn| Ok(vestibule::models::registration_codes::newest(conn, &id, now)?)
        });
        let code = code.await.expect("a code").code;
        let page = partner.text().replace(name, "NAME").replace(&code, "CODE");
        partner.get(&format!("{LIST}?name={name}")).await;
        let list = partner.page().texts("tbody tr").concat().replace(name, "NAME");
        seen.push((answers, page, list));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0, [303, 303, 303, 303, 303, 200, 200], "five are sent, then both hear that it was enough");
}
