//! Second step by phone: the code from the text message.

use askama::Template;

use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, PhoneChoice, ResendWait};

/// GET and POST /login/verify/phone/code: `code`. Its second form posts `factor` to
/// /login/verify/phone/resend.
#[derive(Template, Default)]
#[template(path = "sign_in/phone_code.html")]
pub struct PhoneCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    pub phone: PhoneChoice,
    pub delivery: Delivery,
    /// Known once the message was handed over.
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
}
