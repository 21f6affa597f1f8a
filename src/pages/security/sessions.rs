//! **Sessions**: every browser that is signed in, and what this one remembers.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::clock::Timestamp;
use crate::domain::remember_me::{self, Person};
use crate::domain::times::Zone;
use crate::domain::{devices, sessions};
use crate::error::AppError;
use crate::models::LoginOption;
use crate::models::sessions::Session;
use crate::pages::sign_in::signed_out::Remembered;
use crate::web::form::{Form, Nothing};
use crate::web::guards::{Fresh, SignedIn};
use crate::web::respond::{page, see_other};
use crate::web::session::leave;
use crate::web::tickets;
use crate::web::view::{Frame, Here};
use crate::web::visitor::Said;

/// GET /security/sessions. Posts to /security/sessions/{id}/end, /security/sessions/end-others and
/// /forget-browser.
#[derive(Template, Default)]
#[template(path = "security/sessions.html")]
pub struct SessionsPage {
    pub frame: Frame,
    /// This device first, then last used first.
    pub sessions: Vec<SessionLine>,
    pub remembered: Vec<Remembered>,
}

#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Public id, never the cookie's secret.
    pub id: String,
    /// "Chrome on Windows".
    pub device: String,
    pub handheld: bool,
    pub address: String,
    pub started: String,
    pub last_used: String,
    pub this_device: bool,
}

pub async fn list(user: SignedIn) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let open = sessions::list_open(core, &user.session).await?;
    let people = remember_me::people(core, &tickets::read(&user.visitor)).await?;
    let (zone, now) = (user.zone(), core.clock.now());
    page(&SessionsPage {
        frame: user.frame(Here::Security),
        sessions: open.into_iter().map(|session| line(session, &user.session.id, &zone, now)).collect(),
        remembered: people.iter().map(|person| remembered(person, &zone)).collect(),
    })
}

fn line(session: Session, this: &str, zone: &Zone, now: Timestamp) -> SessionLine {
    let browser = devices::read(&session.user_agent);
    SessionLine {
        device: browser.words,
        handheld: browser.handheld,
        started: zone.day_and_time(session.created_at, now),
        last_used: zone.day_and_time(session.last_seen_at, now),
        this_device: session.id == this,
        address: session.address,
        id: session.id,
    }
}

fn remembered(person: &Person, zone: &Zone) -> Remembered {
    let option = match person.entry.login_option {
        LoginOption::Phone => "Login with Phone",
        LoginOption::Email => "Login with Email",
    };
    Remembered {
        person: person.access.user.full_name(),
        option: option.to_owned(),
        until: zone.clock_time(person.entry.expires_at),
    }
}

/// POST /security/sessions/{id}/end. Ending the present session is signing out.
pub async fn end(user: Fresh, id: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    if !sessions::end_one(&visitor.app.core, &user.session, &id, &visitor.origin).await? {
        return Err(AppError::NotFound);
    }
    if *id == user.session.id {
        leave(&visitor.handle);
        return Ok(see_other("/signed-out"));
    }
    visitor.flash(Said::SessionsEnded);
    Ok(see_other("/security/sessions"))
}

/// POST /security/sessions/end-others.
pub async fn end_others(user: Fresh, _form: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    sessions::end_others(&visitor.app.core, &user.session, tickets::read(visitor), &visitor.origin).await?;
    visitor.flash(Said::OthersEnded);
    Ok(see_other("/security/sessions"))
}
