use time::macros::datetime;

use super::*;
use crate::models::{DomainPolicy, RememberMe, Role};

const NOW: Timestamp = datetime!(2026-11-21 12:00);
const LATER: Timestamp = datetime!(2026-12-01 05:00);
const EARLIER: Timestamp = datetime!(2026-11-01 00:00);

/// One line of the table: what is the case, and what follows.
struct Case {
    what: &'static str,
    organization: Organization,
    membership: Membership,
    factors: Vec<Factor>,
    pauses: Vec<SecondStepPause>,
    sso: bool,
}

impl Case {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            organization: organization(),
            membership: membership(),
            factors: vec![],
            pauses: vec![],
            sso: false,
        }
    }

    fn enforcing(mut self) -> Self {
        self.organization.enforce_mfa = true;
        self
    }

    fn org_level(mut self) -> Self {
        self.organization.org_level_mfa = true;
        self
    }

    fn allowing(mut self, methods: &str) -> Self {
        self.organization.allowed_methods = methods.into();
        self
    }

    fn grace(mut self, until: Timestamp) -> Self {
        self.organization.grace_until = Some(until);
        self
    }

    fn exempt(mut self, until: Timestamp) -> Self {
        self.membership.exempt_until = Some(until);
        self
    }

    fn has(mut self, kind: FactorKind, state: FactorState) -> Self {
        self.factors.push(factor(kind, state, None));
        self
    }

    fn has_own(mut self, kind: FactorKind, state: FactorState, organization_id: &str) -> Self {
        self.factors.push(factor(kind, state, Some(organization_id)));
        self
    }

    fn paused(mut self, until: Timestamp) -> Self {
        self.pauses.push(SecondStepPause {
            user_id: "u".into(),
            kind: FactorKind::Phone,
            failed_in_row: 10,
            paused_until: Some(until),
            updated_at: EARLIER,
        });
        self
    }

    fn sso(mut self) -> Self {
        self.sso = true;
        self
    }
}

#[test]
fn the_first_status_that_fits_is_the_one() {
    use FactorKind::{Authenticator, Email, HardwareToken, Phone, RecoveryCode};
    use FactorState::{Active, Deactivated, Pending, SwitchedOff};
    use MfaStatus::{Enrolled, Exempt, InGrace, Locked, SetupPending, Sso};
    // The last column: whether a sign-in must lead to set-up.
    let table = [
        (Case::new("nothing demanded, nothing there"), MfaStatus::None, false),
        (Case::new("nothing demanded, exempt all the same").exempt(LATER), MfaStatus::None, false),
        (Case::new("nothing demanded, grace left over").grace(LATER), MfaStatus::None, false),
        (Case::new("enrolled of one's own accord").has(Phone, Active), Enrolled, false),
        (Case::new("demanded").enforcing(), SetupPending, true),
        (Case::new("demanded and there").enforcing().has(Email, Active), Enrolled, false),
        (Case::new("only started").enforcing().has(Phone, Pending), SetupPending, true),
        (Case::new("token after a reset").enforcing().has(HardwareToken, Deactivated), SetupPending, true),
        (Case::new("recovery codes alone").enforcing().has(RecoveryCode, Active), SetupPending, true),
        (Case::new("kind not allowed").enforcing().allowing("phone").has(Email, Active), SetupPending, true),
        (Case::new("in grace").enforcing().grace(LATER), InGrace(LATER), false),
        (Case::new("grace over").enforcing().grace(NOW), SetupPending, true),
        (Case::new("exempt").enforcing().exempt(LATER), Exempt, false),
        (Case::new("exempt before grace").enforcing().exempt(LATER).grace(LATER), Exempt, false),
        (Case::new("exemption over, in grace").enforcing().exempt(EARLIER).grace(LATER), InGrace(LATER), false),
        (Case::new("exemption over").enforcing().exempt(NOW), SetupPending, true),
        (Case::new("enrolled before exempt").enforcing().exempt(LATER).has(Phone, Active), Enrolled, false),
        (Case::new("own factor wanted").enforcing().org_level().has(Phone, Active), SetupPending, true),
        (Case::new("own factor wanted, not enforced").org_level().has(Phone, Active), SetupPending, true),
        (Case::new("own factor there").enforcing().org_level().has_own(Phone, Active, "o"), Enrolled, false),
        (Case::new("another's factor").enforcing().org_level().has_own(Phone, Active, "x"), SetupPending, true),
        (Case::new("own e-mail").enforcing().org_level().has_own(Email, Active, "o"), SetupPending, true),
        (Case::new("own factor, not asked for").enforcing().has_own(Phone, Active, "o"), Enrolled, false),
        (Case::new("another's, none wanted").enforcing().has_own(Phone, Active, "x"), SetupPending, true),
        (Case::new("paused").has(Phone, Active).paused(LATER), Locked, false),
        (Case::new("pause over").has(Phone, Active).paused(NOW), Enrolled, false),
        (Case::new("switched off, not demanded").has(Authenticator, SwitchedOff), Locked, false),
        (Case::new("switched off").enforcing().has(Authenticator, SwitchedOff), Locked, true),
        (Case::new("another way").enforcing().has(Authenticator, SwitchedOff).has(Phone, Active), Locked, false),
        (Case::new("switched off elsewhere").has_own(Authenticator, SwitchedOff, "x"), MfaStatus::None, false),
        (Case::new("SSO before enrolled").has(Phone, Active).sso(), Sso, false),
        (Case::new("locked before SSO").paused(LATER).sso(), Locked, false),
    ];
    for (case, expected, must_set_up) in table {
        let Case { what, organization, membership, factors, pauses, sso } = &case;
        assert_eq!(status(organization, membership, factors, pauses, (*sso, false), NOW), expected, "{what}");
        assert_eq!(setup_required(organization, membership, factors, NOW), must_set_up, "{what}: set-up");
    }
}

