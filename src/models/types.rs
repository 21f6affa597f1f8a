//! The words that columns may hold, as types.

/// An enum kept as text in both databases.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the database, in URLs and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value for a word, `None` for any other word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                Self::parse(&word).ok_or_else(|| serde::de::Error::custom(concat!("no ", stringify!($name))))
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = String::from_sql(raw)?;
                Self::parse(&word).ok_or_else(|| format!(concat!("no ", stringify!($name), ": {}"), word).into())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }
    };
}

text_enum! {
    /// The state of an account; MFA status is separate and never stored.
    Account { Active = "active", Disabled = "disabled", Invited = "invited", Unfinished = "unfinished" }
}
text_enum! {
    /// What somebody may do in an organization, least first.
    Role { Member = "member", Admin = "admin", Owner = "owner" }
}
text_enum! {
    /// The button pressed on Login Options.
    LoginOption { Phone = "phone", Email = "email" }
}
text_enum! {
    /// How far a sign-in has come; only `SignedIn` opens pages.
    Stage {
        /// The password was right, a factor is still to be shown.
        SecondStep = "second_step",
        /// The code from the e-mail was right, **Continue** is still to be pressed.
        EmailVerified = "email_verified",
        /// The organization to be entered demands a factor that is not there yet.
        SetUp = "set_up",
        /// A forgotten password: the code from the e-mail was right, a factor is still to be shown.
        PasswordReset = "password_reset",
        /// A forgotten password: all that is left is to choose a new one.
        NewPassword = "new_password",
        /// **Create** was pressed; the phone or the app is still to be proven.
        Registration = "registration",
        /// The terms of use are still to be accepted.
        Terms = "terms",
        /// Several organizations, none chosen yet.
        Organization = "organization",
        SignedIn = "signed_in",
        /// A factor is to be shown again, or another one: before an act that wants it fresh, or an
        /// organization that counts none of those shown.
        StepUp = "step_up",
    }
}
text_enum! {
    /// What proves who signs in.
    FactorKind {
        HardwareToken = "hardware_token",
        Authenticator = "authenticator",
        Phone = "phone",
        Email = "email",
        RecoveryCode = "recovery_code",
        /// What the provider of domain accounts proved; nothing that is enrolled here.
        Domain = "domain",
    }
}
text_enum! {
    /// Where a factor counts.
    Scope { User = "user", Organization = "organization" }
}
text_enum! {
    /// Whether a factor can be shown.
    FactorState {
        Pending = "pending",
        Active = "active",
        /// A hardware token after a reset: assigned, but to be activated again.
        Deactivated = "deactivated",
        /// An authenticator after 100 wrong codes in a row (NIST SP 800-63B-4 section 3.2.2).
        SwitchedOff = "switched_off",
    }
}
text_enum! {
    /// By which road a message or a proof travels.
    Channel { Email = "email", Sms = "sms", Call = "call" }
}
text_enum! {
    /// What became of a one-time code.
    CodeState { Live = "live", Used = "used", Replaced = "replaced", Dead = "dead" }
}
text_enum! {
    /// How far a forgotten password has come before it has a session.
    ResetState { Sent = "sent", Verified = "verified" }
}
text_enum! {
    /// Where a call stands. `Approved` is the # key, `Used` the session it opened.
    CallState {
        Queued = "queued",
        Ringing = "ringing",
        Answered = "answered",
        Approved = "approved",
        Used = "used",
        Ended = "ended",
        Failed = "failed",
    }
}
text_enum! {
    /// Where a message in the outbox stands.
    MessageState { Queued = "queued", Sent = "sent", Failed = "failed" }
}
text_enum! {
    /// What Remember Me skips, set by the managing organization.
    RememberMe { CredentialsAndMfa = "credentials_and_mfa", Off = "off" }
}
text_enum! {
    /// Whether the people of an organization sign in with domain accounts.
    DomainPolicy {
        Off = "off",
        Allowed = "allowed",
        /// Their passwords open nothing; set by the managing organization.
        Only = "only",
    }
}
text_enum! {
    /// How far a domain sign-in has come.
    DomainState {
        /// Away at the provider.
        Begun = "begun",
        /// An answer came; nothing else that comes is looked at.
        Claimed = "claimed",
        /// The account has to be shown to be one's own.
        Unproven = "unproven",
        /// It was; the link is kept once the sign-in is done.
        Proven = "proven",
        Done = "done",
    }
}
text_enum! {
    /// What a reset takes away; SPEC section 7.
    ResetScope {
        /// User-level, and organization-level of the organizations the actor reaches.
        All = "all",
        /// User-level only.
        User = "user",
        /// Organization-level of the actor's current organization only.
        Organization = "organization",
        /// All, and password, verified address and terms besides.
        Registration = "registration",
    }
}
text_enum! {
    /// What became of one person in a reset.
    ResetOutcome {
        /// Chosen, and not done yet.
        Waiting = "waiting",
        Reset = "reset",
        /// There was nothing to take away.
        Nothing = "nothing_to_reset",
        /// Not allowed; the details say why.
        Skipped = "skipped",
        /// A fault; it can be tried again.
        Failed = "failed",
    }
}
text_enum! {
    /// How far a reset of one's own MFA has come.
    SelfResetState {
        /// The link was mailed.
        Requested = "requested",
        /// The identity check was begun.
        Identity = "identity",
        /// A person compares the names.
        Review = "review",
        /// The reset link was mailed.
        Ready = "ready",
        Done = "done",
        Refused = "refused",
        Canceled = "canceled",
        Expired = "expired",
    }
}
text_enum! {
    /// Where a session with the identity provider stands.
    CheckState {
        /// Made here; nothing was handed in yet.
        Open = "open",
        /// Handed in, being looked at.
        Processing = "processing",
        /// Not good enough; it may be tried again.
        NeedsInput = "requires_input",
        Verified = "verified",
        /// No longer wanted; the provider is still to be told.
        Closing = "closing",
        Canceled = "canceled",
    }
}
text_enum! {
    /// How an act ended.
    AuditResult { Success = "success", Failure = "failure", Refused = "refused" }
}
text_enum! {
    /// What an API token may be used for.
    ApiScope {
        ReadUsers = "users:read",
        ResetMfa = "users:mfa-reset",
        EnforceMfa = "org:mfa",
        ReadAudit = "audit:read",
        ReadDeliveries = "delivery:read",
    }
}

text_enum! {
    /// What a job does to each person.
    JobKind { Reset = "reset", Import = "import" }
}
text_enum! {
    /// Where a job stands. `Planned` waits to be confirmed; `Stopped` is before its end, by somebody or
    /// because its actor lost the role.
    JobState { Planned = "planned", Queued = "queued", Running = "running", Done = "done", Stopped = "stopped" }
}
text_enum! {
    /// What became of one person in a job.
    ItemState { Waiting = "waiting", Succeeded = "succeeded", Skipped = "skipped", Failed = "failed" }
}

impl Stage {
    /// Whether this is the way to a new password, which never opens a page by itself.
    pub fn is_reset(self) -> bool {
        matches!(self, Self::PasswordReset | Self::NewPassword)
    }
}

impl SelfResetState {
    /// The states in which a request still goes on.
    pub const LIVE: [Self; 4] = [Self::Requested, Self::Identity, Self::Review, Self::Ready];

    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }
}
