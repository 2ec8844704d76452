//! What can be done to personal data.

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
    }
}

impl Action {
    /// Whether it reads or changes what is kept about a data subject.
    #[must_use]
    pub const fn touches_what_is_kept(self) -> bool {
        !matches!(self, Self::AuditRead)
    }

    /// Whether it may be done while the data subject has had the processing restricted: what is kept, or serves them, or is about
    /// the restriction itself (GDPR Art. 18(2)).
    #[must_use]
    pub const fn is_allowed_under_restriction(self) -> bool {
        matches!(self, Self::RecordRestrict | Self::RecordDelete | Self::AuditRead)
    }
}
