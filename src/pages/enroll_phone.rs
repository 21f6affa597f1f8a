//! What the pages on which a phone is enrolled share, at set-up and under Security: when another code may
//! be sent, and the call that waits for the # key.

use actix_web::HttpResponse;

use crate::domain::Core;
use crate::domain::enrollment::phone::number_called;
use crate::domain::limits::CALL_SECONDS;
use crate::domain::second_step::calls::{self, Standing};
use crate::domain::security::phones;
use crate::domain::times::Zone;
use crate::domain::verification;
use crate::error::AppError;
use crate::models::Channel;
use crate::models::sessions::Session;
use crate::pages::sign_in::flow;
use crate::web::view::{CodeLife, PhoneChoice, ResendWait};

pub const TAKEN: &str = "You have added this number already. Enter another number.";
pub const WRONG: &str = "That code is not right. Check the newest text message and try again.";

/// When another code or call may be sent.
pub async fn wait(core: &Core, session: &Session, zone: &Zone) -> Result<ResendWait, AppError> {
    let (subject, now) = (phones::subject(session), core.clock.now());
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Sms, now)).await?;
    Ok(flow::wait_until(next, zone, now))
}

/// What `components/enroll_phone.html` shows of a call.
#[derive(Default)]
pub struct Call {
    pub phone: PhoneChoice,
    /// In full, for the buttons that try once more.
    pub number: String,
    pub waiting: bool,
    /// It could not be placed.
    pub failed: bool,
    pub life: CodeLife,
}

impl Call {
    /// The call as it stands; on to `number_page` where none was placed.
    pub async fn of(core: &Core, standing: &Standing, zone: &Zone, number_page: &str) -> Result<Self, AppError> {
        let nothing_placed = || AppError::SeeOther(number_page.into());
        let (until, factor) = match standing {
            Standing::Waiting { until, factor_id } => (*until, Some(factor_id)),
            Standing::Approved { .. } => (None, None),
            Standing::Failed { factor_id } => (None, Some(factor_id)),
            Standing::Over { factor_id } => (None, factor_id.as_ref()),
        };
        let number = number_called(core, factor.ok_or_else(nothing_placed)?).await?.ok_or_else(nothing_placed)?;
        let now = core.clock.now();
        let ends = until.unwrap_or(now + time::Duration::seconds(CALL_SECONDS));
        Ok(Self {
            phone: PhoneChoice::new("", None, &number),
            number,
            waiting: matches!(standing, Standing::Waiting { .. } | Standing::Approved { .. }),
            failed: matches!(standing, Standing::Failed { .. }),
            life: flow::life(ends, CALL_SECONDS, zone, now),
        })
    }
}

/// How the call stands, for the script of the page that waits.
pub async fn call_status(core: &Core, session: &Session) -> Result<HttpResponse, AppError> {
    let state = match calls::standing(core, &session.id).await? {
        Standing::Waiting { .. } => "waiting",
        Standing::Approved { .. } => "approved",
        Standing::Failed { .. } | Standing::Over { .. } => "over",
    };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}
