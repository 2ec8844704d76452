//! Values that somebody owns.

use std::fmt;

use zeroize::Zeroize;

use crate::{Committed, Egress, Passage};

/// A value of personal data. It prints as `[redacted]`, is overwritten when dropped, and shows itself only to those who went
/// through the gate: within the process by a [`Passage`], to the one who asked by its [`Committed`] account, to others by an
/// [`Egress`].
#[derive(Clone)]
pub struct Sensitive<T: Zeroize>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Marks `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to work with it here.
    pub const fn read(&self, _by: &Passage) -> &T {
        &self.0
    }

    /// The value, to hand it to the recipient of `egress`.
    pub const fn send(&self, _to: &Egress<'_>) -> &T {
        &self.0
    }

    /// The value, for the one who asked for the operation: its account is on disk.
    #[must_use]
    pub fn release(mut self, _by: &Committed) -> T
    where
        T: Default,
    {
        std::mem::take(&mut self.0)
    }

    /// Another value made of this one, no less sensitive.
    pub fn map<U: Zeroize>(mut self, change: impl FnOnce(T) -> U) -> Sensitive<U>
    where
        T: Default,
    {
        Sensitive(change(std::mem::take(&mut self.0)))
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
