//! Models put into a library, and those that must not be.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use tacita_language::{
    Classifier,
    library::{Library, LibraryError},
};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

fn model(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(family)
}

/// A library in a folder of its own.
fn library() -> (TempDir, Library) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = Library::new(folder.path().join("models"));
    (folder, library)
}

/// The files of the BERT model, by their names below `root`.
fn files(root: &str) -> Vec<(String, Vec<u8>)> {
    ["config.json", "tokenizer.json", "model.onnx"]
        .map(|name| (format!("{root}{name}"), fs::read(model("bert").join(name)).expect("it is checked in")))
        .into()
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).expect("it goes to memory");
        zip.write_all(content).expect("it goes to memory");
    }
    zip.finish().expect("it goes to memory").into_inner()
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        // Names that the library itself refuses to write.
        header.as_gnu_mut().expect("it goes to memory").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, &content[..]).expect("it goes to memory");
    }
    tar.into_inner().expect("it goes to memory")
}

fn gz(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("it goes to memory");
    encoder.finish().expect("it goes to memory")
}

/// The names in the library's folder, hidden ones too.
fn left(library: &Path) -> Vec<String> {
    let entries = fs::read_dir(library.join("models")).map(Iterator::collect).unwrap_or_else(|_| Vec::new());
    let mut names: Vec<_> = entries
        .into_iter()
        .map(|entry| entry.expect("it is there").file_name().into_string().expect("it is ASCII"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_folder_is_installed_listed_and_removed() {
    let (folder, library) = library();
    assert!(library.list().unwrap().is_empty());
    let installed = library.install(&model("bert"), None, None, false).unwrap();
    assert_eq!((installed.name.as_str(), installed.record.compared), ("bert", false));
    library.install(&model("modernbert"), Some("names"), None, false).unwrap();
    let names: Vec<_> = library.list().unwrap().into_iter().map(|model| model.name).collect();
    assert_eq!(names, ["bert", "names"]);
    assert!(library.get("names").unwrap().open().is_ok());
    library.remove("bert").unwrap();
    assert!(matches!(library.get("bert"), Err(LibraryError::Unknown(_))));
    assert!(matches!(library.remove("bert"), Err(LibraryError::Unknown(_))));
    assert_eq!(left(folder.path()), ["names"]);
}

#[test]
fn an_archive_is_installed_whatever_its_kind_and_its_top_folder() {
    let (folder, library) = library();
    let archives = [
        ("a.zip", zip(&files(""))),
        ("b.tar.gz", gz(&tar(&files("names-1.0/")))),
        ("c.tgz", gz(&tar(&files("./")))),
        ("d.tar", tar(&files("names/"))),
    ];
    for (name, content) in archives {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let installed = library.install(&path, None, None, false).unwrap();
        assert_eq!(installed.name, name[..1]);
        installed.open().unwrap();
    }
    let digests = library.list().unwrap().into_iter().map(|model| model.record.digest.to_string());
    let mut digests: Vec<_> = digests.collect();
    digests.dedup();
    assert_eq!(digests.len(), 1, "the same files have the same digest");
}

#[test]
fn the_digest_is_compared() {
    let (folder, library) = library();
    let path = folder.path().join("names.zip");
    fs::write(&path, zip(&files(""))).unwrap();
    let LibraryError::Differs { found, .. } =
        library.install(&path, None, Some("0".repeat(64).parse().unwrap()), false).unwrap_err()
    else {
        panic!("another digest was expected");
    };
    assert_eq!(left(folder.path()), [""; 0], "nothing stays of what was refused");
    assert!(library.install(&path, None, Some(found), false).unwrap().record.compared);
    // Of a folder it is that of what `sha256sum` prints for its files.
    let digest = library.get("names").unwrap().record.digest;
    assert_ne!(digest, found);
    assert!(library.install(&model("bert"), None, Some(digest), false).is_ok());
}

#[test]
fn a_model_whose_files_changed_is_not_opened() {
    let (_folder, library) = library();
    let installed = library.install(&model("bert"), None, None, false).unwrap();
    let config = installed.folder.join("config.json");
    let mut changed = fs::read(&config).unwrap();
    changed.push(b'\n');
    fs::write(&config, changed).unwrap();
    assert!(matches!(library.get("bert").unwrap().open(), Err(LibraryError::Changed { .. })));
    // A file that was not there decides what labels mean.
    library.install(&model("bert"), None, None, true).unwrap().open().unwrap();
    fs::write(installed.folder.join("tacita.json"), "{\"labels\": {\"PERSON\": null}}").unwrap();
    assert!(matches!(library.get("bert").unwrap().open(), Err(LibraryError::Changed { .. })));
}

#[test]
fn a_name_is_taken_once_and_replaced_only_when_asked() {
    let (folder, library) = library();
    library.install(&model("bert"), Some("names"), None, false).unwrap();
    let again = library.install(&model("deberta"), Some("names"), None, false);
    assert!(matches!(again, Err(LibraryError::Exists(_))));
    let replaced = library.install(&model("deberta"), Some("names"), None, true).unwrap();
    assert_eq!(replaced.open().unwrap().family().to_string(), "DeBERTa");
    // What can't be installed replaces nothing.
    assert!(library.install(folder.path(), Some("names"), None, true).is_err());
    assert_eq!(library.get("names").unwrap().open().unwrap().family().to_string(), "DeBERTa");
    assert_eq!(left(folder.path()), ["names"]);
    for name in ["", "..", ".x", "a/b", "a\\b", &"x".repeat(65), "a b"] {
        let refused = library.install(&model("bert"), Some(name), None, false);
        assert!(matches!(refused, Err(LibraryError::Name(_))), "{name}");
    }
}

#[test]
fn nothing_is_written_outside() {
    let (folder, library) = library();
    for evil in ["../config.json", "/tmp/tacita-evil/config.json", "x/../../../config.json"] {
        let mut all = files("names/");
        all.push((evil.to_owned(), b"{}".to_vec()));
        for (ending, content) in [("zip", zip(&all)), ("tar", tar(&all))] {
            let path = folder.path().join(format!("names.{ending}"));
            fs::write(&path, content).unwrap();
            // A second `config.json` elsewhere may make it several models.
            if let Ok(installed) = library.install(&path, None, None, true) {
                installed.open().unwrap();
            }
            fs::remove_file(&path).unwrap();
            let around: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(around, ["models"], "{evil}");
            assert!(!Path::new("/tmp/tacita-evil").exists());
        }
    }
}

#[test]
fn links_in_an_archive_are_left_out() {
    let (folder, library) = library();
    let secret = folder.path().join("secret");
    fs::write(&secret, "a secret").unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "names/README.md", &secret).unwrap();
    for (name, content) in files("names/") {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, name, &content[..]).unwrap();
    }
    let path = folder.path().join("names.tar");
    fs::write(&path, builder.into_inner().unwrap()).unwrap();
    assert_eq!(library.install(&path, None, None, false).unwrap().card().unwrap(), None);
}

#[test]
fn what_is_no_model_is_refused_with_the_reason() {
    let (folder, library) = library();
    let two = [files("a/"), files("b/")].concat();
    let copies: Vec<_> = (0..100).flat_map(|copy| files(&format!("{copy}/"))).collect();
    let without_tokenizer: Vec<_> =
        files("").into_iter().filter(|(name, _)| !name.starts_with("tokenizer")).collect();
    let without_network: Vec<_> =
        files("").into_iter().filter(|(name, _)| !name.starts_with("model")).collect();
    let mut large = files("");
    large[0].1 = vec![b' '; (4 << 20) + 1];
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("text", b"no archive at all".to_vec(), "neither a folder nor a ZIP or TAR archive"),
        ("empty", Vec::new(), "it holds no model"),
        ("others", zip(&[("names.txt".to_owned(), vec![1, 2])]), "it holds no model"),
        ("two", zip(&two), "several models"),
        ("copies", zip(&copies), "many models"),
        ("words", zip(&without_tokenizer), "tokenizer.json"),
        ("network", zip(&without_network), "no `model.onnx`"),
        ("large", zip(&large), "larger than 4194304 bytes"),
    ];
    for (name, content, reason) in cases {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let refused = library.install(&path, None, None, false).unwrap_err().to_string();
        assert!(refused.contains(reason), "{name}: {refused}");
    }
    assert_eq!(left(folder.path()), [""; 0]);
}

