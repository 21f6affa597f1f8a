//! **Customers**: partners look after theirs, operators after all of them.

mod first_owners;

use vestibule::models::organizations::{self, Organization};
use vestibule::models::{Account, Role, memberships, registration_codes};

use crate::api::client::{self, make_token};
use crate::support::{BY_PHONE, TestApp};

const LIST: &str = "/admin/customers";

impl TestApp {
    async fn organization_called(&self, name: &'static str) -> Organization {
        let name = name.to_lowercase();
        self.read(move |conn| Ok(organizations::list_by_name(conn, &name)?)).await.remove(0)
    }
}

#[tokio::test]
async fn a_partners_owner_makes_a_customer_that_people_can_register_with() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("dboudreaux").await;
    browser.get("/admin").await;
    browser.click("Customers").await;
    browser.must_be_at(LIST).must_say("Riverside Family Clinic").must_say("Delta Orthopedics");
    assert!(!browser.says("Harbor Valley Health"), "somebody else's");
    browser.click("Add customer").await;
    browser.fill("Name", "  ").fill("NPI", "1234567890").fill("Time zone", "Mars/Olympus").click("Add customer").await;
    browser.must_be_at("/admin/customers/new").must_say("Enter the name of the organization.");
    browser.must_say("These are not one.").must_say("Choose a time zone");
    assert_eq!(browser.page().value("NPI").as_deref(), Some("1234567890"), "what was typed stays");
    browser.fill("Name", "Bayou Family Care").fill("NPI", "1000000012").fill("Time zone", "America/Denver");
    browser.click("Add customer").await;
    browser.must_say("The organization was saved.").must_say("Bayou Family Care");
    let made = app.organization_called("Bayou Family Care").await;
    assert_eq!(made.managing_partner_id, Some(app.organization_id("gulf_coast")));
    assert_eq!((made.time_zone.as_str(), made.npi.as_deref()), ("America/Denver", Some("1000000012")));
    let (id, now) = (made.id.clone(), app.app.core.clock.now());
    let code = app.read(move |conn| Ok(registration_codes::newest(conn, &id, now)?)).await.expect("a first code");
    browser.must_say(&code.code);
    let mut stranger = app.browser();
    stranger.get("/register").await;
    stranger.fill("NPI", "1000000012").fill("PROVIDER REGISTRATION CODE", &code.code).click("NEXT").await;
    stranger.must_be_at("/register/details").must_say("Bayou Family Care");
    // Changed later.
    browser.fill("Name", "Bayou Family Practice").fill("NPI", "").check("Fax required", false).click("Save").await;
    browser.must_say("Bayou Family Practice").must_say("into both fields");
    let changed = app.organization_called("Bayou Family Practice").await;
    assert_eq!((changed.id, changed.npi, changed.fax_required), (made.id, None, false));
    assert_eq!(changed.managing_partner_id, Some(app.organization_id("gulf_coast")));
}

/// ASVS 8.2.2, 8.3.1: who may see and do what.
/// ASVS 8.4.1.
#[tokio::test]
async fn customers_are_for_partners_and_operators() {
    let app = TestApp::spawn().await;
    let (harbor, riverside) = (app.organization_id("harbor_valley"), app.organization_id("riverside"));
    // An account holder of an organization without customers, and administrators of a partner.
    let mut owner = app.signed_in("owner.two").await;
    owner.get("/admin").await;
    assert!(!owner.says("Customers"));
    for path in [LIST.to_owned(), format!("{LIST}/new")] {
        assert_eq!(owner.get_only(&path).await.status, 403, "{path}");
    }
    assert_eq!(owner.get_only(&format!("{LIST}/{harbor}")).await.status, 404);
    let mut admin = app.signed_in("mokafor").await;
    assert_eq!(admin.get_only(LIST).await.status, 403);
    // The partner's account holder: not others' customers, and no switching off.
    let mut partner = app.signed_in("dboudreaux").await;
    partner.get(&format!("{LIST}/{riverside}")).await;
    partner.must_say("Riverside Family Clinic");
    assert!(!partner.page().controls().contains(&"Disable".to_owned()));
    let fields = [("name", "X"), ("npi", ""), ("time_zone", "UTC")];
    for id in [harbor.as_str(), "0192f3a4-0000-7000-8000-000000000001"] {
        assert_eq!(partner.get_only(&format!("{LIST}/{id}")).await.status, 404);
        assert_eq!(partner.post_in_console(&format!("{LIST}/{id}"), &fields).await.status, 404);
    }
    let answer = partner.post_in_console(&format!("{LIST}/{riverside}/disable"), &[]).await;
    assert_eq!(answer.status, 403);
    // A partner cannot hand a customer to somebody else.
    let fields = [("name", "Riverside"), ("npi", ""), ("time_zone", "UTC"), ("partner", "Harbor Valley Health")];
    assert_eq!(partner.post_in_console(&format!("{LIST}/{riverside}"), &fields).await.status, 303);
    let row = app.organization_called("Riverside").await;
    assert_eq!(row.managing_partner_id, Some(app.organization_id("gulf_coast")));
}

