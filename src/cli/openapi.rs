//! `vestibule openapi`

use super::{Stop, print};
use crate::api::openapi;

pub fn run() -> Result<(), Stop> {
    print::document(openapi::json())
}
