//! `vestibule openapi`

use super::Stop;
use crate::api::openapi;

pub fn run() -> Result<(), Stop> {
    println!("{}", openapi::json());
    Ok(())
}
