//! EVERY url, each with its guard. A path that is not here does not exist; a method that is not
//! here answers 405 (ASVS 4.1.4). `tests/portal/house.rs` compares the guards with the handlers'
//! arguments. `FROM` names the page whose form posts there, for browsers that open the address.

mod answers;
mod guard;

use actix_web::guard::{Any, Get, Head};
use actix_web::{HttpRequest, web};

use self::answers::{compress, form_page, not_allowed};
pub use self::guard::{Guard, Route};
use crate::api::{self, health, hooks, sandbox as scripts, sandbox_domain, stripe};
use crate::pages::{
    admin, email_change, first_login, first_owner, help, home, invitations, messages, password_reset, registration,
    reviews, sandbox, security, self_reset, sign_in, start, terms,
};
use crate::web::{assets, csp_reports};

macro_rules! method {
    (GET, $handler:path) => {
        web::route().guard(Any(Get()).or(Head())).to($handler)
    };
    (POST, $handler:path) => {
        web::post().to($handler)
    };
    (PUT, $handler:path) => {
        web::put().to($handler)
    };
}

macro_rules! routes {
    ($(#[$doc:meta])* $register:ident $table:ident $forms:ident
     $($path:literal $guard:ident { $($method:ident $handler:path),+ $(,)? } $(FROM $form_at:literal)?)+) => {
        const $table: &[Route] = &[$($(Route {
            method: stringify!($method),
            path: $path,
            guard: Guard::$guard,
            handler: stringify!($handler),
        },)+)+];
        const $forms: &[(&str, &str)] = &[$($(($path, $form_at),)?)+];

        $(#[$doc])*
        pub fn $register(config: &mut web::ServiceConfig) {
            config$(.service(
                web::resource($path)
                    .wrap(compress($path))
                    $(.route(method!($method, $handler)))+
                    $(.route(web::get().to(|request: HttpRequest| async move { form_page($path, $form_at, &request) })))?
                    .default_service(web::to(|| async { not_allowed(&[$(stringify!($method)),+]) })),
            ))+;
        }
    };
}

/// The whole table, for the tests.
pub fn table() -> impl Iterator<Item = &'static Route> {
    WITHOUT_SESSION.iter().chain(WITH_SESSION)
}

/// The page with the form that posts to this path.
pub fn form_at(path: &str) -> Option<&'static str> {
    NO_FORMS.iter().chain(FORMS).find(|(own, _)| *own == path).map(|(_, form_at)| *form_at)
}

routes! {
    /// What needs no session, so that it costs no look-up of one.
    without_session WITHOUT_SESSION NO_FORMS

    "/static/{path:.*}" Public { GET assets::serve }
    "/healthz" Operations { GET health::live }
    "/readyz" Operations { GET health::ready }
    "/metrics" Operations { GET health::numbers }
    "/csp-reports" Report { POST csp_reports::take }

    // The API.
    "/api/user/users" Api { GET api::users::list }
    "/api/user/users/mfa/reset" Api { PUT api::mfa_reset::user_level }
    "/api/user/users/mfa/reset-org-level" Api { PUT api::mfa_reset::org_level }
    "/api/user/users/{id}" Api { GET api::users::find }
    "/api/user/users/{id}/factors" Api { GET api::users::factors }
    "/api/user/org/mfa" Api { PUT api::org_mfa::set }
    "/api/audit/entries" Api { GET api::audit::list }
    "/api/delivery/deliveries" Api { GET api::deliveries::list }
}

