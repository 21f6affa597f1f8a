/// The embedded style sheets, scripts, fonts and pictures under `/static`.
pub mod assets;
/// What the frame around every page needs, and words about it.
pub mod view;
