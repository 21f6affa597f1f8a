//! Passwords that can be typed, and the keys and codes of demo mode. All of it random.

use data_encoding::BASE32_NOPAD;

use crate::secrets::random;

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Four words and two digits, at least 18 characters: 8 bits a word, more than 38 in all.
/// Enough behind throttles that let nobody guess quickly.
pub fn password() -> String {
    let mut words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut chosen = Vec::new();
    for _ in 0..4 {
        // Nothing twice: a repeated word looks like a mistake to whoever types it.
        let bound = u32::try_from(words.len()).unwrap_or(u32::MAX);
        chosen.push(words.swap_remove(random::below(bound) as usize));
    }
    format!("{}-{:02}", chosen.join("-"), random::below(100))
}

/// 20 random bytes in base32: 32 characters (RFC 4226 section 4, R6).
pub fn totp_key() -> String {
    BASE32_NOPAD.encode(&random::bytes::<20>())
}

/// The bytes of a key, `None` when it is no base32.
pub fn totp_bytes(key: &str) -> Option<Vec<u8>> {
    BASE32_NOPAD.decode(key.as_bytes()).ok()
}

/// Eight codes of 24 base32 characters, 120 bits each.
pub fn recovery_codes() -> Vec<String> {
    (0..8).map(|_| random::string(BASE32, 24).expose().clone()).collect()
}

/// 256 short words that are hard to misspell.
const WORDS: &str = "
acorn adobe agate alder alloy amber anchor anvil apple apron arbor arena
arrow aspen atlas attic autumn awning bacon badge bagel bamboo banjo barley
basil basin beach beacon bean bell bench berry birch bison blanket bloom
bonnet bottle boulder bramble brass bread breeze brick bridge brook broom bucket
butter button cabin cable cactus camel camera candle canoe canyon cape carbon
cargo carpet carrot castle cedar cellar cello chalk cherry chess chimney cider
cinema circle citrus clay cliff cloud clover cobalt cocoa comet compass copper
coral cotton cradle crane crayon creek cricket crown crystal curtain daisy dawn
delta desert diesel dinner dolphin donkey dragon drum dune eagle earth easel
echo elbow ember engine fabric falcon feather fern ferry fiddle field flame
flannel flint flower flute forest fossil fountain fox frost galaxy garden garlic
ginger glacier glove goat grain granite grape gravel guitar hammer harp harvest
hazel helmet heron hill honey horizon hornet igloo iris island ivory jacket
jaguar jungle kayak kettle kite ladder lagoon lake lantern laurel lava leaf
lemon lentil lilac linen lion lizard lobster lotus lumber magnet mango maple
marble meadow melon metal mint mirror mitten moon moss mountain mustard nectar
needle nickel nutmeg oak oasis ocean olive onion opal orange orchard otter
oyster paddle panda paper parsley peach pebble pepper piano pigeon pillow pine
planet plum pocket pond poplar prairie pumpkin quartz quill quilt rabbit raven
ribbon river robin rocket saddle salmon sandal saturn scarf sparrow spruce
stable summer sunset tiger timber tulip turtle velvet violet walnut willow
window winter wolf yarrow zebra zinc
";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_256_different_short_words() {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        assert_eq!(words.len(), 256);
        assert_eq!(words.iter().collect::<HashSet<_>>().len(), 256);
        assert!(words.iter().all(|w| (3..=8).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn what_is_made_has_the_right_form() {
        for _ in 0..200 {
            let password = password();
            assert!((15..=64).contains(&password.len()) && password.is_ascii(), "{password}");
        }
        let key = totp_key();
        assert_eq!((key.len(), totp_bytes(&key).map(|bytes| bytes.len())), (32, Some(20)));
        let codes = recovery_codes();
        assert_eq!(codes.len(), 8);
        assert!(codes.iter().all(|code| code.len() == 24));
    }
}
