//! Whoever asks: address, browser, cookies, and the frame of a page for them.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_session::{Session as Handle, SessionExt};
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};

use super::client_ip::{self, client_ip};
use super::cookies::{self, Jar};
pub use super::said::Said;
use super::session;
use super::view::{Flash, Frame, Theme};
use crate::app::App;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::error::AppError;
use crate::models::sessions::Session;
use crate::secrets::random;

/// The id of a request, in its log lines and on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Anybody. Its presence alone lets everybody in.
#[derive(Clone)]
pub struct Visitor {
    pub app: web::Data<App>,
    pub origin: Origin,
    pub ip: IpAddr,
    pub jar: Jar,
    /// The live session that came with the request, at whatever stage.
    pub session: Option<Session>,
    /// Whom it belongs to, if the account still takes it.
    pub access: Option<Arc<Access>>,
    pub handle: Handle,
    csrf_bound_to: String,
    theme: Theme,
    flash: Option<Flash>,
    headers: actix_web::http::header::HeaderMap,
}

impl Visitor {
    pub fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let app = req.app_data::<web::Data<App>>().cloned().ok_or_else(|| AppError::internal("no App"))?;
        let ip = client_ip(req, &app.config.trusted_proxies).map_err(|_| AppError::Forbidden)?;
        let (session, access) = session::current(req)?.map(|p| (p.session, p.access)).unzip();
        let jar = Jar::of(req);
        let origin = Origin { session_id: session.as_ref().map(|s| s.id.clone()), ..origin(req, &app, ip) };
        let secure = app.config.secure_cookies();
        let csrf_bound_to = match &session {
            Some(session) => bound_to(session),
            None => format!("browser:{}", browser_secret(req, &jar, secure)),
        };
        let theme =
            cookies::get(req.headers(), cookies::THEME, secure).map_or(Theme::System, |t| Theme::from_cookie(&t));
        let flash = cookies::get(req.headers(), cookies::FLASH, secure).and_then(|v| Said::read(&v));
        Ok(Self {
            app,
            origin,
            ip,
            jar,
            session,
            access: access.flatten(),
            handle: req.get_session(),
            csrf_bound_to,
            theme,
            flash,
            headers: req.headers().clone(),
        })
    }

    /// What the frame of a signed-out page needs. A flash is shown once.
    pub fn frame(&self) -> Frame {
        if self.flash.is_some() {
            self.jar.remove(cookies::FLASH, self.secure());
        }
        Frame {
            installation: self.app.core.settings.installation.clone(),
            theme: self.theme,
            demo: self.app.core.settings.demo,
            csrf: self.csrf(&self.csrf_bound_to, self.session.as_ref()),
            flash: self.flash.clone(),
            ..Frame::default()
        }
    }

    /// The token for the forms of a page that answers while the session gets its next id.
    pub fn csrf_of(&self, session: &Session) -> String {
        self.csrf(&bound_to(session), Some(session))
    }

    /// Whose form it is, a dot, and in which organization it was made.
    fn csrf(&self, bound_to: &str, session: Option<&Session>) -> String {
        let keys = &self.app.core.keys;
        format!("{}.{}", keys.csrf_token(bound_to), keys.csrf_token(&made_in(bound_to, session)))
    }

    pub fn csrf_is_right(&self, sent: &str) -> bool {
        let (whose, _) = sent.split_once('.').unwrap_or_default();
        super::csrf::token_matches(&self.app.core.keys, &self.csrf_bound_to, whose)
    }

    /// Whether a form whose token is right was made in the organization that the session is in now.
    pub fn csrf_is_of_here(&self, sent: &str) -> bool {
        let (_, made) = sent.split_once('.').unwrap_or_default();
        let here = made_in(&self.csrf_bound_to, self.session.as_ref());
        super::csrf::token_matches(&self.app.core.keys, &here, made)
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        cookies::get(&self.headers, name, self.secure())
    }

    pub fn set_cookie(&self, name: &str, value: String, max_age: Option<time::Duration>) {
        self.jar.set(name, value, max_age, self.secure());
    }

    pub fn remove_cookie(&self, name: &str) {
        self.jar.remove(name, self.secure());
    }

    /// Says something once, on the next page.
    pub fn flash(&self, flash: Said) {
        self.set_cookie(cookies::FLASH, flash.word().to_owned(), Some(time::Duration::minutes(5)));
    }

    /// The /24 or /56 the address lies in.
    pub fn network(&self) -> String {
        client_ip::network(self.ip)
    }

    fn secure(&self) -> bool {
        self.app.config.secure_cookies()
    }
}

/// Where a request comes from, without a session.
pub fn origin(req: &HttpRequest, app: &App, ip: IpAddr) -> Origin {
    let user_agent = req.headers().get(USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
    Origin {
        address: ip.to_string(),
        limited_as: client_ip::limited_as(ip),
        user_agent: user_agent.chars().filter(|c| !c.is_control()).take(300).collect(),
        request_id: req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        session_id: None,
        unlimited: app.core.settings.demo && ip.is_loopback(),
        api_token_id: None,
    }
}

/// What a form is tied to that belongs to a session: the same one after a switch of organization.
fn bound_to(session: &Session) -> String {
    format!("session:{}", session.forms_of.as_ref().unwrap_or(&session.id))
}

/// What tells the forms of one organization from those of another.
fn made_in(bound_to: &str, session: Option<&Session>) -> String {
    let organization = session.and_then(|s| s.organization_id.as_deref()).unwrap_or_default();
    format!("{bound_to}:organization:{organization}")
}

/// The random value that ties forms to a browser without a session; made at its first page.
fn browser_secret(req: &HttpRequest, jar: &Jar, secure: bool) -> String {
    if let Some(made) = req.extensions().get::<BrowserSecret>() {
        return made.0.clone();
    }
    let sent = cookies::get(req.headers(), cookies::BROWSER, secure).filter(|v| v.len() == 43);
    let value = sent.unwrap_or_else(|| {
        let value = random::token().expose().clone();
        jar.set(cookies::BROWSER, value.clone(), None, secure);
        value
    });
    req.extensions_mut().insert(BrowserSecret(value.clone()));
    value
}

struct BrowserSecret(String);

impl FromRequest for Visitor {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}
