//! Domain accounts by OpenID Connect, against a provider of the test's own with real signatures.

mod answers;
mod broken_tokens;
mod confirming;
mod down;
mod first_time;
mod floods;
mod linked;
mod oidc_provider;
mod passwords;
mod provider;
mod registering;
mod sign_in;

use crate::support::oidc::{OidcServer, Person};
use crate::support::{Browser, TestApp};

const REFUSED: &str = "Your domain account did not open an account here.";
const STALE: &str = "has ended, or was begun in another window";

impl TestApp {
    /// A portal with this provider, which Harbor Valley Health names.
    async fn with_domain(provider: &OidcServer) -> Self {
        Self::with_domain_of(provider, |_| {}).await
    }

    async fn with_domain_of(
        provider: &OidcServer,
        change: impl FnOnce(&mut vestibule::identity::oidc::OidcSettings),
    ) -> Self {
        let mut settings = provider.settings();
        change(&mut settings);
        let app = Self::spawn_with(|config| config.oidc = Some(settings)).await;
        provider.follow(&app.app.core.clock);
        app.names_domain("harbor_valley", "allowed").await;
        app
    }

    async fn names_domain(&self, organization: &str, policy: &str) {
        let id = self.organization_id(organization);
        self.sql(format!("UPDATE organizations SET domain_sign_in = '{policy}' WHERE id = '{id}'")).await;
    }

    /// Somebody of the sample people at the provider, as `domain-USERNAME`.
    fn at_provider(&self, username: &str) -> Person {
        Person::new(&format!("domain-{username}"), &self.email(username))
    }

    /// Presses **LOGIN**, signs in at the provider and comes back.
    async fn by_domain(&self, provider: &OidcServer, browser: &mut Browser) {
        let back = self.to_provider(provider, browser).await;
        browser.get(&back).await;
    }

    /// The same up to the answer, which is not followed yet.
    async fn to_provider(&self, provider: &OidcServer, browser: &mut Browser) -> String {
        browser.get("/login").await;
        browser.click("Login").await;
        self.through(provider, browser).await
    }

    /// From the page that names the host to the answer.
    async fn through(&self, provider: &OidcServer, browser: &mut Browser) -> String {
        browser.must_be_at("/login/domain").must_say("You will leave for 127.0.0.1");
        let url = browser.page().attribute("a.btn-primary", "href").expect("a link to the provider");
        provider.visit(&self.http, &url).await
    }

    /// Connects somebody's domain account, with whatever is asked; signed in at the end.
    async fn linked(&self, provider: &OidcServer, username: &str) -> Browser {
        provider.person(self.at_provider(username));
        let mut browser = self.browser();
        self.by_domain(provider, &mut browser).await;
        browser.must_be_at("/login/domain/link");
        browser.fill("Password", &self.password(username)).click("Continue").await;
        self.second_step(&mut browser, username).await;
        browser.must_be_at("/home");
        browser
    }

    async fn identities(&self) -> i64 {
        use diesel::prelude::*;
        use vestibule::schema::domain_identities;
        self.read(|conn| Ok(domain_identities::table.count().get_result(conn)?)).await
    }
}
