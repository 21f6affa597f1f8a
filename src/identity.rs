//! Who people are, told by others. Identity checks: a government photo ID and a selfie, looked at by a
//! provider. One trait with two providers: Stripe Identity, and in demo mode a sandbox in which the
//! tester plays the document. And domain accounts: OpenID Connect, in `oidc`.

pub mod oidc;
pub mod sandbox;
pub mod sandbox_domain;
pub mod stripe;
pub mod stripe_signature;

use std::fmt;

use futures_util::future::BoxFuture;

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct New {
    /// What we call it; kept by the provider, and the key under which a second try is the same session.
    pub reference: String,
    /// Where the person comes back to.
    pub return_url: String,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing was handed in yet, or what was has to be handed in again.
    RequiresInput,
    Processing,
    Verified,
    Canceled,
}

/// A session as the provider tells it.
#[derive(Clone)]
pub struct Session {
    pub id: String,
    /// `New::reference` of the session that was begun.
    pub reference: Option<String>,
    pub status: Status,
    /// Where the person hands in document and selfie. For them alone; never kept.
    pub url: Option<String>,
    /// Why it has to be tried again, in the provider's word.
    pub reason: Option<String>,
    /// First and last name on the document, of a verified session.
    pub names: Option<(String, String)>,
}

/// It holds names and a URL that is a secret.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?})", self.status)
    }
}

/// What a provider may fail with. Denies, whatever it is (ASVS 16.5.2).
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("the identity provider cannot be reached: {0}")]
    Unreachable(String),
    #[error("the identity provider refused: {0}")]
    Refused(String),
    #[error("the identity provider does not know this session")]
    Unknown,
}

pub type Answer<'a, T> = BoxFuture<'a, Result<T, IdentityError>>;

/// Whoever checks documents.
pub trait IdentityProvider: Send + Sync {
    /// Begins a session; the same reference again gives the same session.
    fn begin<'a>(&'a self, new: &'a New) -> Answer<'a, Session>;

    /// How a session stands now.
    fn read<'a>(&'a self, session_id: &'a str) -> Answer<'a, Session>;

    /// Ends a session that is not wanted any more. One that has ended is as good.
    fn cancel<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()>;

    /// Has the provider erase what it keeps of the document.
    fn redact<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()>;
}
