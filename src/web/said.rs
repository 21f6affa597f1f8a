//! What can be said once on the next page.

use super::view::{Flash, Kind};

/// Words and sentences side by side. The cookie holds only the word, so that nobody can put sentences of
/// their own into a page.
macro_rules! said {
    ($($name:ident $word:literal $kind:ident $text:literal;)+) => {
        /// What was done, or why it was not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Said { $($name),+ }

        impl Said {
            /// As it stands in the cookie.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            fn flash(self) -> Flash {
                match self { $(Self::$name => Flash { kind: Kind::$kind, text: $text.into() }),+ }
            }

            /// The sentence for a word; `None` for any other word.
            pub fn read(word: &str) -> Option<Flash> {
                match word { $($word => Some(Self::$name.flash()),)+ _ => None }
            }
        }
    };
}

said! {
    SignInCanceled "canceled" Info "Your sign-in was canceled.";
    SignInEnded "ended" Warn "Your sign-in took too long or has ended. Start again.";
    TriesUsedUp "tries" Warn "That was the last try for this code. Sign in again to get a new one.";
    SessionsEnded "sessions-ended" Ok "The session was ended.";
    BrowserForgotten "forgotten" Ok "This browser no longer remembers anybody.";
    PasswordFirst "password-first" Info "To set up a second step, sign in with your password first.";
    FactorSaved "factor-saved" Ok "Your authenticator was saved.";
    PasswordChanged "password-changed" Ok "Your password was changed. Everything else that was open has ended.";
    ResetCanceled "reset-canceled" Info "Nothing was changed. Your old password still works.";
    ResetEnded "reset-ended" Warn "Choosing a new password took too long or has ended. Start again.";
    ResetTriesUsedUp "reset-tries" Warn "That was the last try for this code. Start again to get a new one.";
    FactorsReset "factors-reset" Ok "Your factors were removed. Sign in with your password and set up a new one.";
    SelfResetStopped "self-reset-stopped" Ok "The reset was stopped. Your factors are unchanged.";
    ProviderSilent "provider-silent" Warn
        "Our identity partner does not answer right now. Nothing is lost; try again in a minute.";
    DomainSilent "domain-silent" Warn
        "Your domain's sign-in does not answer right now. Try again in a minute.";
    DomainEnded "domain-ended" Warn
        "This sign-in with your domain account has ended, or was begun in another window. Start again.";
    ByDomainOnly "domain-only" Info
        "That is all. Your organization signs in with domain accounts: choose LOGIN and use yours.";
    DomainRemoved "domain-removed" Ok
        "Your domain account was removed. Your other sessions and remembered browsers have ended.";
    UserDomainRemoved "user-domain-removed" Ok "The domain account was removed, and the person was told.";
    DomainConfirmed "domain-confirmed" Ok "Confirmed with your domain account.";
    ReviewDecided "review-decided" Ok "Your decision was kept, and the person is told by email.";
    AppearanceSaved "appearance-saved" Ok "Pages look in this browser as you chose.";
    TimeZoneSaved "time-zone-saved" Ok "Times are shown in the zone you chose.";
    FactorRenamed "factor-renamed" Ok "The new name was saved.";
    FactorRemoved "factor-removed" Ok "It was removed. Your other sessions and remembered browsers have ended.";
    PhoneAdded "phone-added" Ok "Your phone was added. Your other sessions have ended.";
    EmailCodeOn "email-code-on" Ok "E-mail address verified. Codes by e-mail can sign you in now.";
    EmailChanged "email-changed" Ok "Your e-mail address was changed. Everything else that was open has ended.";
    TokenActivated "token-activated" Ok "Your hardware token is active. Your other sessions have ended.";
    CodesShown "codes-shown" Info
        "Your new recovery codes were made and shown already. They are shown once: make new ones if you did not keep them.";
    AuthenticatorThere "authenticator-there" Info
        "The authenticator is set up already. Recovery codes are shown once: make new ones if you did not keep them.";
    CodesKept "codes-kept" Ok "Keep your recovery codes away from your phone.";
    ResetHeldUp "reset-held-up" Warn "Your password was not changed: nothing that you could show is usable right now. Try again later, or ask your administrator.";
    OthersEnded "others-ended" Ok "Your other sessions have ended, and other browsers have forgotten you.";
    NobodySelected "nobody-selected" Warn "Choose at least one user first.";
    UserUnlocked "user-unlocked" Ok "The account is unlocked. The user has been told.";
    UserDisabled "user-disabled" Ok "Disabled. The user is signed out and has been told.";
    UserDisabledHere "user-disabled-here" Ok "Disabled in this organization. The user is signed out of it and has been told.";
    UserEnabled "user-enabled" Ok "Enabled. The user has been told.";
    RoleChanged "role-changed" Ok "The role is changed. The user has been told.";
    UserSignedOut "user-signed-out" Ok "The user is signed out and has been told.";
    UserSignedOutHere "user-signed-out-here" Ok "The user’s sessions in this organization have ended, and the user has been told.";
    NothingChanged "nothing-changed" Info "Nothing was changed: it was so already.";
    TokensImported "tokens-imported" Ok "The tokens were imported.";
    TokenAssigned "token-assigned" Ok "The token was assigned. It opens nothing until it is activated.";
    TokenDeactivated "token-deactivated" Ok "The token was deactivated. Its owner's sessions have ended.";
    Invited "invited" Ok "The invitation was sent.";
    InvitationWithdrawn "invitation-withdrawn" Ok "The invitation was withdrawn. Its link opens nothing any more.";
    InvitationAccepted "invitation-accepted" Ok "You have joined. Choose the organization under Switch organization.";
    InvitationDeclined "invitation-declined" Info "You have declined. Nothing was changed.";
    ProfileSaved "profile-saved" Ok "The profile was saved.";
    EmailProposed "email-proposed" Ok "A link was sent to the new address. It counts once its owner confirms it.";
    EmailConfirmed "email-confirmed" Ok "The address was confirmed. Sign in with it from now on.";
    UserRemoved "user-removed" Ok "The user no longer belongs to this organization.";
    HandedOver "handed-over" Ok "The account was handed over.";
    JobStopped "job-stopped" Info "The job was stopped. What is done stays done.";
    JobRetried "job-retried" Ok "What failed is tried again.";
    SelectionEmpty "selection-empty" Info "There is nobody under this filter.";
    SelectionTooLarge "selection-large" Warn "There are too many people under this filter for one job. Narrow it down.";
    TooManyJobs "too-many-jobs" Warn "Several jobs of yours are not done yet. Wait for one of them.";
    TokenLost "token-lost" Ok "The token was marked as lost. Its codes open nothing any more.";
    TokenAvailable "token-available" Ok "The token is available again.";
    RegistrationCodeMade "code-made" Ok "The new code works from now on.";
    RegistrationCodeEnded "code-ended" Ok "The code was changed.";
    OrganizationSaved "organization-saved" Ok "The organization was saved.";
    OrganizationDisabled "organization-disabled" Ok "The organization was disabled. Nobody is signed in to it any more.";
    ApplicationsSaved "applications-saved" Ok "The links were saved.";
    OrganizationEnabled "organization-enabled" Ok "The organization was enabled. Its people can sign in again.";
    TokenIsActive "token-is-active" Ok "The token was activated. Its codes can be used to sign in.";
    SettingsSaved "settings-saved" Ok "The settings were saved. They count from everybody's next request, and the owners were told.";
    SettingsSame "settings-same" Info "Everything is set like that already.";
    AddressAdded "address-added" Ok "The address was added to the IP Safelist.";
    AddressRemoved "address-removed" Ok "The address was removed from the IP Safelist.";
    ExemptionSet "exemption-set" Ok "The exemption was saved.";
    ExemptionEnded "exemption-ended" Ok "The exemption was ended.";
    TokenRevoked "token-revoked" Ok "The token was revoked. It is refused from now on.";
    NotRemembered "not-remembered" Info "Remember Me did nothing: your organization has switched it off. You will sign in with everything each time.";
}
