#![no_main]

#[path = "../../tests/portal/attacks/properties.rs"]
#[allow(dead_code)]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::phone(data));
