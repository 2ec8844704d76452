//! Schemas that are brought up to date.

use std::{fs, path::Path};

use crate::{serving::token, stdout, tacita};

fn migrate(folder: &Path, args: &[&str]) -> String {
    let mut command = tacita(folder);
    stdout(command.args(["migrate", "--data", "data"]).args(args).output().expect("the binary is built"), 0)
}

#[cfg(unix)]
#[test]
fn steps_are_shown_and_taken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let said = migrate(folder, &["--dry-run"]);
    assert!(said.contains("nothing is kept here yet"), "{said}");
    assert!(!folder.join("data").exists(), "looking makes nothing");

    // Where the operator does it, nothing else does.
    fs::write(folder.join("tacita.toml"), "migrate = \"by-hand\"\n").expect("it is writable");
    let mut command = tacita(folder);
    let serve =
        command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data", "--config", "tacita.toml"]);
    let refused = serve.output().expect("the binary is built");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("0001_spine") && said.contains("run `tacita migrate`"), "{said}");

    let said = migrate(folder, &["--config", "tacita.toml"]);
    assert!(
        said.contains("house     taken now  0001_spine") && said.contains("key ring  taken now  0001_keys"),
        "{said}"
    );
    let said = migrate(folder, &["--config", "tacita.toml", "--dry-run"]);
    assert!(said.contains("nothing is missing"), "{said}");
    let mut command = tacita(folder);
    let create =
        command.args(["token", "create", "--name", "x", "--data", "data", "--config", "tacita.toml"]);
    stdout(create.output().expect("the binary is built"), 0);
    token(folder, "officer");
}
