//! **Remember Me**: four hours, one option, one browser.

mod forgetting;
mod hours;
mod people;
mod replay;
