//! Values that somebody owns.

use std::{error::Error, fmt};

use tacita_domain::OperationId;
use zeroize::Zeroize;

use crate::{Committed, Egress, Passage};

/// A value of personal data. It prints as `[redacted]`, is overwritten when dropped, and shows itself only to those who went
/// through the gate: within the process by a [`Passage`], to the one who asked by its [`Committed`] account, to others by an
/// [`Egress`].
#[derive(Clone)]
pub struct Sensitive<T: Zeroize> {
    value: T,
    /// By which operation it was opened; none where it came with a request.
    opened_by: Option<OperationId>,
}

/// A value was opened by another operation than the one that is accounted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unaccounted;

impl fmt::Display for Unaccounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an internal error: a value is not given out, since the account is of another operation")
    }
}

impl Error for Unaccounted {}

impl<T: Zeroize> Sensitive<T> {
    /// Marks `value`, which comes with a request.
    pub const fn new(value: T) -> Self {
        Self { value, opened_by: None }
    }

    /// Marks `value`, which was opened by `by`: it is given out by the account of that operation alone.
    pub fn opened(value: T, by: &Passage) -> Self {
        Self { value, opened_by: Some(by.operation().id) }
    }

    /// The value, to work with it here.
    pub const fn read(&self, _by: &Passage) -> &T {
        &self.value
    }

    /// The value, to hand it to the recipient of an egress.
    ///
    /// # Errors
    /// When another operation has opened it than the one that the egress belongs to.
    pub fn send(&self, to: &Egress<'_>) -> Result<&T, Unaccounted> {
        match self.opened_by {
            Some(operation) if operation != to.passage().operation().id => Err(Unaccounted),
            _ => Ok(&self.value),
        }
    }

    /// The value, for the one who asked for the operation: its account is on disk.
    ///
    /// # Errors
    /// When another operation has opened it.
    pub fn release(mut self, by: &Committed) -> Result<T, Unaccounted>
    where
        T: Default,
    {
        match self.opened_by {
            Some(operation) if operation != by.operation() => Err(Unaccounted),
            _ => Ok(std::mem::take(&mut self.value)),
        }
    }

    /// Another value made of this one, no less sensitive.
    pub fn map<U: Zeroize>(mut self, change: impl FnOnce(T) -> U) -> Sensitive<U>
    where
        T: Default,
    {
        Sensitive { value: change(std::mem::take(&mut self.value)), opened_by: self.opened_by }
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
