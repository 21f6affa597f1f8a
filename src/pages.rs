/// Signing in, from the options to the organization.
pub mod sign_in;
