//! Cookies: HttpOnly, SameSite=Lax, Path=/, no Domain; with TLS also Secure and the `__Host-` name.
//! Extractors and handlers collect them per request, `web::finish` writes them. ASVS 3.3.1 to 3.3.4.

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::http::header::{COOKIE, HeaderMap};
use actix_web::{HttpMessage, HttpRequest};
use cookie::{Cookie, SameSite};

/// The session's own cookie; actix-session writes it.
pub const SESSION: &str = "vestibule";
/// A random value that ties forms to a browser without a session.
pub const BROWSER: &str = "browser";
/// Remember Me.
pub const REMEMBER: &str = "remember";
/// A browser that has been used to sign in fully.
pub const DEVICE: &str = "device";
/// A forgotten password up to the right code.
pub const RESET: &str = "reset";
/// A reset of one's own MFA: the link that goes on with it, the one that ends it, the one that stops it.
pub const SELF_RESET: &str = "self-reset";
pub const SELF_RESET_FINISH: &str = "self-reset-finish";
pub const SELF_RESET_STOP: &str = "self-reset-stop";
/// The organization somebody registers for.
pub const PRACTICE: &str = "practice";
/// The registration whose link was opened here.
pub const REGISTRATION: &str = "registration";
/// An address to be confirmed.
pub const EMAIL_CHANGE: &str = "email_change";
/// The first start of an installation.
pub const FIRST_OWNER: &str = "first_owner";
/// A domain sign-in under way.
pub const DOMAIN: &str = "domain";
/// Light or dark.
pub const THEME: &str = "theme";
/// What the next page says once.
pub const FLASH: &str = "flash";

/// The name as the browser knows it.
pub fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// The cookies of one request and those its answer sets.
#[derive(Clone, Default)]
pub struct Jar(Rc<RefCell<Vec<Cookie<'static>>>>);

impl Jar {
    /// The jar of this request.
    pub fn of(req: &HttpRequest) -> Self {
        let mut extensions = req.extensions_mut();
        if extensions.get::<Self>().is_none() {
            extensions.insert(Self::default());
        }
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Sets a cookie for so long, or until the browser closes.
    pub fn set(&self, name: &str, value: String, max_age: Option<time::Duration>, secure: bool) {
        let mut cookie = build(full_name(name, secure), value, secure);
        cookie.set_max_age(max_age);
        self.push(cookie);
    }

    /// Takes a cookie away, with the attributes it was set with. ASVS 3.3.1.
    pub fn remove(&self, name: &str, secure: bool) {
        let mut cookie = build(full_name(name, secure), String::new(), secure);
        cookie.make_removal();
        self.push(cookie);
    }

    /// The values for Set-Cookie.
    pub fn headers(&self) -> Vec<String> {
        self.0.borrow().iter().map(ToString::to_string).collect()
    }

    fn push(&self, cookie: Cookie<'static>) {
        let mut cookies = self.0.borrow_mut();
        cookies.retain(|c| c.name() != cookie.name());
        cookies.push(cookie);
    }
}

/// The value of a cookie in the request's headers.
pub fn get(headers: &HeaderMap, name: &str, secure: bool) -> Option<String> {
    let name = full_name(name, secure);
    headers
        .get_all(COOKIE)
        .filter_map(|h| h.to_str().ok())
        .flat_map(|line| Cookie::split_parse(line.to_owned()))
        .filter_map(Result::ok)
        .find(|c| c.name() == name)
        .map(|c| c.value().to_owned())
}

fn build(name: String, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}
