//! The activity of one's own account, in words.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::security::activity::{self, Act};
use crate::error::AppError;
use crate::models::AuditResult;
use crate::web::guards::SignedIn;
use crate::web::respond::page;
use crate::web::view::{Frame, Here};

/// GET /security/activity.
#[derive(Template, Default)]
#[template(path = "security/activity.html")]
pub struct ActivityPage {
    pub frame: Frame,
    pub acts: Vec<Line>,
    /// The URL of the next page.
    pub older: Option<String>,
}

pub struct Line {
    pub sentence: String,
    /// Browser and address.
    pub from: String,
    pub at: String,
    /// It worked, and was not a refusal or a wrong code.
    pub fine: bool,
}

/// Where a page of the list begins.
#[derive(serde::Deserialize)]
pub struct Paging {
    before: Option<String>,
}

pub async fn list(user: SignedIn, paging: web::Query<Paging>) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let found = activity::list(core, &user.access.user.id, paging.into_inner().before).await?;
    let (zone, now) = (user.zone(), core.clock.now());
    page(&ActivityPage {
        frame: user.frame(Here::Security),
        acts: found.acts.into_iter().map(|act| line(act, |at| zone.day_and_time(at, now))).collect(),
        older: found.older_than.map(|id| format!("/security/activity?before={id}")),
    })
}

fn line(act: Act, told: impl Fn(crate::clock::Timestamp) -> String) -> Line {
    let from = [act.device, act.address];
    Line {
        sentence: act.sentence,
        from: from.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        at: told(act.at),
        fine: act.result == AuditResult::Success,
    }
}
