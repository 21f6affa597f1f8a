//! Vestibule: a portal people sign in through, and the console in which administrators look after
//! multi-factor authentication.
//!
//! Who may know whom: `main → cli → app → routes → {pages, api} → domain → models → {schema, db}`.
//! `web` serves pages and api only; pages and api never import each other. `diesel` appears only in
//! db, schema and models; `actix_web` only in app, routes, web, pages, api and error; `askama` only
//! in pages, web, error and outbox; `lettre` only in outbox; `reqwest` only in outbox and identity. `tests/portal/house.rs` reads the `use`
//! lines and fails on a breach.

/// JSON for machines: the API and the hooks that providers call.
pub mod api;
/// `App`: what every part of a running portal shares, and how it is put together.
pub mod app;
/// The command line, one file per subcommand.
pub mod cli;
/// The only source of the time.
pub mod clock;
/// Every setting, read and checked once.
pub mod config;
/// Connections, `read()` and `write()`, migrations.
pub mod db;
/// The rules: no HTTP, no HTML.
pub mod domain;
/// One error type for everything that answers a request.
pub mod error;
/// Identity checks: Stripe Identity, and the sandbox of demo mode.
pub mod identity;
/// One file per table: its row and every query on it.
pub mod models;
/// E-mails, text messages and calls on their way out.
pub mod outbox;
/// HTML pages: the template right above its handler.
pub mod pages;
/// Every URL, each with its guard.
pub mod routes;
/// The schema, the same for both databases.
pub mod schema;
/// Secrets that cannot be printed, the key ring, randomness.
pub mod secrets;
/// Plumbing between HTTP and the domain: guards, sessions, forms, headers.
pub mod web;
