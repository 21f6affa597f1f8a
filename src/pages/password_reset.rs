//! **Forgot your password?**: address, code, a factor (on the pages of the second step), new password.

pub mod code;
pub mod new_password;
pub mod request;

use crate::domain::password_reset::{self, Refused};
use crate::domain::second_step::send_limits;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::password_resets::PasswordReset;
use crate::pages::sign_in::flow;
use crate::web::cookies;
use crate::web::view::{FormErrors, ResendWait};
use crate::web::visitor::{Said, Visitor};

/// The reset this browser has begun, and when the next code may be sent.
async fn current(visitor: &Visitor) -> Result<(PasswordReset, ResendWait), AppError> {
    let core = &visitor.app.core;
    let found = match visitor.cookie(cookies::RESET) {
        Some(token) => password_reset::find(core, &token).await?,
        None => None,
    };
    let Some((reset, next)) = found else {
        visitor.remove_cookie(cookies::RESET);
        visitor.flash(Said::ResetEnded);
        return Err(AppError::SeeOther("/forgot-password".into()));
    };
    Ok((reset, flow::wait_until(next, &Zone::named("UTC"), core.clock.now())))
}

/// Why nothing was sent, in words, and until when.
fn refused(visitor: &Visitor, refused: Refused) -> (FormErrors, send_limits::Refused) {
    let (zone, now) = (Zone::named("UTC"), visitor.app.core.clock.now());
    match refused {
        Refused::Address { until } => (flow::too_many_tries(&zone, until, now), send_limits::Refused::Limit { until }),
        Refused::Send(why) => (flow::not_sent(why, &zone, now), why),
    }
}
