//! **Choose organization**, at the end of a sign-in and from the profile menu.

use askama::Template;

use crate::web::view::Frame;

/// GET and POST /login/organization: `organization`.
#[derive(Template, Default)]
#[template(path = "sign_in/organization.html")]
pub struct OrganizationPage {
    pub frame: Frame,
    pub organizations: Vec<OrganizationChoice>,
    /// From the profile menu: the way back is Home, not Cancel.
    pub switching: bool,
}

#[derive(Clone, Debug, Default)]
pub struct OrganizationChoice {
    pub id: String,
    pub name: String,
    /// "Member", "Administrator", "Account Holder".
    pub role: String,
    pub current: bool,
    /// What it asks for first, such as "asks for your authenticator".
    pub note: Option<String>,
    /// Why it can't be entered now; then there is no button.
    pub refusal: Option<String>,
}
