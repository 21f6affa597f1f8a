//! Registering, as people walk it: from the organization's code to home, and every way that goes wrong.

mod conflicts;
mod details;
mod links;
mod organization;
mod password;
mod phone;
mod reset;
mod roads;
mod terms;
mod timing;

use vestibule::models::organizations::Organization;
use vestibule::models::{organizations, registration_codes, users};

use crate::support::outbox::Message;
use crate::support::{Browser, TestApp};

pub const HARBOR: &str = "harbor_valley";
pub const PASSWORD: &str = "wheelbarrow under 9 quiet maples";

/// What somebody new types.
pub struct Person {
    pub username: &'static str,
    pub email: &'static str,
}

pub const ADA: Person = Person { username: "ada.new", email: "ada.new@harborvalley.example" };

impl TestApp {
    pub async fn organization(&self, key: &str) -> (Organization, String) {
        let (id, now) = (self.organization_id(key), self.app.core.clock.now());
        self.read(move |conn| {
            let organization = organizations::find(conn, &id)?.expect("a sample organization");
            let code = registration_codes::newest(conn, &id, now)?.expect("a code");
            Ok((organization, code.code))
        })
        .await
    }

    /// A new browser at **Enter User Information**.
    pub async fn at_details(&self, key: &str) -> Browser {
        let (organization, code) = self.organization(key).await;
        let mut browser = self.browser();
        browser.get("/register").await;
        browser.fill("NPI", organization.npi.as_deref().unwrap_or(&code));
        browser.fill("Provider Registration Code", &code).click("Next").await;
        browser.must_be_at("/register/details").must_say(&organization.name);
        browser
    }

    /// As far as the link; its path.
    pub async fn started(&self, key: &str, person: &Person) -> String {
        let mut browser = self.at_details(key).await;
        fill_details(&mut browser, person).click("Next").await;
        browser.must_be_at("/register/sent").must_say("Registration is complete").must_say("Check your e-mail");
        self.link_to(person.email).await
    }

    /// The path of the newest link to an address.
    pub async fn link_to(&self, email: &str) -> String {
        let mail = self.mails_to(email).await.into_iter().find(|m| m.link.is_some()).expect("a link");
        mail.link.expect("a link").strip_prefix(&self.base).expect("a link of ours").to_owned()
    }

    /// What an address was sent, newest first.
    pub async fn mails_to(&self, to: &str) -> Vec<Message> {
        self.outbox().await.into_iter().filter(|m| m.to == to).collect()
    }

    pub async fn code_to(&self, to: &str) -> String {
        self.mails_to(to).await.into_iter().find_map(|m| m.code).expect("a code")
    }

    /// A browser where the address is verified and the password can be chosen.
    pub async fn at_password(&self, key: &str, person: &Person, method: &str) -> Browser {
        let link = self.started(key, person).await;
        let mut browser = self.browser();
        self.verify_address(&mut browser, &link, person.email, method).await;
        browser
    }

    /// From a link to the verified address.
    pub async fn verify_address(&self, browser: &mut Browser, link: &str, email: &str, method: &str) {
        browser.get(link).await;
        browser.must_be_at("/register/method").must_say(
            "When choosing an authentication method you will be required to enter an email address. \
             Only choose the Email option if you do not have access to a direct phone line.",
        );
        browser.click(method).await;
        browser.must_be_at("/register/email").must_say("Enter your work email address");
        assert_eq!(browser.page().value("Email Address").as_deref(), Some(email));
        browser.click("Send verification code").await;
        let code = self.code_to(email).await;
        browser.fill("Verification code", &code).click("Verify code").await;
        browser.must_say("The code has been verified. You can now continue.");
        // Sent again, it takes nothing back.
        browser.post("/register/email/code", &[("code", &code)]).await;
        browser.must_be_at("/register/email").must_say("The code has been verified. You can now continue.");
    }

    /// The road up to the terms, by e-mail.
    pub async fn at_terms(&self, key: &str, person: &Person) -> Browser {
        let mut browser = self.at_password(key, person, "Email").await;
        create(&mut browser, PASSWORD).await;
        browser.must_be_at("/terms");
        browser
    }

    pub async fn user(&self, username: &str) -> Option<vestibule::models::users::User> {
        let username = username.to_owned();
        self.read(move |conn| Ok(users::find_by_username(conn, &username)?)).await
    }
}

/// Fills in what must be typed.
pub fn fill_details<'a>(browser: &'a mut Browser, person: &Person) -> &'a mut Browser {
    browser.fill("Username", person.username).fill("First Name", "Ada").fill("Last Name", "Núñez 🦊");
    browser.fill("Email", person.email).fill("Confirm Email", person.email).fill("Fax", "601-555-0199")
}

pub async fn create(browser: &mut Browser, password: &str) {
    browser.fill("New Password", password).fill("Confirm New Password", password).click("Create").await;
}

/// Checks the box and goes on.
pub async fn agree(browser: &mut Browser) {
    browser.must_be_at("/terms").must_say("Terms of Use Agreement");
    browser.check("I have read and agree to these terms of use.", true).click("Continue").await;
}
