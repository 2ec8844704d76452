//! Where nonces, salts and new keys come from.

/// Fills a buffer with unpredictable bytes. Any `FnMut(&mut [u8])` is one; production code passes [`system_random`].
///
/// A source that repeats itself breaks the encryption: tests may, nothing else.
pub trait Random: FnMut(&mut [u8]) {}

impl<F: FnMut(&mut [u8])> Random for F {}

/// The randomness of AWS-LC, which the operating system seeds.
///
/// # Panics
/// When the operating system has none to give: going on without it would mean guessable keys.
pub fn system_random(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
}
