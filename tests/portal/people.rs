//! Adding, editing and removing people: who may, what the person hears of it, and what always remains.

mod email;
mod invite;
mod managing;
mod remove;
mod set_up;

use vestibule::models::memberships::{self, Membership};

use crate::support::{Browser, TestApp};

impl TestApp {
    /// Fills in **Add user** and sends it.
    pub async fn invite(&self, admin: &mut Browser, username: &str, email: &str, role: Option<&str>) {
        admin.get("/admin/users/new").await;
        admin.must_be_at("/admin/users/new");
        admin.fill("Username", username).fill("Email", email).fill("First Name", "Ada").fill("Last Name", "Quimby");
        if let Some(role) = role {
            admin.check(role, true);
        }
        admin.click("Send invitation").await;
    }

    /// Somebody's membership, if there is one.
    pub async fn membership_of(&self, username: &str, organization: &str) -> Option<Membership> {
        let (user, organization) = (self.user_id(username), self.organization_id(organization));
        self.read(move |conn| Ok(memberships::find(conn, &user, &organization)?)).await
    }

    /// Posts a form of the console with the organization that its page carries.
    pub async fn post_in_console(&self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> u16 {
        let organization = browser.page().attribute("input[name=organization_id]", "value").unwrap_or_default();
        let mut all = vec![("organization_id", organization.as_str())];
        all.extend_from_slice(fields);
        browser.post(path, &all).await.status
    }
}

/// ASVS 8.2.2: who is no administrator sees none of it, and foreign people do not exist.
#[tokio::test]
async fn pages_about_people_are_for_those_who_administer_them() {
    let app = TestApp::spawn().await;
    let foreign = app.user_id("khollis");
    let own = app.user_id("phone.only");
    let mut nobody = app.browser();
    let mut member = app.signed_in("phone.only").await;
    let mut admin = app.signed_in("admin").await;
    for place in ["new", "import", "export", &format!("{own}/profile"), &format!("{own}/remove")] {
        let path = format!("/admin/users/{place}");
        assert_eq!(nobody.get_only(&path).await.status, 303, "{path}");
        assert_eq!(member.get_only(&path).await.status, 403, "{path}");
        assert_eq!(admin.get_only(&path).await.status, 200, "{path}");
    }
    for page in ["profile", "remove"] {
        assert_eq!(admin.get_only(&format!("/admin/users/{foreign}/{page}")).await.status, 404, "{page}");
    }
    // Handing over is for account holders.
    assert_eq!(admin.get_only(&format!("/admin/users/{own}/managing")).await.status, 403);
    // ASVS 7.5.3: a factor shown a while ago does not do.
    app.later(11 * 60);
    admin.get("/admin/users/new").await;
    assert!(admin.path().starts_with("/security/confirm"), "{}", admin.path());
}
