//! The audit log: that nobody changes it, that changes are found, and how it is read.

mod append_only;
mod chain;
mod export;
mod page;
