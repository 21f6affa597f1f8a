//! How far along somebody is, above every page of the road.

use crate::models::FactorKind;

#[derive(Clone, Debug, Default)]
pub struct Steps {
    pub names: Vec<&'static str>,
    /// From 1.
    pub current: usize,
}

impl Steps {
    pub const ORGANIZATION: usize = 1;
    pub const DETAILS: usize = 2;
    pub const EMAIL: usize = 3;
    pub const FACTOR: usize = 4;

    pub fn at(current: usize, method: Option<FactorKind>) -> Self {
        let mut names = vec!["Organization", "Your details", "Email and password"];
        names.extend(match method {
            Some(FactorKind::Email) => None,
            Some(FactorKind::Authenticator) => Some("Authenticator app"),
            _ => Some("Phone"),
        });
        names.push("Terms of Use");
        Self { names, current }
    }

    /// The terms are the last, however many come before.
    pub fn at_terms(method: Option<FactorKind>) -> Self {
        let steps = Self::at(0, method);
        Self { current: steps.names.len(), ..steps }
    }

    pub fn is_done(&self, step: &usize) -> bool {
        *step < self.current
    }

    pub fn is_current(&self, step: &usize) -> bool {
        *step == self.current
    }

    pub fn name(&self) -> &'static str {
        self.names.get(self.current.wrapping_sub(1)).copied().unwrap_or_default()
    }
}