#[test]
fn every_status_has_its_word_and_its_label() {
    let table = [
        (MfaStatus::Locked, "locked", "Locked"),
        (MfaStatus::Sso, "SSO", "Single sign-on"),
        (MfaStatus::Enrolled, "enrolled", "MFA on"),
        (MfaStatus::Exempt, "exempt", "Exempt"),
        // 05:00 in UTC is still the evening before in Chicago.
        (MfaStatus::InGrace(LATER), "in grace until 2026-12-01", "Grace until Nov 30"),
        (MfaStatus::SetupPending, "set-up pending", "Set-up pending"),
        (MfaStatus::None, "none", "Not set up"),
    ];
    for (status, word, label) in table {
        assert_eq!(status.word(), word);
        assert_eq!(status.label("America/Chicago"), label);
    }
    assert_eq!(MfaStatus::InGrace(LATER).label("no such zone"), "Grace until Dec 1");
}

fn organization() -> Organization {
    Organization {
        id: "o".into(),
        name: "Harbor Valley Health".into(),
        name_lower: "harbor valley health".into(),
        npi: None,
        managing_partner_id: None,
        enforce_mfa: false,
        grace_until: None,
        org_level_mfa: false,
        allowed_methods: "authenticator,phone,email,hardware_token".into(),
        remember_me: RememberMe::CredentialsAndMfa,
        email_code_seconds: 30,
        idle_minutes: 30,
        absolute_minutes: 720,
        time_zone: "America/Chicago".into(),
        fax_required: true,
        disabled_at: None,
        created_at: EARLIER,
        updated_at: EARLIER,
        remembered_since: None,
        domain_sign_in: DomainPolicy::Off,
    }
}

fn membership() -> Membership {
    Membership {
        id: "m".into(),
        user_id: "u".into(),
        organization_id: "o".into(),
        role: Role::Member,
        mfa_epoch: 0,
        exempt_until: None,
        exempt_reason: None,
        disabled_at: None,
        created_at: EARLIER,
    }
}

fn factor(kind: FactorKind, state: FactorState, organization_id: Option<&str>) -> Factor {
    Factor {
        id: "f".into(),
        user_id: "u".into(),
        kind,
        scope: if organization_id.is_some() { Scope::Organization } else { Scope::User },
        organization_id: organization_id.map(str::to_owned),
        name: "Factor".into(),
        state,
        phone: None,
        email: None,
        secret: None,
        secret_key_id: None,
        algorithm: "SHA1".into(),
        digits: 6,
        period: 30,
        last_step: 0,
        serial: None,
        failed_in_row: 0,
        created_at: EARLIER,
        confirmed_at: Some(EARLIER),
        last_used_at: None,
        pending_session_id: None,
        pending_until: None,
    }
}
