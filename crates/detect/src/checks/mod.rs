//! Checksums and other validity rules of identifiers.