/// ASVS 7.4.2: sessions end at once, nobody comes in, codes stop; and all of it comes back.
#[tokio::test]
async fn a_disabled_organization_lets_nobody_in() {
    let app = TestApp::spawn().await;
    let mut inside = app.signed_in("khollis").await;
    let mut operator = app.signed_in("operator").await;
    operator.get(&format!("{LIST}?name=river")).await;
    operator.must_say("Riverside Family Clinic").must_say("Gulf Coast Practice Partners");
    operator.click("Riverside Family Clinic").await;
    operator.click("Disable").await;
    operator.must_say("The organization was disabled.").must_say("Disabled");
    inside.get("/home").await;
    inside.must_be_at("/login");
    let code = app.people.organizations["riverside"].registration_code.clone();
    let mut stranger = app.browser();
    stranger.get("/register").await;
    stranger.fill("NPI", "1000000111").fill("PROVIDER REGISTRATION CODE", &code).click("NEXT").await;
    stranger.must_be_at("/register");
    let mut again = app.browser();
    app.sign_in(&mut again, BY_PHONE, false, "khollis").await;
    assert!(!again.says("Riverside Family Clinic"), "signed in to no organization");
    assert_eq!(again.get_only("/admin").await.status, 403);
    operator.click("Enable").await;
    operator.must_say("Its people can sign in again.");
    let mut inside = app.signed_in("khollis").await;
    inside.get("/admin").await;
    inside.must_be_at("/admin").must_say("Riverside Family Clinic");
}

#[tokio::test]
async fn an_operator_makes_a_partner_by_putting_somebody_under_it() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    operator.get(&format!("{LIST}/new")).await;
    operator.fill("Name", "Pine Belt Clinic").fill("NPI", "1234567893").click("Add customer").await;
    operator.must_say("Another organization has this NPI.");
    for partner in ["Nobody at all", "Riverside Family Clinic"] {
        operator.fill("Name", "Pine Belt Clinic").fill("NPI", "").fill("Partner", partner).click("Add customer").await;
        operator.must_say("Enter the exact name of an organization that is under no partner");
    }
    operator.fill("Partner", "summit behavioral health").click("Add customer").await;
    operator.must_say("The organization was saved.");
    let row = app.organization_called("Pine Belt Clinic").await;
    assert_eq!(row.managing_partner_id, Some(app.organization_id("summit")));
    // Its account holder looks after it from the next request on.
    let mut owner = app.signed_in("rtsosie").await;
    owner.get(LIST).await;
    owner.must_be_at(LIST).must_say("Pine Belt Clinic");
    assert!(!owner.says("Riverside Family Clinic"));
}

