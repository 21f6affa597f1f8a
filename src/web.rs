//! Plumbing between HTTP and the domain.

/// Who may enter the console, and whose acts must be fresh.
pub mod administration;
/// The embedded style sheets, scripts, fonts and pictures under `/static`.
pub mod assets;
/// The address a request came from.
pub mod client_ip;
/// The side list of the console.
pub mod console;
/// Cookies: one set of attributes, collected per request.
pub mod cookies;
/// What browsers report of the content policy.
pub mod csp_reports;
/// Tokens and headers against cross-site requests.
pub mod csrf;
/// What stands in the place of a page that cannot be shown.
pub mod error_page;
/// What every answer gets: headers, a log line, a page for an error.
pub mod finish;
/// Forms: limited, checked against forgery, strict about their fields.
pub mod form;
/// Who may enter is answered before what they sent.
pub mod gate;
/// Who may enter: extractors for handlers.
pub mod guards;
/// Who may enter the steps of a registration.
pub mod registering;
/// Answers: a page, a redirect.
pub mod respond;
/// The paths people may be sent back to.
pub mod return_to;
/// What is said once on the page after an act.
pub mod said;
/// Who may enter the sandbox: everybody in demo mode, nobody otherwise.
pub mod sandbox;
/// Sessions for actix-session, kept by the domain.
pub mod session;
/// The cookie of Remember Me.
pub mod tickets;
/// Forms that bring a file.
pub mod upload;
/// What the frame around every page needs, and words about it.
pub mod view;
/// Whoever asks, signed in or not.
pub mod visitor;
