//! The API's guard: a bearer token and nothing else; cookies are not looked at. The type names the
//! scope, so that a handler's signature tells what opens it. Refusals come in one order: 401, 403,
//! 415, 400, 404, 409; 429 at any time. ASVS 3.5.1, 8.2.1.

use std::collections::HashSet;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::problem::{InputError, Problem};
use crate::app::App;
use crate::domain::api_tokens::request::{self, Caller, Denied, Judged, Need};
use crate::domain::audit::Origin;
use crate::domain::throttle::Allowance;
use crate::models::ApiScope;
use crate::web::client_ip::client_ip;
use crate::web::visitor::origin;

/// Longer than any token of ours.
const TOKEN_LENGTH: usize = 200;

/// A scope as a type.
pub trait Scoped: 'static {
    const SCOPE: ApiScope;
}

macro_rules! scopes {
    ($($name:ident)+) => {$(
        pub struct $name;

        impl Scoped for $name {
            const SCOPE: ApiScope = ApiScope::$name;
        }
    )+};
}

scopes! { ReadUsers ResetMfa EnforceMfa ReadAudit ReadDeliveries }

/// Somebody's program, with a token that has this scope.
pub struct ApiToken<S> {
    pub app: web::Data<App>,
    pub caller: Caller,
    pub origin: Origin,
    query: String,
    scope: PhantomData<S>,
}

impl<S: Scoped> ApiToken<S> {
    /// The parameters in the URL: each once, and none that is not expected.
    pub fn query<T: DeserializeOwned + IntoParams>(&self, expected: &str) -> Result<T, Problem> {
        let (known, mut seen, mut errors) = (T::into_params(|| None), HashSet::new(), Vec::new());
        for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
            let detail = if !known.iter().any(|parameter| parameter.name == name) {
                "There is no such parameter here."
            } else if value.contains('\0') {
                "This holds a character that nothing here has."
            } else if name == "limit" && value.parse::<i64>().is_err() {
                "Expected a whole number."
            } else if seen.contains(&name) {
                "This parameter came twice."
            } else {
                seen.insert(name);
                continue;
            };
            errors.push(InputError::parameter(name.replace('\0', ""), detail));
        }
        let refuse = |errors: &[InputError]| Problem::input(expected, errors);
        if !errors.is_empty() {
            return Err(refuse(&errors));
        }
        let read = web::Query::<T>::from_query(&self.query);
        read.map(web::Query::into_inner)
            .map_err(|_| refuse(&[InputError::parameter("", "The parameters cannot be read.")]))
    }
}

impl<S> ApiToken<S> {
    /// For paths that take no parameters.
    pub fn no_query(&self) -> Result<(), Problem> {
        if self.query.is_empty() {
            return Ok(());
        }
        Err(Problem::input("no parameters", &[InputError::parameter("", "This path takes no parameters.")]))
    }
}

impl<S: Scoped> FromRequest for ApiToken<S> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { enter(&req).await })
    }
}

async fn enter<S: Scoped>(req: &HttpRequest) -> Result<ApiToken<S>, Problem> {
    let Some(app) = req.app_data::<web::Data<App>>().cloned() else {
        return Err(crate::db::Fault::Other("no App".into()).into());
    };
    let ip = client_ip(req, &app.config.trusted_proxies)
        .map_err(|_| Problem::forbidden("address", "Your address cannot be made out."))?;
    let mut origin = origin(req, &app, ip);
    let presented = bearer(req.headers());
    let pattern = req.match_pattern().unwrap_or_default();
    let need = Need { scope: S::SCOPE, request: format!("{} {pattern}", req.method()) };
    let Judged { verdict, allowance } = request::judge(&app.core, presented.as_deref(), need, &origin).await?;
    if let Some(allowance) = allowance {
        req.extensions_mut().insert(allowance);
    }
    if let Err(denied @ (Denied::Unknown | Denied::TooMany)) = verdict {
        // What was refused to somebody known is in the audit log.
        let (address, request_id) = (&origin.address, &origin.request_id);
        tracing::warn!(
            ?denied,
            presented = presented.is_some(),
            address,
            request_id,
            "a request to the API was refused"
        );
    }
    let caller = verdict.map_err(|denied| problem(denied, presented.is_some(), S::SCOPE, allowance))?;
    origin.api_token_id = Some(caller.token.id.clone());
    let query = req.query_string().to_owned();
    Ok(ApiToken { app, caller: *caller, origin, query, scope: PhantomData })
}

/// The token of the one `Authorization` header there may be (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (Some(header), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= TOKEN_LENGTH)
        .then(|| token.to_owned())
}

fn problem(denied: Denied, presented: bool, scope: ApiScope, allowance: Option<Allowance>) -> Problem {
    match denied {
        Denied::TooMany => {
            let seconds = allowance.map_or(1, |a| a.reset_seconds);
            Problem::too_many(u64::try_from(seconds).unwrap_or(1))
        }
        Denied::Unknown => Problem::unauthorized(presented),
        Denied::Scope => Problem::forbidden("scope", format!("This token lacks the scope {scope}.")),
        Denied::Role if scope == ApiScope::ResetMfa => Problem::forbidden(
            "role",
            "The role of this token's owner does not allow that. Operators reset in the console, which asks for a reason.",
        ),
        Denied::Role => Problem::forbidden("role", "The role of this token's owner does not allow that."),
        Denied::MfaRequired => Problem::forbidden(
            "mfa_required",
            "The organization requires MFA, and this token's owner has not set it up yet.",
        ),
        Denied::Address => Problem::forbidden("address", "The organization allows requests only from its own network."),
    }
}
