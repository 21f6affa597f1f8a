//! Second step by a recovery code, reached only by **Try another way**.

use askama::Template;

use crate::web::view::{FormErrors, Frame};

/// GET and POST /login/verify/recovery-code: `code`.
#[derive(Template, Default)]
#[template(path = "sign_in/recovery_code.html")]
pub struct RecoveryCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
}