/// A copy of the BERT model in which one file is another.
fn with(file: &str, content: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["config.json", "tokenizer.json", "model.onnx"] {
        fs::copy(model("bert").join(name), folder.path().join(name)).expect("it is checked in");
    }
    fs::write(folder.path().join(file), content).expect("it can be written");
    folder
}

fn refusal(file: &str, content: &[u8]) -> String {
    Classifier::open(with(file, content).path()).expect_err("it is broken").to_string()
}

#[test]
fn files_that_say_nonsense_are_named() {
    let config = fs::read_to_string(model("bert").join("config.json")).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(config.contains(from));
        config.replace(from, to)
    };
    for (content, reason) in [
        ("{".to_owned(), "not the configuration"),
        (changed("\"bert\"", "\"gpt2\""), "`model_type` is `gpt2`"),
        (changed("id2label", "id3label"), "no `id2label`"),
        (changed("\"0\": \"O\"", "\"9\": \"O\""), "count its labels from 0"),
        (changed("\"6\": \"I-ORGANIZATION\"", "\"6\": \"O\", \"7\": \"B-X\""), "where [1, "),
    ] {
        let refused = refusal("config.json", content.as_bytes());
        assert!(refused.contains(reason), "{refused}");
    }
    for (content, reason) in [
        ("{\"label\": {}}", "unknown field"),
        ("{\"labels\": {\"TOWN\": \"LOCATION\"}}", "what `TOWN` is"),
        ("{\"temperature\": 0}", "`temperature` is 0"),
    ] {
        let refused = refusal("tacita.json", content.as_bytes());
        assert!(refused.contains(reason), "{refused}");
    }
    let refused = refusal("tokenizer.json", b"{}");
    assert!(refused.contains("not a tokenizer"), "{refused}");
    let refused = refusal("model.onnx", b"no network");
    assert!(refused.contains("not a model"), "{refused}");
}

#[test]
fn a_broken_network_is_refused_or_read_but_never_ends_the_program() {
    let whole = fs::read(model("bert").join("model.onnx")).unwrap();
    for length in (0..whole.len()).step_by(4_001) {
        refusal("model.onnx", &whole[..length]);
    }
    for at in (0..whole.len()).step_by(701) {
        let mut broken = whole.clone();
        broken[at] ^= 0xA5;
        // A changed weight is a weight.
        let _ = Classifier::open(with("model.onnx", &broken).path());
    }
}
