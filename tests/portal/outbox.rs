//! The outbox worker: real database, real senders, and servers that misbehave.

mod codes;
mod delivery;
mod discretion;
mod fixture;
mod nodes;
