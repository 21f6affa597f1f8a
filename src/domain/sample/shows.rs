//! What each of the sample people is there to show, in a few words.

use super::email;
use super::people::{PEOPLE, PersonSpec};
use crate::models::Role;

/// For the table that demo mode prints and for the sandbox.
pub fn shows(username: &str) -> String {
    let words = match username {
        "sole.owner" => "the only Account Holder of an organization",
        "owner.one" => "Account Holder with authenticator, phone and e-mail",
        "owner.two" => "second Account Holder of the same organization",
        "admin" => "Administrator with authenticator, phone and e-mail",
        "member.none" => "nothing enrolled, nothing required",
        "phone.only" => "Send Code and Call Me, whatever the option",
        "email.only" => "code by e-mail, whatever the option",
        "app.only" => "authenticator app, whatever the option",
        "all.factors" => "every kind of factor, and recovery codes",
        "token" => "hardware token",
        "org.level" => "a factor of the organization's own",
        "two.orgs" => "two organizations, one of which requires MFA",
        "locked" => "authenticator switched off after 100 wrong codes",
        "disabled" => "account disabled by an administrator",
        "invited" => "invited, no password yet",
        "unfinished" => "registration not finished: terms not accepted",
        "grace" => "MFA required, days of grace left",
        "exempt" => "exempt from required MFA",
        "technician" => "Administrator of three customers",
        "operator" => "support staff of the installation",
        _ => "",
    };
    if !words.is_empty() {
        return words.to_owned();
    }
    match person(username).map(|spec| spec.role) {
        Some(Role::Owner) => "Account Holder".into(),
        Some(Role::Admin) => "Administrator".into(),
        _ => "Member".into(),
    }
}

/// The sign-in name of somebody among the sample people.
pub fn address(username: &str) -> Option<String> {
    email(person(username)?).ok()
}

fn person(username: &str) -> Option<&'static PersonSpec> {
    PEOPLE.iter().find(|spec| spec.username == username)
}
