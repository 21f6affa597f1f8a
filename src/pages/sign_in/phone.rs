//! Second step by phone: which number, and by text message or call.

use askama::Template;

use crate::web::view::{FormErrors, Frame, PhoneChoice, ResendWait};

/// GET and POST /login/verify/phone: `factor`, `how` (sms|call).
#[derive(Template, Default)]
#[template(path = "sign_in/phone.html")]
pub struct PhonePage {
    pub frame: Frame,
    /// A send limit is an error of the whole form (empty field name).
    pub errors: FormErrors,
    /// The organization that asks, where it is not the account itself.
    pub asked_by: Option<String>,
    /// Last used first; that one is chosen.
    pub phones: Vec<PhoneChoice>,
    pub wait: ResendWait,
}
