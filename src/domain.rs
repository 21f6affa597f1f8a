//! The rules. They know the database and the clock, not HTTP and not HTML; pages, the API and the
//! command line call them alike.

/// Whether a session opens anything.
pub mod access;
/// Which e-mail addresses are taken.
pub mod addresses;
/// Who may act in the console, and how far.
pub mod administration;
/// Tokens for the API: who made them, what they open.
pub mod api_tokens;
/// **Applications**: the links on Home.
pub mod applications;
/// What happened, written with the act.
pub mod audit;
/// The hash chain over the audit log.
pub mod audit_chain;
/// Reading the audit log: filters, pages, exports.
pub mod audit_log;
/// Acts and details of the audit log in words.
pub mod audit_words;
/// What every rule needs at hand.
pub mod core;
/// Tables for spreadsheets.
pub mod csv;
/// Files from spreadsheets.
pub mod csv_file;
/// What was sent to an organization's people.
pub mod deliveries;
/// Browsers in words.
pub mod devices;
/// Lists of people: one query behind all of them.
pub mod directory;
pub mod domain_account;
/// Enrolling factors: an authenticator app and its recovery codes.
pub mod enrollment;
/// Fresh links for who has not finished registering.
pub mod first_login;
/// **Hardware Tokens**: the inventory, its import, and who has which.
pub mod hardware_tokens;
/// What **Home** shows.
pub mod home;
/// Long work, done one person at a time and resumed after a restart.
pub mod jobs;
/// Every number: lifetimes, limits, delays.
pub mod limits;
/// Links in e-mails.
pub mod links;
/// Which rows are held first.
pub mod locks;
/// Mails that may be asked for without signing in.
pub mod mail_limits;
/// Numbers and addresses, mostly hidden.
pub mod masks;
/// One person as a member of an organization.
pub mod member;
/// **Message Center**.
pub mod messages;
/// Where a person stands with MFA in an organization: one function for every page and answer.
pub mod mfa;
/// **One reset**, whatever the button.
pub mod mfa_reset;
/// Mails about what happened to an account.
pub mod notices;
/// What account holders learn of an operator's acts.
pub mod operators;
/// Requiring MFA, for a script.
pub mod org_mfa;
/// **Customers**: organizations and who looks after them.
pub mod organizations;
/// **Admin Overview** in figures.
pub mod overview;
/// Passwords: what may be one, and how it is kept.
pub mod password;
/// **Forgot your password?**
pub mod password_reset;
/// What administrators do about people's accounts.
pub mod people;
/// Removing what has ended by itself.
pub mod purge;
/// Registering, from the organization's code to the accepted terms.
pub mod registration;
/// **Registration Codes**.
pub mod registration_codes;
/// Remember Me: four hours in one browser.
pub mod remember_me;
/// A database that was put back from a copy.
pub mod restored;
/// Encrypting again with a new key.
pub mod rotate_keys;
/// **IP Safelist**: from where an organization may be entered.
pub mod safelist;
/// The organizations and people of demo mode.
pub mod sample;
/// What demo mode shows to scripts: people, and messages as they arrive.
pub mod sandbox;
/// The second step: what may be shown, sent and judged.
pub mod second_step;
/// **Security**: what people do about their own account.
pub mod security;
/// **Practice Security Settings**: what an organization demands of its people.
pub mod security_settings;
/// Resetting one's own MFA, after an identity check.
pub mod self_reset;
/// Sessions: what they hold, how one follows another, how they end.
pub mod sessions;
/// Signing in: password, second step, organization, home.
pub mod sign_in;
/// Limits on tries and sends.
pub mod throttle;
/// Times as people read them.
pub mod times;
/// **User Settings**: where each person of an organization stands.
pub mod user_settings;
/// What an administrator sees of one person, and does to the account.
pub mod users;
/// Codes that prove an address or a number outside a sign-in.
pub mod verification;

pub use self::core::Core;
