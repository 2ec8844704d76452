//! What the doctor finds.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use crate::{serving::token, stdout, tacita};

/// What it finds when it ends with `code`: health, area, what.
fn findings(folder: &Path, code: i32, args: &[&str]) -> Vec<(String, String, String)> {
    let mut command = tacita(folder);
    let command = command.args(["doctor", "--format", "json", "--data", "data"]).args(args);
    let found = stdout(command.output().expect("the binary is built"), code);
    let found: Vec<serde_json::Value> = serde_json::from_str(&found).expect("it is JSON");
    let text =
        |finding: &serde_json::Value, key: &str| finding[key].as_str().expect("it is a text").to_owned();
    for finding in &found {
        let is_ok = finding["health"] == "ok";
        assert_eq!(finding["do"].is_null(), is_ok, "what is not in order says what to do: {finding}");
    }
    found.iter().map(|it| (text(it, "health"), text(it, "area"), text(it, "what"))).collect()
}

fn is_found(found: &[(String, String, String)], health: &str, area: &str, what: &str) {
    let is_there = found.iter().any(|(how, of, said)| how == health && of == area && said.contains(what));
    assert!(is_there, "no {health} of {area} with {what}: {found:#?}");
}

/// Every file with what it holds and when it was changed.
fn everything(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let files = fs::read_dir(folder).expect("it is there").map(|file| file.expect("it can be listed"));
    // What SQLite shares between processes holds nothing that is kept.
    let files = files
        .filter(|file| file.file_name() != "files" && !file.file_name().to_string_lossy().ends_with("-shm"));
    let read = |file: fs::DirEntry| {
        let changed = file.metadata().expect("it is there").modified().expect("it has a time");
        let holds = fs::read(file.path()).expect("it can be read");
        (file.file_name().to_string_lossy().into_owned(), (holds, changed))
    };
    // An empty log is as good as none.
    files.map(read).filter(|(name, (holds, _))| !(name.ends_with("-wal") && holds.is_empty())).collect()
}

#[cfg(unix)]
#[test]
fn a_deployment_in_order_has_no_problem_and_nothing_of_it_is_changed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let found = findings(folder, 1, &[]);
    is_found(&found, "problem", "data folder", "there is no folder `data`");
    assert!(!folder.join("data").exists());

    token(folder, "officer");
    let before = everything(&folder.join("data"));
    let found = findings(folder, 0, &[]);
    for (area, what) in [
        ("settings", "from no file, and from the environment nothing"),
        ("data folder", "are their owner's alone"),
        ("disk", "to keep something"),
        ("root key", "in `data/root.key`"),
        ("root key", "whether there is a copy elsewhere can't be seen"),
        ("house", "up to date (0001_spine"),
        ("house", "work across organisations in the last day: doctor "),
        ("key ring", "up to date (0001_keys"),
        ("keys", "belong together"),
        ("ledger", "nothing is signed yet"),
    ] {
        is_found(&found, "ok", area, what);
    }
    assert_eq!(everything(&folder.join("data")), before);
}

#[cfg(unix)]
#[test]
fn what_is_wrong_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    token(folder, "officer");
    let data = folder.join("data");
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");

    mode(&data, 0o755);
    mode(&data.join("tacita.db"), 0o640);
    let found = findings(folder, 1, &[]);
    is_found(&found, "problem", "data folder", "`data` (mode 0755)");
    is_found(&found, "problem", "data folder", "`data/tacita.db` (mode 0640)");
    mode(&data, 0o700);
    mode(&data.join("tacita.db"), 0o600);

    mode(&data.join("root.key"), 0o644);
    is_found(&findings(folder, 1, &[]), "problem", "root key", "can be read by others");
    mode(&data.join("root.key"), 0o600);

    let key = fs::read(data.join("root.key")).expect("it is there");
    fs::remove_file(data.join("root.key")).expect("it can be removed");
    is_found(&findings(folder, 1, &[]), "problem", "root key", "is missing");
    fs::write(data.join("root.key"), "00".repeat(32)).expect("it is writable");
    mode(&data.join("root.key"), 0o600);
    is_found(&findings(folder, 1, &[]), "problem", "databases", "does not open");
    fs::write(data.join("root.key"), key).expect("it is writable");
    findings(folder, 0, &[]);

    // A key ring that is not this house's.
    let other = tempfile::tempdir().expect("a temporary folder");
    token(other.path(), "officer");
    let wrong = tacita(folder).args(["doctor", "--data", "data", "--config", "missing.toml"]).output();
    let said = stdout(wrong.expect("the binary is built"), 1);
    assert!(said.starts_with("problem  settings") && said.contains("missing.toml"), "{said}");
    fs::write(folder.join("bad.toml"), "listen_on = 1\n").expect("it is writable");
    is_found(
        &findings(folder, 1, &["--config", "bad.toml"]),
        "problem",
        "settings",
        "unknown field `listen_on`",
    );
    for file in ["keyring.db", "keyring.db.key", "root.key"] {
        fs::copy(other.path().join("data").join(file), data.join(file)).expect("it can be copied");
    }
    is_found(&findings(folder, 1, &[]), "problem", "databases", "tacita.db.key` does not open");
}
