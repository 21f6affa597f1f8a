//! The second step by phone: a code by text message, or a call that waits for the # key.

mod calls;
mod codes;
mod resending;
mod senders;
