//! Randomness from the operating system and nowhere else. ASVS 11.5.1, 6.5.3.

use data_encoding::BASE64URL_NOPAD;

use super::Secret;

/// So many bytes from the operating system.
///
/// # Panics
/// When the operating system gives none: nothing here can be done safely without.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).expect("the operating system gives randomness");
    out
}

/// 32 random bytes in URL-safe base64, 43 characters: for links, tokens and verifiers.
pub fn token() -> Secret<String> {
    Secret::new(BASE64URL_NOPAD.encode(&bytes::<32>()))
}

/// A number below `bound`, each as likely as any other (rejection sampling).
pub fn below(bound: u32) -> u32 {
    let limit = u32::MAX - u32::MAX % bound;
    loop {
        let n = u32::from_le_bytes(bytes());
        if n < limit {
            return n % bound;
        }
    }
}

/// Six decimal digits, leading zeros kept. ASVS 6.5.3, 6.5.4.
pub fn six_digits() -> Secret<String> {
    Secret::new(format!("{:06}", below(1_000_000)))
}

/// So many characters drawn evenly from `alphabet` (ASCII).
pub fn string(alphabet: &[u8], length: usize) -> Secret<String> {
    let bound = u32::try_from(alphabet.len()).unwrap_or(u32::MAX);
    Secret::new((0..length).map(|_| char::from(alphabet[below(bound) as usize])).collect())
}
