//! Attacks, one file per duty: what a stranger, a thief or a careless proxy would try. The features' own
//! modules hold those that need the feature; docs/duties.md tells which test proves which duty.

mod bodies;
mod foreign;
mod id_token;
mod log;
mod markup;
mod panics;
mod parsers;
mod password_fields;
mod passwords;
mod probes;
mod properties;
mod randomness;
mod slow_forms;
mod smuggling;
mod times;
mod tls;
