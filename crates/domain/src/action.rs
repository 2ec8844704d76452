//! What can be done: to personal data, and to what decides about it.

use crate::named::named;

named! {
    /// What an operation does. Policies, the ledger and the register name actions by their text.
    Action {
        /// Keep a new record.
        RecordCreate = "record.create",
        /// Give a record out.
        RecordRead = "record.read",
        /// List the records of a data subject.
        RecordList = "record.list",
        /// Correct a record (GDPR Art. 16).
        RecordRectify = "record.rectify",
        /// Restrict the processing of a record, or end that (Art. 18).
        RecordRestrict = "record.restrict",
        /// Delete a record.
        RecordDelete = "record.delete",
        /// Add a file to a record.
        AttachmentAdd = "attachment.add",
        /// Give a file of a record out.
        AttachmentRead = "attachment.read",
        /// Give entries of the ledger out.
        AuditRead = "audit.read",
        /// Give an answer again that was given before.
        AnswerRepeat = "answer.repeat",
        /// Try to sign in.
        AccountSignIn = "account.sign-in",
        /// Give out what an account says of its owner.
        AccountRead = "account.read",
        /// Make an account, or change it or the ways to sign in to it.
        AccountChange = "account.change",
        /// Look for personal data in a text that is not kept.
        TextDetect = "text.detect",
        /// Redact a text that is not kept.
        TextRedact = "text.redact",
        /// Put back what was redacted in a text, with the vault that came of it.
        TextRestore = "text.restore",
        /// See how often what was done, without whom it was about.
        CountRead = "count.read",
        /// See which purposes there are.
        PurposeList = "purpose.list",
        /// Set a purpose: its lawful basis, its class, whether it is on.
        PurposeSet = "purpose.set",
        /// Get the log as files: its checkpoint, its tiles. No body of an entry is opened.
        LedgerRead = "ledger.read",
        /// Get the public keys of the log.
        LedgerKeys = "ledger.keys",
        /// Get the receipt of an operation, whose body stays sealed.
        LedgerReceipt = "ledger.receipt",
        /// See which policies count.
        PolicyRead = "policy.read",
        /// Set the organisation's own policies.
        PolicySet = "policy.set",
        /// Make a token.
        TokenCreate = "token.create",
        /// See which tokens there are.
        TokenList = "token.list",
        /// Revoke a token.
        TokenRevoke = "token.revoke",
        /// List the members of an organisation.
        MemberList = "member.list",
        /// Invite somebody to become a member.
        MemberInvite = "member.invite",
        /// Become a member.
        MemberJoin = "member.join",
        /// Give a member another role.
        MemberChange = "member.change",
        /// End somebody's membership.
        MemberRemove = "member.remove",
        /// See what is set for the organisation as a whole.
        OrganisationRead = "organisation.read",
        /// See which programs are connected to the organisation.
        ConnectionList = "connection.list",
        /// End the connection of a program.
        ConnectionRevoke = "connection.revoke",
    }
}

impl Action {
    /// Whether it reads or changes personal data, of data subjects or of members, so that it takes a passage. All else is asked of
    /// the policies alone.
    #[must_use]
    pub const fn touches_personal_data(self) -> bool {
        self.touches_what_is_kept()
            || matches!(
                self,
                Self::AuditRead
                    | Self::AnswerRepeat
                    | Self::AccountSignIn
                    | Self::AccountRead
                    | Self::AccountChange
                    | Self::TextDetect
                    | Self::TextRedact
                    | Self::TextRestore
                    | Self::MemberList
                    | Self::MemberInvite
                    | Self::MemberJoin
                    | Self::MemberChange
                    | Self::MemberRemove
            )
    }

    /// Whether it reads or changes what is kept about a data subject.
    #[must_use]
    pub const fn touches_what_is_kept(self) -> bool {
        matches!(
            self,
            Self::RecordCreate
                | Self::RecordRead
                | Self::RecordList
                | Self::RecordRectify
                | Self::RecordRestrict
                | Self::RecordDelete
                | Self::AttachmentAdd
                | Self::AttachmentRead
        )
    }

    /// Whether it may be done while the data subject has had the processing restricted: what is kept, or serves them, or is about
    /// the restriction itself (GDPR Art. 18(2)).
    #[must_use]
    pub const fn is_allowed_under_restriction(self) -> bool {
        matches!(self, Self::RecordRestrict | Self::RecordDelete | Self::AuditRead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_after_people_or_what_is_kept_about_them_takes_a_passage() {
        for action in Action::ALL {
            let (what, _) = action.as_str().split_once('.').unwrap();
            assert_eq!(action.touches_what_is_kept(), ["record", "attachment"].contains(&what), "{action}");
            let personal =
                ["record", "attachment", "audit", "answer", "account", "text", "member"].contains(&what);
            assert_eq!(action.touches_personal_data(), personal, "{action}");
            assert_eq!(Action::parse(action.as_str()), Some(*action));
        }
    }
}
