//! Whether words on scanned pages are recognised, and in which languages.

use clap::Args;
use tacita_documents::{Tesseract, isolation::Readers};

use crate::failure::Failure;

/// How pages are read that are only pictures.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Scanned pages")]
pub(crate) struct OcrArgs {
    /// Languages of scanned pages as Tesseract names them (`eng+deu`), or `off`; without it, all that it has
    #[arg(long, value_name = "LANGUAGES")]
    ocr: Option<String>,
}

const OFF: &str = "off";

impl OcrArgs {
    /// The readers, asking Tesseract where it is installed.
    pub(crate) fn readers(&self, readers: Readers) -> Result<Readers, Failure> {
        let Some(asked) = self.ocr.as_deref() else {
            return Ok(readers.with_tesseract(Tesseract::default()));
        };
        if asked == OFF {
            return Ok(readers);
        }
        let installed = Tesseract::installed().ok_or(Failure::NoTesseract)?;
        let languages: Vec<&str> = asked.split('+').collect();
        match languages.iter().find(|language| !installed.iter().any(|own| own == *language)) {
            Some(missing) => Err(Failure::NoOcrLanguage { asked: (*missing).to_owned(), installed }),
            None => Ok(readers.with_tesseract(Tesseract::new(&languages))),
        }
    }
}
