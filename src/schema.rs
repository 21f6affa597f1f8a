//! One schema for both databases; the migrations make the tables it describes.

mod factor;
mod organization;
mod person;
mod record;
mod registration;
mod reset;
mod self_reset;
mod session;

pub use factor::*;
pub use organization::*;
pub use person::*;
pub use record::*;
pub use registration::*;
pub use reset::*;
pub use self_reset::*;
pub use session::*;

diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(invitations -> organizations (organization_id));
diesel::joinable!(hardware_tokens -> factors (factor_id));
diesel::joinable!(memberships -> organizations (organization_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(directory_entries -> memberships (membership_id));
diesel::joinable!(registration_codes -> organizations (organization_id));
diesel::joinable!(self_resets -> users (user_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(audit_entries, memberships);
diesel::allow_tables_to_appear_in_same_query!(invitations, users);
diesel::allow_tables_to_appear_in_same_query!(invitations, organizations);
diesel::allow_tables_to_appear_in_same_query!(
    directory_entries,
    registration_codes,
    organizations,
    users,
    memberships,
    sessions,
    factors
);
diesel::allow_tables_to_appear_in_same_query!(hardware_tokens, factors);
diesel::allow_tables_to_appear_in_same_query!(remembered_browsers, users);
diesel::allow_tables_to_appear_in_same_query!(self_resets, users);
