//! Pages: the struct of each template, and right below it the handlers that fill it.

/// The console.
pub mod admin;
/// Confirming an address that was proposed.
pub mod email_change;
/// Parts of pages on which a factor is enrolled.
pub mod enroll;
mod enroll_phone;
/// "first login with multi-factor authentication".
pub mod first_login;
/// The first account holder of a new installation.
pub mod first_owner;
/// **Multi-Factor Authentication Help**.
pub mod help;
/// **Home**.
pub mod home;
/// Invitations of who has an account.
pub mod invitations;
/// **Message Center**.
pub mod messages;
/// **Forgot your password?**
pub mod password_reset;
/// Lists of people in the console.
pub mod people;
/// Registering.
pub mod registration;
/// **Reviews**: identity checks that wait for a person.
pub mod reviews;
/// The sandbox of demo mode.
pub mod sandbox;
/// What people do about their own security.
pub mod security;
/// Resetting one's own MFA.
pub mod self_reset;
/// Signing in, from the options to the organization.
pub mod sign_in;
/// The address without a path.
pub mod start;
/// **Terms of Use Agreement**.
pub mod terms;
