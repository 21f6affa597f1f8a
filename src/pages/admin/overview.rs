//! **Admin Overview**: figures, charts with a table behind each, what wants attention, tools.

mod charts;

use actix_web::HttpResponse;
use askama::Template;

use self::charts::{Donut, Plot};
use crate::domain::overview::{self, Attention, Overview};
use crate::error::AppError;
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::{Frame, Kind, Link, Notice, count};

/// GET /admin.
#[derive(Template, Default)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    pub frame: Frame,
    /// Whose people are looked after here; nobody's in particular for an operator without one.
    pub organization: Option<String>,
    pub updated: String,
    pub figures: Option<Figures>,
    pub owner: bool,
}

/// What the page shows of one organization.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub active: i64,
    pub added: String,
    pub locked: i64,
    pub failed: i64,
    pub donut: Donut,
    pub sign_ins: Plot,
    pub resets: Plot,
    pub cut: bool,
    pub notices: Vec<Notice>,
}

pub async fn show(admin: OrgAdmin) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let zone = admin.zone();
    let figures = match &admin.actor.organization {
        Some(organization) => Some(figures(overview::of(core, organization, &zone).await?)),
        None => None,
    };
    page(&OverviewPage {
        frame: admin.frame("/admin"),
        organization: admin.actor.organization.as_ref().map(|o| o.name.clone()),
        updated: zone.clock_time(core.clock.now()),
        figures,
        owner: admin.actor.is_owner(),
    })
}

fn figures(of: Overview) -> Figures {
    Figures {
        active: of.active,
        added: format!("{} added this week", of.added_this_week),
        locked: of.locked,
        failed: of.failed_in_a_day,
        donut: Donut::of(&of.coverage),
        sign_ins: Plot::of("sign-ins per day", &of.sign_ins),
        resets: Plot::of("resets per week", &of.resets),
        cut: of.cut,
        notices: notices(&of.attention),
    }
}

fn notices(of: &Attention) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut add = |kind, title: String, text: &str, link: Link| {
        notices.push(Notice { kind, title, text: text.to_owned(), link: Some(link) });
    };
    if of.owners == 1 {
        add(
            Kind::Warn,
            "Only one Account Holder".into(),
            "Nobody else here can reset that person’s factors. Make somebody else Account Holder too.",
            Link::new("User Management", "/admin/users"),
        );
    }
    if !of.admins_by_email.is_empty() {
        let named = named(&of.admins_by_email);
        add(
            Kind::Warn,
            format!("{} with e-mail only", admins(&of.admins_by_email)),
            &format!("No authenticator, token or phone: {named}. An e-mail code is the weakest factor."),
            Link::new("Show in User Management", "/admin/users?status=admins_email_only"),
        );
    }
    if !of.admins_without.is_empty() {
        let named = named(&of.admins_without);
        add(
            Kind::Warn,
            format!("{} without a factor", admins(&of.admins_without)),
            &format!("Nothing that counts here is set up: {named}. The console asks for a factor first."),
            Link::new("Show in User Management", "/admin/users?status=admins_no_factor"),
        );
    }
    if of.failed_deliveries > 0 {
        let many = count(of.failed_deliveries, "message", "messages");
        add(
            Kind::Bad,
            format!("{many} could not be delivered this week"),
            "Edit User shows the recent deliveries of each person.",
            Link::new("User Management", "/admin/users"),
        );
    }
    if of.invited > 0 {
        let many = count(of.invited, "invitation", "invitations");
        add(
            Kind::Info,
            format!("{many} not followed yet"),
            "Send them again, or withdraw them.",
            Link::new("Invitations", "/admin/invitations"),
        );
    }
    notices
}

/// "2 administrators".
fn admins(names: &[String]) -> String {
    count(i64::try_from(names.len()).unwrap_or(i64::MAX), "administrator", "administrators")
}

/// The first few.
fn named(names: &[String]) -> String {
    names.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
}