routes! {
    /// Everything else.
    configure WITH_SESSION FORMS

    // The way in.
    "/" Public { GET start::show }
    "/login" Public { GET sign_in::options::show, POST sign_in::options::submit }
    "/login/domain" Public { GET sign_in::domain::away, POST sign_in::domain::begin }
    "/login/domain/return" Public { GET sign_in::domain::back }
    "/login/domain/link" Public { GET sign_in::domain_link::show, POST sign_in::domain_link::password }
    "/login/domain/link/send" Public { POST sign_in::domain_link::send } FROM "/login/domain/link"
    "/login/domain/link/code" Public { POST sign_in::domain_link::code } FROM "/login/domain/link"
    "/login/domain/cancel" Public { POST sign_in::domain_link::cancel } FROM "/login/domain/link"
    "/login/cancel" Public { POST sign_in::verify::cancel } FROM "/login/verify"
    "/login/organization" Public { GET sign_in::organization::show, POST sign_in::organization::submit }
    "/login/verify" Pending { GET sign_in::verify::show }
    "/login/verify/phone" Pending { GET sign_in::phone::show, POST sign_in::phone::submit }
    "/login/verify/phone/code" Pending { GET sign_in::phone_code::show, POST sign_in::phone_code::submit }
    "/login/verify/phone/resend" Pending { POST sign_in::phone_code::resend } FROM "/login/verify/phone/code"
    "/login/verify/call" Pending { GET sign_in::call::show }
    "/login/verify/call/status" Pending { GET sign_in::call::status }
    "/login/verify/email" Pending { GET sign_in::email::show, POST sign_in::email::send }
    "/login/verify/email/code" Pending { POST sign_in::email::submit } FROM "/login/verify/email"
    "/login/verify/email/continue" Pending { POST sign_in::email::go_on } FROM "/login/verify/email"
    "/login/verify/authenticator" Pending { GET sign_in::authenticator::show, POST sign_in::authenticator::submit }
    "/login/verify/recovery-code" Pending { GET sign_in::recovery_code::show, POST sign_in::recovery_code::submit }
    "/login/verify/other" Pending { GET sign_in::other::show, POST sign_in::other::submit }
    "/login/{option}" Public { GET sign_in::password::show, POST sign_in::password::submit }
    "/login/{option}/person" Public { POST sign_in::people::submit } FROM "/login/{option}"
    "/sign-out" Public { POST sign_in::signed_out::sign_out } FROM "/"
    "/signed-out" Public { GET sign_in::signed_out::show }
    "/forget-browser" Public { POST sign_in::signed_out::forget } FROM "/login"
    "/help/mfa" Public { GET help::mfa }
    "/help/mfa/registration" Public { GET help::registration, POST help::send_link }

    // Resetting one's own MFA.
    "/mfa/reset" Public { GET self_reset::request::show, POST self_reset::request::submit }
    "/mfa/reset/continue/{token}" Public { GET self_reset::progress::open }
    "/mfa/reset/progress" Public { GET self_reset::progress::show }
    "/mfa/reset/progress/status" Public { GET self_reset::progress::status }
    "/mfa/reset/refresh" Public { POST self_reset::progress::refresh } FROM "/mfa/reset/progress"
    "/mfa/reset/link" Public { POST self_reset::progress::send_again } FROM "/mfa/reset/progress"
    "/mfa/reset/cancel" Public { POST self_reset::progress::cancel } FROM "/mfa/reset/progress"
    "/mfa/reset/identity" Public { GET self_reset::identity::show, POST self_reset::identity::start }
    "/mfa/reset/return" Public { GET self_reset::identity::back }
    "/mfa/reset/finish" Public { GET self_reset::finish::show, POST self_reset::finish::submit }
    "/mfa/reset/finish/{token}" Public { GET self_reset::finish::open }
    "/mfa/reset/stop" Public { GET self_reset::stop::show, POST self_reset::stop::submit }
    "/mfa/reset/stop/{token}" Public { GET self_reset::stop::open }

    // A new installation, a proposed address.
    "/setup/first-owner" Public { GET first_owner::show, POST first_owner::submit }
    "/setup/first-owner/{token}" Public { GET first_owner::open }
    "/email-change" Public { GET email_change::show, POST email_change::confirm }
    "/email-change/{token}" Public { GET email_change::open }

    // Forgotten password, first login.
    "/register/complete" Public { GET first_login::show, POST first_login::submit }
    "/forgot-password" Public { GET password_reset::request::show, POST password_reset::request::submit }
    "/forgot-password/code" Public { GET password_reset::code::show, POST password_reset::code::submit }
    "/forgot-password/resend" Public { POST password_reset::code::resend } FROM "/forgot-password/code"
    "/forgot-password/continue" Public { POST password_reset::code::go_on } FROM "/forgot-password/code"
    "/forgot-password/cancel" Public { POST password_reset::code::cancel } FROM "/forgot-password/code"
    "/forgot-password/new-password" NewPassword {
        GET password_reset::new_password::show,
        POST password_reset::new_password::submit,
    }

    // Registering.
    "/register" Public { GET registration::organization::show, POST registration::organization::submit }
    "/register/details" Public { GET registration::details::show, POST registration::details::submit }
    "/register/sent" Public { GET registration::sent::show }
    "/register/error" Public { GET registration::error::show }
    "/register/reset" Public { GET registration::reset::show, POST registration::reset::submit }
    "/register/reset/sent" Public { GET registration::reset::sent }
    "/register/continue/{token}" Public { GET registration::link::open }
    "/register/continue/{token}/new" Public { POST registration::link::renew } FROM "/register/continue/{token}"
    "/register/username" Registering { GET registration::username::show, POST registration::username::submit }
    "/register/method" Registering { GET registration::method::show, POST registration::method::submit }
    "/register/email" Registering { GET registration::email::show, POST registration::email::send }
    "/register/email/code" Registering { POST registration::email::verify } FROM "/register/email"
    "/register/email/change" Registering { POST registration::email::change } FROM "/register/email"
    "/register/email/create" Registering { POST registration::create::submit } FROM "/register/email"
    "/register/password" Registering { GET registration::password::show, POST registration::password::submit }
    "/register/factor" Enrolling { GET registration::factor::show, POST registration::factor::submit }
    "/register/authenticator" Enrolling { GET registration::authenticator::show, POST registration::authenticator::save }
    "/register/authenticator/begin" Enrolling { POST registration::authenticator::begin } FROM "/register/authenticator"
    "/register/authenticator/recovery-codes" Enrolling { POST registration::authenticator::go_on }
        FROM "/register/authenticator"
    "/register/authenticator/recovery-codes/download" Enrolling { POST registration::authenticator::download }
        FROM "/register/authenticator"
    "/register/phone" Enrolling { GET registration::phone::show, POST registration::phone::submit }
    "/register/phone/code" Enrolling { GET registration::phone_code::show, POST registration::phone_code::submit }
    "/register/phone/resend" Enrolling { POST registration::phone_code::resend } FROM "/register/phone/code"
    "/register/phone/call" Enrolling { GET registration::call::show }
    "/register/phone/call/status" Enrolling { GET registration::call::status }
    "/terms" Terms { GET terms::show, POST terms::submit }

    // Signed in.
    "/home" SignedIn { GET home::show }
    "/messages" SignedIn { GET messages::list }
    "/messages/read" SignedIn { POST messages::read_all } FROM "/messages"
    "/messages/{id}" SignedIn { GET messages::show }
    "/messages/{id}/read" SignedIn { POST messages::read } FROM "/messages/{id}"
    "/security" SignedIn { GET security::overview::show }
    "/security/activity" SignedIn { GET security::activity::list }
    "/security/sessions" SignedIn { GET security::sessions::list }
    "/security/sessions/end-others" Fresh { POST security::sessions::end_others } FROM "/security/sessions"
    "/security/sessions/{id}/end" Fresh { POST security::sessions::end } FROM "/security/sessions"
    "/security/authenticator" Fresh { GET security::authenticator::show, POST security::authenticator::save }
    "/security/authenticator/begin" Fresh { POST security::authenticator::begin } FROM "/security/authenticator"
    "/security/phones/new" Fresh { GET security::phone::show, POST security::phone::submit }
    "/security/phones/new/code" Fresh { GET security::phone_code::show, POST security::phone_code::submit }
    "/security/phones/new/resend" Fresh { POST security::phone_code::resend } FROM "/security/phones/new/code"
    "/security/phones/new/call" Fresh { GET security::call::show }
    "/security/phones/new/call/status" Fresh { GET security::call::status }
    "/security/email-code" Fresh { GET security::email_code::show, POST security::email_code::send }
    "/security/email-code/verify" Fresh { POST security::email_code::verify } FROM "/security/email-code"
    "/security/recovery-codes" Fresh { GET security::new_codes::show, POST security::new_codes::make }
    "/security/recovery-codes/keep" SignedIn { POST security::new_codes::keep } FROM "/security/recovery-codes"
    "/security/recovery-codes/download" SignedIn { POST security::new_codes::download } FROM "/security/recovery-codes"
    "/security/factors/{id}/rename" Fresh { GET security::factors::rename_form, POST security::factors::rename }
    "/security/factors/{id}/remove" Fresh { GET security::factors::remove_form, POST security::factors::remove }
    "/security/domain-accounts/{id}/remove" Fresh {
        GET security::domain_account::show,
        POST security::domain_account::remove,
    }
    "/security/tokens/{id}/activate" Fresh { GET security::token::show, POST security::token::activate }
    "/security/email" Fresh { GET security::email::show, POST security::email::send }
    "/security/email/verify" Fresh { POST security::email::verify } FROM "/security/email"
    "/security/email/change" Fresh { POST security::email::change } FROM "/security/email"
    "/security/appearance" SignedIn { GET security::appearance::show, POST security::appearance::save }
    "/security/time-zone" SignedIn { GET security::time_zone::show, POST security::time_zone::save }
    "/security/password" Fresh { GET security::password::show, POST security::password::submit }

    "/invitations" SignedIn { GET invitations::list }
    "/invitations/{id}/accept" SignedIn { POST invitations::accept } FROM "/invitations"
    "/invitations/{id}/decline" SignedIn { POST invitations::decline } FROM "/invitations"
    "/security/confirm" SignedIn { GET security::confirm::show, POST security::confirm::submit }

    "/security/factor" FactorDue { GET security::factor::show, POST security::factor::submit }

    // The console.
    "/admin" OrgAdmin { GET admin::overview::show }
    "/admin/reviews" OrgAdmin { GET reviews::list }
    "/admin/reviews/{id}" FreshOrgAdmin { GET reviews::show }
    "/admin/reviews/{id}/approve" FreshOrgAdmin { POST reviews::approve } FROM "/admin/reviews/{id}"
    "/admin/reviews/{id}/refuse" FreshOrgAdmin { POST reviews::refuse } FROM "/admin/reviews/{id}"
    "/admin/users/new" FreshOrgAdmin { GET admin::people::add::show, POST admin::people::add::submit }
    "/admin/users/import" FreshOrgAdmin { GET admin::people::import::show, POST admin::people::import::look }
    "/admin/users/import/start" FreshOrgAdmin { POST admin::people::import::start } FROM "/admin/users/import"
    "/admin/users/export" FreshOrgAdmin { GET admin::people::export::show, POST admin::people::export::download }
    "/admin/invitations" OrgAdmin { GET admin::people::invitations::list }
    "/admin/invitations/{id}/send" FreshOrgAdmin { POST admin::people::invitations::send } FROM "/admin/invitations"
    "/admin/invitations/{id}/withdraw" FreshOrgAdmin { POST admin::people::invitations::withdraw }
        FROM "/admin/invitations"
    "/admin/users/{id}/profile" FreshOrgAdmin { GET admin::people::profile::show, POST admin::people::profile::save }
    "/admin/users/{id}/email" FreshOrgAdmin { POST admin::people::profile::propose } FROM "/admin/users/{id}/profile"
    "/admin/users/{id}/invite" FreshOrgAdmin { POST admin::people::invitations::send_to } FROM "/admin/users/{id}"
    "/admin/users/{id}/remove" FreshOrgAdmin { GET admin::people::remove::show, POST admin::people::remove::submit }
    "/admin/users/{id}/managing" FreshOrgOwner {
        GET admin::people::managing::show,
        POST admin::people::managing::submit,
    }
    "/admin/jobs" OrgAdmin { GET admin::jobs::list }
    "/admin/jobs/{id}" OrgAdmin { GET admin::jobs::show }
    "/admin/jobs/{id}/confirm" FreshOrgAdmin { GET admin::jobs::plan::show, POST admin::jobs::plan::submit }
    "/admin/jobs/{id}/stop" FreshOrgAdmin { POST admin::jobs::stop } FROM "/admin/jobs/{id}"
    "/admin/jobs/{id}/retry" FreshOrgAdmin { POST admin::jobs::retry } FROM "/admin/jobs/{id}"
    "/admin/jobs/{id}/results" FreshOrgAdmin { POST admin::jobs::download } FROM "/admin/jobs/{id}"
    "/identity/users/reset-all" FreshOrgAdmin { POST admin::jobs::plan::choose } FROM "/identity/users"
    "/admin/users" OrgAdmin { GET admin::users::list }
    "/admin/users/{id}" OrgAdmin { GET admin::users::edit::show }
    "/admin/users/{id}/reset" FreshOrgAdmin { GET admin::users::reset::show, POST admin::users::reset::submit }
    "/admin/users/{id}/unlock" FreshOrgAdmin { POST admin::users::acts::unlock } FROM "/admin/users/{id}"
    "/admin/users/{id}/disable" FreshOrgAdmin { POST admin::users::acts::disable } FROM "/admin/users/{id}"
    "/admin/users/{id}/enable" FreshOrgAdmin { POST admin::users::acts::enable } FROM "/admin/users/{id}"
    "/admin/users/{id}/sign-out" FreshOrgAdmin { POST admin::users::acts::sign_out } FROM "/admin/users/{id}"
    "/admin/users/{id}/domain-accounts/remove" FreshOrgAdmin { POST admin::users::acts::remove_domain_accounts }
        FROM "/admin/users/{id}"
    "/admin/users/{id}/role" FreshOrgOwner { POST admin::users::acts::role } FROM "/admin/users/{id}"
    "/admin/resets/{reference}" FreshOrgAdmin { GET admin::resets::show, POST admin::resets::carry_out }
    "/settings/allaccounts" OrgAdmin { GET admin::accounts::show }
    "/settings/allaccounts/" OrgAdmin { GET admin::accounts::show }
    "/setup/users" OrgAdmin { GET admin::registrations::show }
    "/identity/users" OrgAdmin { GET admin::identity::show }
    "/identity/users/reset" OrgAdmin { POST admin::identity::choose } FROM "/identity/users"
    "/admin/authentication-methods" OrgAdmin { GET admin::authentication_methods::show }
    "/admin/authentication-methods/reset" OrgAdmin { POST admin::authentication_methods::choose }
        FROM "/admin/authentication-methods"
    "/admin/registration-codes" OrgAdmin { GET admin::registration_codes::list }
    "/admin/registration-codes/make" FreshOrgAdmin { POST admin::registration_codes::make }
        FROM "/admin/registration-codes"
    "/admin/registration-codes/{id}" FreshOrgAdmin { GET admin::registration_codes::show }
    "/admin/registration-codes/{id}/rotate" FreshOrgAdmin { POST admin::registration_codes::rotate }
        FROM "/admin/registration-codes/{id}"
    "/admin/registration-codes/{id}/revoke" FreshOrgAdmin { POST admin::registration_codes::revoke }
        FROM "/admin/registration-codes/{id}"
    "/admin/applications" OrgOwner { GET admin::applications::list }
    "/admin/applications/new" FreshOrgOwner { GET admin::applications::new, POST admin::applications::create }
    "/admin/applications/{id}" FreshOrgOwner { GET admin::applications::show, POST admin::applications::edit }
    "/admin/applications/{id}/remove" FreshOrgOwner { POST admin::applications::remove } FROM "/admin/applications/{id}"
    "/admin/customers" OrgOwner { GET admin::customers::list }
    "/admin/customers/new" FreshOrgOwner { GET admin::customers::new, POST admin::customers::create }
    "/admin/customers/{id}" FreshOrgOwner { GET admin::customers::show, POST admin::customers::edit }
    "/admin/customers/{id}/owner" FreshOrgOwner {
        GET admin::customers::owner::show,
        POST admin::customers::owner::submit,
    }
    "/admin/customers/{id}/disable" FreshOperator { POST admin::customers::disable } FROM "/admin/customers/{id}"
    "/admin/customers/{id}/enable" FreshOperator { POST admin::customers::enable } FROM "/admin/customers/{id}"
    "/admin/hardware-tokens" OrgAdmin { GET admin::hardware_tokens::list }
    "/admin/hardware-tokens/import" FreshOrgAdmin {
        GET admin::hardware_tokens::import::show,
        POST admin::hardware_tokens::import::submit,
    }
    "/admin/hardware-tokens/export" FreshOrgAdmin { POST admin::hardware_tokens::export::download }
        FROM "/admin/hardware-tokens"
    "/admin/hardware-tokens/{id}" FreshOrgAdmin { GET admin::hardware_tokens::one::show }
    "/admin/hardware-tokens/{id}/assign" FreshOrgAdmin { POST admin::hardware_tokens::one::assign }
        FROM "/admin/hardware-tokens/{id}"
    "/admin/hardware-tokens/{id}/activate" FreshOrgAdmin { POST admin::hardware_tokens::one::activate }
        FROM "/admin/hardware-tokens/{id}"
    "/admin/hardware-tokens/{id}/deactivate" FreshOrgAdmin { POST admin::hardware_tokens::one::deactivate }
        FROM "/admin/hardware-tokens/{id}"
    "/admin/hardware-tokens/{id}/lost" FreshOrgAdmin { POST admin::hardware_tokens::one::lose }
        FROM "/admin/hardware-tokens/{id}"
    "/admin/hardware-tokens/{id}/available" FreshOrgAdmin { POST admin::hardware_tokens::one::make_available }
        FROM "/admin/hardware-tokens/{id}"
    "/admin/audit" OrgAdmin { GET admin::audit::list }
    "/admin/audit/export" FreshOrgAdmin { POST admin::audit::export } FROM "/admin/audit"
    "/admin/audit/{id}" OrgAdmin { GET admin::audit::entry }
    "/admin/help" FreshOrgAdmin { GET api::docs::show }
    "/admin/help/openapi.json" FreshOrgAdmin { GET api::docs::document }
    "/administration/help/token" FreshOrgAdmin { POST api::docs::token } FROM "/admin/help"
    "/admin/api-tokens" OrgAdmin { GET admin::api_tokens::list }
    "/admin/api-tokens/new" FreshOrgAdmin { GET admin::api_tokens::new, POST admin::api_tokens::make }
    "/admin/api-tokens/{id}/revoke" FreshOrgAdmin { GET admin::api_tokens::ask, POST admin::api_tokens::revoke }
    "/admin/security" OrgOwner { GET admin::security::show }
    "/admin/security/preview" FreshOrgOwner { GET admin::security::preview }
    "/admin/security/save" FreshOrgOwner { POST admin::security::save } FROM "/admin/security"
    "/admin/security/safelist" FreshOrgOwner { POST admin::safelist::add } FROM "/admin/security"
    "/admin/security/safelist/{id}/remove" FreshOrgOwner { POST admin::safelist::remove } FROM "/admin/security"
    "/admin/security/exemptions" FreshOrgOwner { POST admin::exemptions::add } FROM "/admin/security"
    "/admin/security/exemptions/{id}/remove" FreshOrgOwner { POST admin::exemptions::remove } FROM "/admin/security"
    "/admin/user-settings" OrgAdmin { GET admin::user_settings::show }

    // Set-up, as a step of a sign-in or of one's own accord.
    "/security/setup" SetUp { GET security::setup::show, POST security::setup::save }
    "/security/setup/begin" SetUp { POST security::setup::begin } FROM "/security/setup"
    "/security/setup/phone" SetUp { GET security::setup::phone::show, POST security::setup::phone::submit }
    "/security/setup/phone/code" SetUp {
        GET security::setup::phone_code::show,
        POST security::setup::phone_code::submit,
    }
    "/security/setup/phone/resend" SetUp { POST security::setup::phone_code::resend } FROM "/security/setup/phone/code"
    "/security/setup/phone/call" SetUp { GET security::setup::call::show }
    "/security/setup/phone/call/status" SetUp { GET security::setup::call::status }
    "/security/setup/email" SetUp { GET security::setup::email::show, POST security::setup::email::send }
    "/security/setup/email/code" SetUp { POST security::setup::email::verify } FROM "/security/setup/email"
    "/security/setup/recovery-codes" SetUp { GET security::recovery_codes::show, POST security::recovery_codes::go_on }
    "/security/setup/recovery-codes/download" SetUp { POST security::recovery_codes::download }
        FROM "/security/setup/recovery-codes"

    // The telephone gateway.
    "/hooks/voice/{call}/answer" Hook { POST hooks::answer }
    "/hooks/voice/{call}/gather" Hook { POST hooks::gather }
    "/hooks/voice/{call}/status" Hook { POST hooks::status }

    // The identity provider.
    "/hooks/stripe" Hook { POST stripe::event }

    // Demo mode.
    "/sandbox" Sandbox { GET sandbox::outbox::show }
    "/sandbox/people" Sandbox { GET sandbox::people::show }
    "/sandbox/controls" Sandbox { GET sandbox::controls::show }
    "/sandbox/controls/clock" Sandbox { POST sandbox::controls::set_clock } FROM "/sandbox/controls"
    "/sandbox/controls/senders" Sandbox { POST sandbox::controls::set_senders } FROM "/sandbox/controls"
    "/sandbox/mail/{id}" Sandbox { GET sandbox::mail::show }
    "/sandbox/calls/{id}/press-form" Sandbox { POST sandbox::outbox::press } FROM "/sandbox"
    "/sandbox/identity" Sandbox { GET sandbox::identity::list }
    "/sandbox/identity/{id}" Sandbox { GET sandbox::identity::show, POST scripts::identity }
    "/sandbox/identity/{id}/play" Sandbox { POST sandbox::identity::play } FROM "/sandbox/identity/{id}"
    "/sandbox/domain/authorize" Sandbox { GET sandbox::domain::show, POST sandbox::domain::pick }
    "/sandbox/domain/.well-known/openid-configuration" Sandbox { GET sandbox_domain::metadata }
    "/sandbox/domain/keys" Sandbox { GET sandbox_domain::keys }
    "/sandbox/domain/token" Sandbox { POST sandbox_domain::token }
    "/sandbox/outbox.json" Sandbox { GET scripts::outbox }
    "/sandbox/people.json" Sandbox { GET scripts::people }
    "/sandbox/calls/{id}/press" Sandbox { POST scripts::press }
    "/sandbox/senders" Sandbox { POST scripts::senders }
    "/sandbox/clock" Sandbox { POST scripts::clock }
}
