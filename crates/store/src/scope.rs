//! Work across organisations.

/// Why somebody works across organisations. There is no other way to do so; the name says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemScope {
    /// Finding out whose token it is, before the organisation is known.
    SignIn,
    /// Making an organisation.
    Found,
    /// Workers: jobs are claimed in the order they are due, whosever they are.
    Jobs,
    /// The integrator: which organisations have entries that wait for a place in their log.
    Integrate,
    /// Checks of the whole deployment.
    Doctor,
}

impl SystemScope {
    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Found => "found",
            Self::Jobs => "jobs",
            Self::Integrate => "integrate",
            Self::Doctor => "doctor",
        }
    }
}
