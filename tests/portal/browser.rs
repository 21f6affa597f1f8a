//! Journeys in a real Chromium, with real clicks. Each page is looked at as it comes by, in both themes, on
//! a desk and on a phone: accessibility rules (axe) and sideways scroll. At the end of a walk nothing may
//! stand in the console, and nothing may have been asked of another host. docs/browser.md lists the walks.

mod bulk;
mod chromium;
mod console;
mod domain_account;
mod entering;
mod journeys;
mod leftovers;
mod looks;
mod own_security;
mod people;
mod registering;
mod resets;
mod security;
mod self_reset;
mod set_up;
mod settings;
mod tokens;
mod walks;
