#![no_main]

#[path = "../../tests/portal/attacks/id_token.rs"]
mod id_token;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    id_token::id_token(data);
});
