//! Keys as an operator works on them.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
};

use crate::{
    serving::{ask, serve, token},
    stdout, tacita,
};

/// What a command says on stdout when it ends with `code`.
fn keys(folder: &Path, code: i32, args: &[&str]) -> String {
    let mut command = tacita(folder);
    let command = command.arg("keys").args(args).args(["--data", "data"]);
    stdout(command.output().expect("the binary is built"), code)
}

/// What a command says on stderr that can't be done.
fn refused(folder: &Path, args: &[&str]) -> String {
    let mut command = tacita(folder);
    let command = command.arg("keys").args(args).args(["--data", "data"]);
    let output = command.output().expect("the binary is built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

fn stop(mut server: Child) {
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    assert!(server.wait().expect("it ends").success());
}

/// Keeps a record about `email`, and says where.
fn keep(address: &str, token: &str, email: &str) -> String {
    let body = format!(
        r#"{{"subject":{{"email":"{email}"}},"kind":"ticket","purpose":"support","payload":{{"n":17}}}}"#
    );
    let answer = ask(address, "POST", "/api/v1/records", token, &body);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let place = answer.lines().find_map(|line| line.strip_prefix("location: "));
    place.expect("it says where the record is").to_owned()
}

fn is_read(address: &str, token: &str, place: &str) {
    let answer = ask(address, "GET", place, token, "");
    assert!(answer.ends_with(r#""payload":{"n":17}}"#), "{answer}");
}

/// A folder with an organisation, its purpose, and a token.
fn begun(folder: &Path) -> (String, Child, String) {
    let token = token(folder, "officer");
    let (server, address) = serve(folder);
    let body = r#"{"basis":"contract","class":"personal","enabled":true}"#;
    let answer = ask(&address, "PUT", "/api/v1/purposes/support", &token, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    (token, server, address)
}

#[cfg(unix)]
#[test]
fn a_copy_of_the_root_key_is_verified_and_puts_it_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    fs::write(folder.join("words"), "correct horse\n").expect("it is writable");
    fs::write(folder.join("wrong"), "wrong horse\n").expect("it is writable");
    let words = ["--passphrase-file", "words"];
    let said = refused(folder, &["export", "copy", words[0], words[1]]);
    assert!(said.contains("nothing is kept in `data` yet"), "{said}");
    assert!(!folder.join("data").exists(), "asking makes no keys");

    token(folder, "officer");
    let said = refused(folder, &["export", "copy"]);
    assert!(said.contains("no passphrase: give `--passphrase-file`"), "{said}");
    assert!(!folder.join("copy").exists());
    keys(folder, 0, &["export", "copy", words[0], words[1]]);
    let said = refused(folder, &["export", "copy", words[0], words[1]]);
    assert!(said.contains("`copy` is there already"), "{said}");
    let root = folder.join("data/root.key");
    let key = fs::read_to_string(&root).expect("it is there");
    assert!(!fs::read_to_string(folder.join("copy")).expect("it is there").contains(&key[..16]));

    let said = keys(folder, 0, &["verify", "copy", words[0], words[1]]);
    assert!(said.contains("versions of its key: 1, secrets: 2, keys of data subjects: 0 of 0"), "{said}");
    keys(folder, 0, &["verify"]);
    assert!(refused(folder, &["verify", "copy", "--passphrase-file", "wrong"]).contains("another one"));
    assert!(refused(folder, &["import", "copy", words[0], words[1]]).contains("root.key"), "one is there");
    fs::remove_file(&root).expect("it can be removed");
    assert!(refused(folder, &["verify"]).contains("root.key` is missing"));
    assert!(refused(folder, &["import", "copy", "--passphrase-file", "wrong"]).contains("another one"));
    keys(folder, 0, &["import", "copy", words[0], words[1]]);
    assert_eq!(fs::read_to_string(&root).expect("it is there"), key);
    keys(folder, 0, &["verify", "--all"]);

    // What is broken is named, and the exit code says so.
    let path = folder.join("data/tacita.db.key");
    let mut bytes = fs::read(&path).expect("it is there");
    *bytes.last_mut().expect("it holds a key") ^= 1;
    fs::write(&path, bytes).expect("it is writable");
    let said = keys(folder, 1, &["verify"]);
    assert!(
        said.contains("does not open: `data/tacita.db.key`") && said.contains("opens: `data/keyring.db.key`"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn keys_are_rotated_while_a_server_serves() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let (token, server, address) = begun(folder);
    let first = keep(&address, &token, "mara.lind@example.org");
    let said = keys(folder, 0, &["rotate"]);
    assert!(
        said.starts_with("rotated: organisation ")
            && said.contains("version 2 wraps all its keys; wrapped anew: 1"),
        "{said}"
    );
    is_read(&address, &token, &first);
    let second = keep(&address, &token, "jonas.berg@example.org");
    keep(&address, &token, "mara.lind@example.org");
    let said = keys(folder, 0, &["rotate", "--all"]);
    assert!(said.contains("version 3 wraps all its keys; wrapped anew: 2"), "{said}");
    is_read(&address, &token, &second);
    stop(server);
    let (server, address) = serve(folder);
    is_read(&address, &token, &first);
    is_read(&address, &token, &second);
    stop(server);
    let said = keys(folder, 0, &["verify", "--all"]);
    assert!(said.contains("versions of its key: 1, secrets: 2, keys of data subjects: 2 of 2"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_root_key_is_changed_in_its_place_and_to_a_passphrase() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let (token, server, address) = begun(folder);
    let place = keep(&address, &token, "mara.lind@example.org");
    let root = folder.join("data/root.key");
    let former = fs::read(&root).expect("it is there");
    let said = keys(folder, 0, &["rotate", "--root"]);
    assert!(said.contains("keys of organisations wrapped anew: 2"), "{said}");
    is_read(&address, &token, &place);
    stop(server);
    assert_ne!(fs::read(&root).expect("it is there"), former);
    let (server, address) = serve(folder);
    is_read(&address, &token, &place);
    stop(server);

    fs::write(folder.join("words"), "correct horse battery staple\n").expect("it is writable");
    let settings = format!("[root_key]\npassphrase_file = \"{}\"\n", folder.join("words").display());
    fs::write(folder.join("new.toml"), settings).expect("it is writable");
    keys(folder, 0, &["rotate", "--root", "--to", "new.toml"]);
    let said = keys(folder, 1, &["verify"]);
    assert!(said.contains("does not open"), "{said}");
    keys(folder, 0, &["verify", "--config", "new.toml"]);
    let said = refused(folder, &["rotate", "--root", "--config", "new.toml"]);
    assert!(said.contains("give a file of settings with `--to`"), "{said}");
    // Said again with the former settings, it is done.
    keys(folder, 0, &["rotate", "--root", "--to", "new.toml"]);
}
