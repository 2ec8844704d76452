//! Every document that is cut off after any 64 bytes is read as far as it goes, or refused with a reason.

use std::{fs, path::Path};

use tacita_documents::{Limits, Replacement, read, rewrite};

const STEP: usize = 64;
/// Longer files are cut at as many places, further from each other.
const CUTS: usize = 400;

#[test]
fn a_cut_costs_what_is_behind_it() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let limits = Limits::default();
    let mut cuts = 0;
    for folder in [own.join("tests/files"), own.join("../../samples")] {
        for file in fs::read_dir(folder).expect("it lies there") {
            let path = file.expect("it can be listed").path();
            let name = path.to_string_lossy();
            if name.ends_with(".py") {
                continue;
            }
            let bytes = fs::read(&path).expect("it can be read");
            let step = STEP.max(bytes.len() / CUTS);
            for end in (0..bytes.len()).step_by(step) {
                let cut = &bytes[..end];
                // A panic inside would be caught and said.
                match read(&name, cut, &limits) {
                    Ok(document) => {
                        let text = document.text();
                        let notes: String = document.notes().iter().map(ToString::to_string).collect();
                        assert!(!notes.contains("its reader failed"), "{name} at {end}: {notes}");
                        for part in document.clip(0..text.len()) {
                            let _ = document.locate(part).to_string();
                        }
                        // What is read can be written, or it is said why not.
                        let nothing = Replacement::of(text, 0..0, "").expect("it is of the text");
                        let _ = rewrite(&name, cut, &[nothing], &limits);
                    }
                    Err(error) => {
                        assert!(!error.to_string().contains("its reader failed"), "{name} at {end}: {error}");
                    }
                }
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1000);
}
