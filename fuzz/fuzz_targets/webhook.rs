#![no_main]

#[path = "../../tests/portal/attacks/properties.rs"]
#[expect(dead_code, reason = "each target runs one property of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::webhook(data));
