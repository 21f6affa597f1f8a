//! Whoever asks: address, browser, cookies, and the frame of a page for them.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_session::{Session as Handle, SessionExt};
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};

use super::client_ip::{self, client_ip};
use super::cookies::{self, Jar};
use super::session;
use super::view::{Flash, Frame, Kind, Theme};
use crate::app::App;
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
        let session = session::current(req)?;
        let jar = Jar::of(req);
        let user_agent = req.headers().get(USER_AGENT).and_then(|h| h.to_str().ok()).unwrap_or_default();
        let origin = Origin {
            address: ip.to_string(),
            limited_as: client_ip::limited_as(ip),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(300).collect(),
            request_id: req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            session_id: session.as_ref().map(|s| s.id.clone()),
            unlimited: app.core.settings.demo && ip.is_loopback(),
        };
        let secure = app.config.secure_cookies();
        let csrf_bound_to = match &session {
            Some(session) => format!("session:{}", session.id),
            None => format!("browser:{}", browser_secret(req, &jar, secure)),
        };
        let theme =
            cookies::get(req.headers(), cookies::THEME, secure).map_or(Theme::System, |t| Theme::from_cookie(&t));
        let flash = cookies::get(req.headers(), cookies::FLASH, secure).and_then(|v| read_flash(&v));
        Ok(Self {
            app,
            origin,
            ip,
            jar,
            session,
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
            csrf: self.app.core.keys.csrf_token(&self.csrf_bound_to),
            flash: self.flash.clone(),
            ..Frame::default()
        }
    }

    pub fn csrf_is_right(&self, sent: &str) -> bool {
        super::csrf::token_matches(&self.app.core.keys, &self.csrf_bound_to, sent)
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

/// What can be said once on the next page. The cookie holds only the word, so that nobody can put
/// sentences of their own into a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    SignInCanceled,
    SignInEnded,
    TriesUsedUp,
    SessionsEnded,
    BrowserForgotten,
    PasswordFirst,
    FactorSaved,
    PasswordChanged,
    ResetCanceled,
    ResetEnded,
    ResetTriesUsedUp,
    ResetHeldUp,
    FactorsReset,
    SelfResetStopped,
    ProviderSilent,
    ReviewDecided,
}

impl Said {
    const ALL: [Self; 16] = [
        Self::SignInCanceled,
        Self::SignInEnded,
        Self::TriesUsedUp,
        Self::SessionsEnded,
        Self::BrowserForgotten,
        Self::PasswordFirst,
        Self::FactorSaved,
        Self::PasswordChanged,
        Self::ResetCanceled,
        Self::ResetEnded,
        Self::ResetTriesUsedUp,
        Self::ResetHeldUp,
        Self::FactorsReset,
        Self::SelfResetStopped,
        Self::ProviderSilent,
        Self::ReviewDecided,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::SignInCanceled => "canceled",
            Self::SignInEnded => "ended",
            Self::TriesUsedUp => "tries",
            Self::SessionsEnded => "sessions-ended",
            Self::BrowserForgotten => "forgotten",
            Self::PasswordFirst => "password-first",
            Self::FactorSaved => "factor-saved",
            Self::PasswordChanged => "password-changed",
            Self::ResetCanceled => "reset-canceled",
            Self::ResetEnded => "reset-ended",
            Self::ResetTriesUsedUp => "reset-tries",
            Self::ResetHeldUp => "reset-held-up",
            Self::FactorsReset => "factors-reset",
            Self::SelfResetStopped => "self-reset-stopped",
            Self::ProviderSilent => "provider-silent",
            Self::ReviewDecided => "review-decided",
        }
    }

    fn flash(self) -> Flash {
        let (kind, text) = match self {
            Self::SignInCanceled => (Kind::Info, "Your sign-in was canceled."),
            Self::SignInEnded => (Kind::Warn, "Your sign-in took too long or has ended. Start again."),
            Self::TriesUsedUp => (Kind::Warn, "That was the last try for this code. Sign in again to get a new one."),
            Self::SessionsEnded => (Kind::Ok, "The session was ended."),
            Self::BrowserForgotten => (Kind::Ok, "This browser no longer remembers anybody."),
            Self::PasswordFirst => (Kind::Info, "To set up a second step, sign in with your password first."),
            Self::FactorSaved => (Kind::Ok, "Your authenticator was saved."),
            Self::PasswordChanged => (Kind::Ok, "Your password was changed. Everything else that was open has ended."),
            Self::ResetCanceled => (Kind::Info, "Nothing was changed. Your old password still works."),
            Self::ResetEnded => (Kind::Warn, "Choosing a new password took too long or has ended. Start again."),
            Self::ResetTriesUsedUp => {
                (Kind::Warn, "That was the last try for this code. Start again to get a new one.")
            }
            Self::ResetHeldUp => (
                Kind::Warn,
                "Your password was not changed: nothing that you could show is usable right now. \
                 Try again later, or ask your administrator.",
            ),
            Self::FactorsReset => {
                (Kind::Ok, "Your factors were removed. Sign in with your password and set up a new one.")
            }
            Self::SelfResetStopped => (Kind::Ok, "The reset was stopped. Your factors are unchanged."),
            Self::ProviderSilent => {
                (Kind::Warn, "Our identity partner does not answer right now. Nothing is lost; try again in a minute.")
            }
            Self::ReviewDecided => (Kind::Ok, "Your decision was kept, and the person is told by email."),
        };
        Flash { kind, text: text.into() }
    }
}

fn read_flash(value: &str) -> Option<Flash> {
    Said::ALL.into_iter().find(|said| said.word() == value).map(Said::flash)
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
