//! Work across organisations.

/// Why somebody works across organisations. There is no other way to do so; the name says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemScope {
    /// Finding out whose token it is, before the organisation is known.
    SignIn,
    /// Making an organisation.
    Found,
    /// The integrator: which organisations have entries that wait for a place in their log.
    Integrate,
    /// Checks of the whole deployment.
    Doctor,
    /// Wrapping every organisation's key by another root key.
    ChangeRoot,
}
