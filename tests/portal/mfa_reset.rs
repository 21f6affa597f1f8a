//! **One reset**, whatever the button.

mod effects;
mod limits;
mod operators;

use vestibule::models::audit_entries;
use vestibule::models::factors::{self, Factor};
use vestibule::models::users::{self, User};

use crate::support::{Browser, TestApp};

impl TestApp {
    /// A browser of somebody who administers, with a factor just shown.
    pub async fn administering(&self, username: &str) -> Browser {
        let mut browser = self.signed_in(username).await;
        browser.get("/admin").await;
        self.confirm(&mut browser, username).await;
        browser.must_be_at("/admin");
        browser
    }

    /// Opens the page of a reset and presses its button.
    pub async fn press_reset(&self, browser: &mut Browser, username: &str, query: &str, button: &str) {
        browser.get(&self.reset_url(username, query)).await;
        browser.click(button).await;
    }

    pub fn reset_url(&self, username: &str, query: &str) -> String {
        format!("/admin/users/{}/reset?{query}", self.user_id(username))
    }

    pub fn user_url(&self, username: &str) -> String {
        format!("/admin/users/{}", self.user_id(username))
    }

    pub async fn factors_of(&self, username: &str) -> Vec<Factor> {
        let id = self.user_id(username);
        self.read(move |conn| Ok(factors::list(conn, &id)?)).await
    }

    pub async fn account_of(&self, username: &str) -> User {
        let id = self.user_id(username);
        self.read(move |conn| Ok(users::find(conn, &id)?)).await.expect("somebody")
    }

    /// Details of the newest entry of an action about somebody.
    pub async fn details(&self, username: &str, action: &'static str) -> serde_json::Value {
        let id = self.user_id(username);
        let rows = self.read(move |conn| Ok(audit_entries::list_of_user(conn, &id, &[action], 1)?)).await;
        serde_json::from_str(&rows.first().expect("an entry").details).expect("JSON")
    }

    /// Gives somebody a factor of one organization's own, like the first one there is.
    pub async fn own_factor(&self, username: &str, organization: &str) {
        let (user_id, organization) = (self.user_id(username), self.organization_id(organization));
        let template = self.factor_id("phone.only", "phone");
        let now = self.app.core.clock.now();
        self.write(move |conn| {
            let row = factors::find(conn, &template)?.expect("a phone");
            let row = Factor {
                id: vestibule::models::new_id(now),
                user_id,
                scope: vestibule::models::Scope::Organization,
                organization_id: Some(organization),
                ..row
            };
            Ok(factors::insert(conn, &row)?)
        })
        .await;
    }
}