/// SPEC section 7: a customer that a partner makes gets its first account holder, who can do what one does.
#[tokio::test]
async fn a_partner_invites_the_first_account_holder_of_a_customer() {
    let app = TestApp::spawn().await;
    let mut partner = app.signed_in("dboudreaux").await;
    partner.get(&format!("{LIST}/new")).await;
    partner.fill("Name", "Bayou Family Care").fill("Time zone", "America/Chicago").click("Add customer").await;
    partner.must_say("It has no Account Holder who can sign in");
    partner.click("Invite the first Account Holder").await;
    partner.must_say("Bayou Family Care");
    partner.fill("Username", "x").fill("Email", "nowhere").click("Send invitation").await;
    partner.must_say("Enter the first name.");
    assert!(!partner.says("address again."), "nobody is asked to type the address twice");
    assert_eq!(partner.page().value("Email").as_deref(), Some("nowhere"), "what was typed stays");
    let email = "first.owner@bayou.example";
    // The same address again is the same invitation, sent again.
    for _ in 0..2 {
        partner.fill("Username", "first.owner").fill("Email", email).fill("First Name", "Odile");
        partner.fill("Last Name", "Broussard").click("Send invitation").await;
        partner.must_say("The invitation was sent.").must_say("It has no Account Holder who can sign in");
        partner.click("Invite the first Account Holder").await;
    }
    let made = app.organization_called("Bayou Family Care").await;
    let user = app.user("first.owner").await.expect("an account");
    assert_eq!((user.account, user.managing_organization_id.as_deref()), (Account::Invited, Some(made.id.as_str())));
    let (id, user_id) = (made.id.clone(), user.id.clone());
    let membership = app.read(move |conn| Ok(memberships::find(conn, &user_id, &id)?)).await.expect("a membership");
    assert_eq!(membership.role, Role::Owner);
    let mails: Vec<_> = app.outbox().await.into_iter().filter(|m| m.to == email && m.kind == "invitation").collect();
    assert_eq!(mails.len(), 2);
    // Who follows the link is its account holder; then nobody else is invited from here.
    app.sql(format!("UPDATE users SET account = 'active' WHERE id = '{}'", user.id)).await;
    partner.get(&format!("{LIST}/{}", made.id)).await;
    assert!(!partner.says("Invite the first Account Holder"));
    assert_eq!(partner.get_only(&format!("{LIST}/{}/owner", made.id)).await.status, 409);
    let fields = [("username", "second"), ("email", "b@bayou.example"), ("first_name", "B"), ("last_name", "C")];
    let answer = partner.post_in_console(&format!("{LIST}/{}/owner", made.id), &fields).await;
    assert_eq!(answer.status, 409);
    assert!(app.user("second").await.is_none());
}

/// Operators do the same anywhere; somebody who has an account elsewhere gets an offer, and the answer
/// does not tell.
#[tokio::test]
async fn an_operator_invites_a_first_account_holder() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    operator.get(&format!("{LIST}/new")).await;
    operator.fill("Name", "Pine Belt Clinic").click("Add customer").await;
    operator.click("Invite the first Account Holder").await;
    let email = app.email("member.none");
    operator.fill("Username", "somebody.new").fill("Email", &email).fill("First Name", "C").fill("Last Name", "E");
    operator.click("Send invitation").await;
    operator.must_say("The invitation was sent.");
    let mails: Vec<_> = app.outbox().await.into_iter().filter(|m| m.to == email).collect();
    assert!(mails.iter().any(|m| m.kind == "invitation_offer"), "{mails:?}");
    assert!(app.user("somebody.new").await.is_none());
    // One that is disabled has no door.
    let made = app.organization_called("Pine Belt Clinic").await;
    operator.click("Disable").await;
    assert!(!operator.says("Invite the first Account Holder"));
    assert_eq!(operator.get_only(&format!("{LIST}/{}/owner", made.id)).await.status, 404);
}

/// ASVS 7.4.2: an API token ends with its organization, and stays ended.
#[tokio::test]
async fn a_disabled_organization_ends_its_tokens_for_good() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("khollis").await;
    let token = make_token(&mut owner, "Reports", &["Read users"]).await;
    assert_eq!(client::get(&app, &token, "/api/user/users").await.status, 200);
    let mut operator = app.signed_in("operator").await;
    operator.get(&format!("{LIST}/{}", app.organization_id("riverside"))).await;
    operator.click("Disable").await;
    operator.must_say("The organization was disabled.");
    assert_eq!(client::get(&app, &token, "/api/user/users").await.status, 401);
    operator.click("Enable").await;
    operator.must_say("Its people can sign in again.");
    assert_eq!(client::get(&app, &token, "/api/user/users").await.status, 401);
}
