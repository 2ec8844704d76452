//! Accounts: how people sign in, and how long somebody who guesses has to wait.

use crate::{AccountId, OrganisationId, SubjectId, named::named};

impl OrganisationId {
    /// The platform itself, which stands beside the organisations and whose data subjects are those who have accounts. No other
    /// organisation has this id: a UUIDv7 is never zero.
    pub const PLATFORM: Self = Self::from_bytes([0; 16]);
}

impl AccountId {
    /// Whoever has the account, as a data subject: of the platform, and of the organisations they belong to.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        SubjectId::from_bytes(*self.as_bytes())
    }

    /// The account of a data subject of the platform.
    #[must_use]
    pub const fn of(subject: SubjectId) -> Self {
        Self::from_bytes(*subject.as_bytes())
    }
}

named! {
    /// How somebody has signed in.
    SignInMethod {
        /// With a password.
        Password = "password",
        /// With a password, and a code from an app.
        PasswordAndCode = "password+code",
        /// With a password, and a recovery code in place of the app's.
        PasswordAndRecovery = "password+recovery",
        /// With a passkey (WebAuthn).
        Passkey = "passkey",
        /// By a link.
        Link = "link",
        /// With an account elsewhere (OpenID Connect).
        Provider = "provider",
    }
}

named! {
    /// What may be done by a link that is used once.
    LinkKind {
        /// The first owner makes their account.
        Owner = "owner",
        /// Somebody becomes a member of an organisation.
        Invitation = "invitation",
        /// Somebody signs in.
        SignIn = "sign-in",
        /// Somebody who has forgotten their password sets a new one.
        Password = "password",
    }
}

named! {
    /// What somebody is asked who has to answer from the outside, within a few minutes and once.
    ChallengeKind {
        /// To have a new passkey sign.
        PasskeyRegistration = "passkey-registration",
        /// To have a passkey of theirs sign.
        PasskeySignIn = "passkey-sign-in",
    }
}

/// Wrong passwords that are let pass before anybody has to wait.
const FREE: u32 = 5;
/// How long the first wait is, in seconds; each is twice as long as the one before,
const FIRST_SECONDS: i64 = 30;
/// up to this.
const LONGEST_SECONDS: i64 = 15 * 60;

/// For how many seconds no password of an account is taken after so many wrong ones in a row. There is an end to it, so that
/// nobody can lock somebody else out for good: whoever guesses gets a hundred tries a day.
#[must_use]
pub fn lock_out_seconds(failures: u32) -> Option<i64> {
    let waits = failures.checked_sub(FREE)?;
    let seconds = FIRST_SECONDS.checked_shl(waits.min(16)).unwrap_or(LONGEST_SECONDS);
    Some(seconds.min(LONGEST_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_guesses_waits_longer_each_time_and_never_for_good() {
        let waits: Vec<_> = (0..=11).map(lock_out_seconds).collect();
        let none = [None; 5];
        assert_eq!(waits[..5], none);
        assert_eq!(waits[5..], [Some(30), Some(60), Some(120), Some(240), Some(480), Some(900), Some(900)]);
        assert_eq!(lock_out_seconds(u32::MAX), Some(900));
    }

    #[test]
    fn an_account_and_its_data_subject_lead_to_each_other() {
        let account = AccountId::new(crate::Timestamp::from_micros(0), [3; 10]);
        assert_eq!(AccountId::of(account.subject()), account);
        assert_eq!(OrganisationId::PLATFORM.to_string(), "00000000-0000-0000-0000-000000000000");
    }
}
