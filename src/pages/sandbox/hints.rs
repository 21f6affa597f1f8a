//! What to try with the sample people and organizations, in one line each.

use crate::domain::sandbox::OrganizationView;
use crate::models::RememberMe;

/// Empty for people who stand for nothing in particular.
pub fn of_person(username: &str) -> &'static str {
    match username {
        "sole.owner" => "The only one who administers the practice",
        "owner.one" => "Account Holder with phone, e-mail and app",
        "owner.two" => "The second Account Holder of the same organization",
        "admin" => "Administers Harbor Valley Health",
        "member.none" => "Signs in with the password alone",
        "phone.only" => "A code by text message, or a call to answer with #",
        "email.only" => "A code by e-mail",
        "app.only" => "A code from an authenticator app",
        "all.factors" => "Phone, e-mail, app and recovery codes: Try another way",
        "token" => "A code from a hardware token",
        "org.level" => "A factor that counts for one organization alone",
        "two.orgs" => "Chooses an organization; one of the two requires MFA",
        "locked" => "An authenticator switched off after 100 wrong codes",
        "disabled" => "A disabled account answers like a wrong password",
        "invited" => "Invited, and has not chosen a password yet",
        "unfinished" => "Stopped in the middle of registering",
        "grace" => "MFA is required, set-up may still wait",
        "exempt" => "MFA is required, but not of this person",
        "technician" => "A partner's technician: administers three customers",
        "operator" => "Support staff of the installation",
        _ => "",
    }
}

/// From the settings as they are now.
pub fn of_organization(organization: &OrganizationView) -> String {
    let mut hints = Vec::new();
    hints.push(match (organization.enforce_mfa, &organization.grace_until) {
        (true, Some(until)) => {
            format!("MFA required, grace until {}", until.split('T').next().unwrap_or_default())
        }
        (true, None) => "MFA required".into(),
        (false, _) => "MFA not required".into(),
    });
    if organization.org_level_mfa {
        hints.push("factors of its own".into());
    }
    if organization.remember_me == RememberMe::Off {
        hints.push("Remember Me off".into());
    }
    if !organization.ip_safelist.is_empty() {
        hints.push("IP Safelist".into());
    }
    if organization.npi.is_none() {
        hints.push("no NPI: type the code into both fields".into());
    }
    hints.join(", ")
}
