//! What rules may come to.

/// Bytes of a rules file.
pub(super) const FILE: usize = 1 << 20;
/// Words of all lists together.
pub(super) const WORDS: usize = 100_000;
/// Bytes of a word.
pub(super) const WORD: usize = 128;
/// Patterns of all rules together.
pub(super) const PATTERNS: usize = 500;
/// Memory of a compiled pattern, in bytes.
pub(super) const REGEX: usize = 2 << 20;
/// Bytes of a type's name.
pub(super) const NAME: usize = 64;
/// Bytes of the longest value that a pattern finds: the margin before a block, so that the search is back in step where
/// the block begins.
pub(super) const VALUE: usize = crate::engine::BEFORE;
