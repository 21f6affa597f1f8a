//! The audit log: that nobody changes it, and that changes are found.

mod append_only;
mod chain;
