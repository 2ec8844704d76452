//! One file per format.

mod calendar;
mod compound;
pub(crate) mod csv;
pub(crate) mod docx;
mod docx_story;
pub(crate) mod epub;
pub(crate) mod html;
pub(crate) mod json;
mod json_scan;
pub(crate) mod mail;
pub(crate) mod mbox;
pub(crate) mod msg;
mod msg_rtf;
mod msg_tags;
pub(crate) mod ole;
mod package;
pub(crate) mod pdf;
mod pdf_guard;
mod pdf_page;
pub(crate) mod picture;
mod picture_tags;
pub(crate) mod rtf;
mod rtf_story;
mod rtf_token;
mod summary;
pub(crate) mod text;
pub(crate) mod xml;
