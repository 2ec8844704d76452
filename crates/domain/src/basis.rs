//! Why data may be processed, and how much of it may be kept.

use crate::named::named;

named! {
    /// The lawful bases of GDPR Art. 6(1).
    LawfulBasis {
        /// (a) The data subject has consented.
        Consent = "consent",
        /// (b) A contract with the data subject, or steps before one.
        Contract = "contract",
        /// (c) A legal obligation of the controller.
        LegalObligation = "legal-obligation",
        /// (d) Vital interests of somebody.
        VitalInterests = "vital-interests",
        /// (e) A task in the public interest.
        PublicTask = "public-task",
        /// (f) Legitimate interests, weighed against those of the data subject.
        LegitimateInterests = "legitimate-interests",
    }
}

named! {
    /// How much of what is processed may leave a trace.
    DataClass {
        /// 1: for one session only. Counts stay, nothing else.
        Session = "session",
        /// 2: in aggregates.
        Aggregate = "aggregate",
        /// 3: to run the service.
        Operational = "operational",
        /// Personal data that is kept.
        Personal = "personal",
    }
}

impl DataClass {
    /// Whether an operation of this class leaves an account of its own, and not only a count or a share in one.
    #[must_use]
    pub const fn keeps_accounts(self) -> bool {
        matches!(self, Self::Operational | Self::Personal)
    }
}
