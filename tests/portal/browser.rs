//! Journeys in a real Chromium, with real clicks: both themes, a desk and a phone. Each page is
//! looked at as it comes by: accessibility rules (axe), sideways scroll, console, requests off site.

mod by_keyboard;
mod chromium;
mod console;
mod journeys;
mod pictures;
mod registering;
mod security;
mod self_reset;
