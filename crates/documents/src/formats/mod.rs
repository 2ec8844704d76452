//! One file per format.

pub(crate) mod archive;
pub(crate) mod compressed;
pub(crate) mod csv;
pub(crate) mod docx;
mod docx_story;
pub(crate) mod html;
pub(crate) mod json;
mod json_scan;
pub(crate) mod mail;
pub(crate) mod mbox;
mod package;
pub(crate) mod pdf;
mod pdf_guard;
mod pdf_page;
pub(crate) mod text;
pub(crate) mod xml;
