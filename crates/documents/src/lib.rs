//! Reads the text out of documents.
