//! The hardware tokens in the drawer, with what each would show right now.

use data_encoding::BASE32_NOPAD;

use crate::clock::unix;
use crate::domain::Core;
use crate::domain::sample::{SampleData, organizations, tokens};
use crate::domain::second_step::totp;

/// A token to be handed out.
#[derive(Clone, Debug)]
pub struct SpareToken {
    pub serial: &'static str,
    pub organization: &'static str,
    /// "SHA-1, every 30 seconds".
    pub codes: String,
    pub code_now: String,
}

/// Those that were nobody's at the beginning.
pub fn spare_tokens(core: &Core, data: &SampleData) -> Vec<SpareToken> {
    let now = unix(core.clock.now());
    let shown = |(key, serial, slow): &(&'static str, &'static str, bool)| {
        let (algorithm, period) = tokens::kind(*slow);
        let secret = BASE32_NOPAD.decode(data.tokens.get(*serial)?.key.as_deref()?.as_bytes()).ok()?;
        let totp = totp::build(&secret, algorithm, 6, period).ok()?;
        Some(SpareToken {
            serial,
            organization: organizations::spec(key)?.name,
            codes: format!("{}, every {period} seconds", algorithm.replace("SHA", "SHA-")),
            code_now: totp.generate(now).to_string(),
        })
    };
    tokens::SPARE.iter().filter_map(shown).collect()
}
