//! A password hash as it is stored: argon2 with its parameters, in the PHC string format
//! (github.com/P-H-C/phc-string-format).

use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use data_encoding::BASE64_NOPAD;

use crate::secrets::random;

/// Memory of one hash in KiB. This and the next two: OWASP Password Storage Cheat Sheet,
/// ASVS 5.0 Appendix C; ASVS 11.4.2.
pub(super) const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// The dearest hash that is computed at all: 1 GiB, and 4 GiB over all passes. An imported hash
/// beyond that would stop everybody's sign-in.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_WORK_KIB: u64 = 1 << 22;
const MAX_LANES: u32 = 16;

/// All that argon2 takes, save the password.
#[derive(Clone)]
pub(super) struct Recipe {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    pub salt: Vec<u8>,
    pub output_bytes: usize,
}

impl Recipe {
    /// The parameters in force, with a new salt.
    pub fn fresh() -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES))
                .expect("the parameters in force are within argon2's limits"),
            salt: random::bytes::<SALT_BYTES>().to_vec(),
            output_bytes: OUTPUT_BYTES,
        }
    }

    pub fn argon2(&self) -> Argon2<'static> {
        Argon2::new(self.algorithm, self.version, self.params.clone())
    }

    /// How many blocks of memory (1 KiB each) it takes.
    pub fn blocks(&self) -> usize {
        self.params.block_count()
    }

    /// Whether a hash made today would have these parameters.
    fn is_current(&self) -> bool {
        let (m, t, p) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && (m, t, p) == (MEMORY_KIB, PASSES, LANES)
            && (self.salt.len(), self.output_bytes) == (SALT_BYTES, OUTPUT_BYTES)
    }

    /// The PHC string of this recipe and what came out of it.
    pub fn phc(&self, output: &[u8]) -> String {
        format!(
            "${}$v={}$m={},t={},p={}${}${}",
            self.algorithm.as_str(),
            u32::from(self.version),
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
            BASE64_NOPAD.encode(&self.salt),
            BASE64_NOPAD.encode(output),
        )
    }
}

/// A hash read from the database.
#[derive(Clone)]
pub(super) struct Stored {
    pub recipe: Recipe,
    pub output: Vec<u8>,
}

impl Stored {
    /// `None` for what is no argon2 hash, lacks salt or output, or costs more than the limits
    /// above.
    pub fn parse(phc: &str) -> Option<Self> {
        let hash = PasswordHash::new(phc).ok()?;
        let algorithm = hash.algorithm.as_str().parse().ok()?;
        let version = match hash.version {
            Some(version) => Version::try_from(version).ok()?,
            None => Version::default(),
        };
        let params = Params::try_from(&hash).ok()?;
        let output = hash.hash?.as_bytes().to_vec();
        let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
        if params.m_cost() > MAX_MEMORY_KIB || work > MAX_WORK_KIB || params.p_cost() > MAX_LANES {
            return None;
        }
        let salt = hash.salt?.as_ref().to_vec();
        let recipe = Recipe { algorithm, version, params, salt, output_bytes: output.len() };
        Some(Self { recipe, output })
    }

    /// A hash that no password has, and that costs what a real one costs: for accounts that do
    /// not exist. Its output is drawn, not computed, so there is nothing to wait for.
    pub fn dummy() -> Self {
        Self { recipe: Recipe::fresh(), output: random::bytes::<OUTPUT_BYTES>().to_vec() }
    }

    /// Whether the password should be hashed anew while it is at hand.
    pub fn needs_rehash(&self) -> bool {
        !self.recipe.is_current()
    }
}
