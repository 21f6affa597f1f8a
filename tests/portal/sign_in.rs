//! Signing in up to the second step: what is asked, what is said, what Cancel leaves behind.

mod answers;
mod half_made;
mod organizations;
mod which_factor;
