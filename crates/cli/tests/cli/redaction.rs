//! Redacting and restoring files and folders.

use std::{fs, path::Path};

use crate::{run_over, stdout, tacita};

const LETTER: &str =
    "Write to mara.lind@example.org or jonas.berg@example.com.\n[EMAIL_ADDRESS_001] is no placeholder.\n";
const TABLE: &str =
    "name,email\n\"Lind, \"\"Mara\"\"\",mara.lind@example.org\n[EMAIL_ADDRESS_002],jonas.berg@example.com\n";
const OBJECT: &str =
    "{\"to\": [\"mara.lind@example.org\", \"[EMAIL_ADDRESS_001]\"], \"note\": \"a \\\"b\\\" \\u00e9\"}\n";

fn folder_of_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir_all(folder.path().join("case/deep/er")).expect("it is writable");
    for (name, content) in [
        ("case/letter.txt", LETTER.as_bytes()),
        ("case/deep/table.csv", TABLE.as_bytes()),
        ("case/deep/er/object.json", OBJECT.as_bytes()),
        ("case/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ] {
        fs::write(folder.path().join(name), content).expect("it is writable");
    }
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect(name)
}

#[test]
fn a_folder_is_redacted_and_restored_to_the_byte() {
    for operator in ["placeholder", "hash", "encrypt"] {
        let folder = folder_of_files();
        let keys = ["--vault", "v", "--key-file", "k"];
        let redacted = tacita(folder.path())
            .args(["redact", "case", "-o", "clean", "--operator", operator])
            .args(keys)
            .output();
        let redacted = redacted.expect("the binary is built");
        assert!(String::from_utf8_lossy(&redacted.stderr).contains("picture.png: skipped"));
        stdout(redacted, 0);
        for name in ["clean/letter.txt", "clean/deep/table.csv", "clean/deep/er/object.json"] {
            let clean = read(folder.path(), name);
            assert!(!clean.contains("mara.lind") && !clean.contains("jonas.berg"), "{operator}: {clean}");
        }
        assert!(!folder.path().join("clean/picture.png").exists());
        let restored = tacita(folder.path()).args(["restore", "clean", "-o", "back"]).args(keys).output();
        stdout(restored.expect("the binary is built"), 0);
        assert_eq!(read(folder.path(), "back/letter.txt"), LETTER);
        assert_eq!(read(folder.path(), "back/deep/table.csv"), TABLE);
        assert_eq!(read(folder.path(), "back/deep/er/object.json"), OBJECT);
    }
}

#[test]
fn a_vault_goes_on_where_it_stands() {
    let folder = folder_of_files();
    fs::write(folder.path().join("pass"), "correct horse battery staple\n").expect("it is writable");
    let keys = ["--vault", "v", "--passphrase-file", "pass"];
    let redact = |text: &str| {
        stdout(run_over(tacita(folder.path()).args(["redact", "-"]).args(keys), text.as_bytes()), 0)
    };
    assert_eq!(redact("mara.lind@example.org"), "[EMAIL_ADDRESS_001]");
    assert_eq!(
        redact("jonas.berg@example.com, mara.lind@example.org"),
        "[EMAIL_ADDRESS_002], [EMAIL_ADDRESS_001]"
    );
    let answer = b"Dear [EMAIL_ADDRESS_002], [EMAIL_ADDRESS_009] and [1]";
    let restored = run_over(tacita(folder.path()).args(["restore", "-"]).args(keys), answer);
    assert!(String::from_utf8_lossy(&restored.stderr).contains("1 placeholders not known"));
    assert_eq!(stdout(restored, 0), "Dear jonas.berg@example.com, [EMAIL_ADDRESS_009] and [1]");
}

#[test]
fn a_restored_value_is_escaped_as_its_format_asks() {
    let folder = folder_of_files();
    let keys = ["--vault", "v", "--key-file", "k"];
    let text = b"[PERSON_\"001] mara.lind@example.org";
    stdout(run_over(tacita(folder.path()).args(["redact", "-"]).args(keys), text), 0);
    fs::write(folder.path().join("a.json"), "{\"to\": \"[EMAIL_ADDRESS_001]\"}").expect("it is writable");
    let restored =
        tacita(folder.path()).args(["restore", "a.json"]).args(keys).output().expect("the binary is built");
    assert_eq!(stdout(restored, 0), "{\"to\": \"mara.lind@example.org\"}");
}

#[test]
fn the_wrong_key_restores_nothing() {
    let folder = folder_of_files();
    stdout(run_over(tacita(folder.path()).args(["redact", "-", "--vault", "v", "--key-file", "k"]), b"x"), 0);
    fs::write(folder.path().join("other"), "0".repeat(64)).expect("it is writable");
    let refused =
        run_over(tacita(folder.path()).args(["restore", "-", "--vault", "v", "--key-file", "other"]), b"x");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not the one the vault was sealed with"));
    assert_eq!(stdout(refused, 2), "");
}

#[cfg(unix)]
#[test]
fn vault_and_key_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder_of_files();
    stdout(run_over(tacita(folder.path()).args(["redact", "-", "--vault", "v", "--key-file", "k"]), b"x"), 0);
    for name in ["v", "k"] {
        let mode = fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn no_copy_takes_the_place_of_its_original() {
    let folder = folder_of_files();
    let before = read(folder.path(), "case/letter.txt");
    for (source, target) in
        [("case/letter.txt", "case/letter.txt"), ("case/letter.txt", "case"), ("case", "."), ("case", "case")]
    {
        let refused = tacita(folder.path()).args(["redact", source, "-o", target]).output();
        let refused = refused.expect("the binary is built");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("give another"), "{source} to {target}");
        stdout(refused, 2);
        assert_eq!(read(folder.path(), "case/letter.txt"), before, "{source} to {target}");
    }
}

#[test]
fn what_is_kept_does_not_hide_what_stands_in_it() {
    let folder = folder_of_files();
    let text = b"see https://example.org/u?email=mara.lind@example.org&x=1 and postgres://app:Tr0ub!dor3@db.example.org/x";
    let redacted = run_over(tacita(folder.path()).args(["redact", "-", "--operator", "URL=keep"]), text);
    let redacted = stdout(redacted, 0);
    assert!(redacted.contains("https://example.org/u?"), "{redacted}");
    assert!(!redacted.contains("mara.lind") && !redacted.contains("Tr0ub"), "{redacted}");
}

#[test]
fn a_copy_inside_the_folder_is_not_copied_again() {
    let folder = folder_of_files();
    for _ in 0..2 {
        let redacted = tacita(folder.path()).args(["redact", "case", "-o", "case/clean"]).output();
        stdout(redacted.expect("the binary is built"), 0);
    }
    assert!(folder.path().join("case/clean/letter.txt").exists());
    assert!(!folder.path().join("case/clean/clean").exists());
}

#[test]
fn copies_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("case")).expect("it is writable");
    for n in 0..60 {
        let text =
            format!("{}{n}@example.org and mara{}@example.org", "x ".repeat((n * 37) % 60 * 50), n % 7);
        fs::write(folder.path().join(format!("case/{n}.txt")), text).expect("it is writable");
    }
    fs::write(folder.path().join("case/30.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("it is writable");
    for threads in ["1", "4"] {
        let keys = ["--vault", &format!("v{threads}"), "--key-file", "k"];
        let redact = tacita(folder.path())
            .args(["redact", "case", "-o", threads, "--threads", threads])
            .args(keys)
            .output();
        stdout(redact.expect("the binary is built"), 0);
        let restore = tacita(folder.path())
            .args(["restore", threads, "-o", &format!("back{threads}"), "--threads", threads])
            .args(keys)
            .output();
        stdout(restore.expect("the binary is built"), 0);
    }
    for n in 0..60 {
        let name = format!("{n}.txt");
        assert_eq!(read(folder.path(), &format!("4/{name}")), read(folder.path(), &format!("1/{name}")));
        assert_eq!(
            read(folder.path(), &format!("back4/{name}")),
            read(folder.path(), &format!("case/{name}"))
        );
    }
}

#[cfg(unix)]
#[test]
fn a_command_that_is_told_to_stop_leaves_nothing_half_done() {
    use std::{os::unix::process::ExitStatusExt, process::Command};
    let folder = folder_of_files();
    // Long enough that the copies before it wait for it.
    fs::write(folder.path().join("case/long.txt"), "mara.lind@example.org\n".repeat(400_000))
        .expect("it is writable");
    for (signal, number) in [("-TERM", 15), ("-INT", 2)] {
        let mut redact = tacita(folder.path());
        let mut redact = redact.args(["redact", "case", "-o", "clean"]).spawn().expect("the binary is built");
        let clean = folder.path().join("clean");
        let unfinished = || {
            let names = fs::read_dir(&clean).into_iter().flatten().flatten().map(|entry| entry.file_name());
            names.filter(|name| name.to_string_lossy().starts_with(".tacita-")).count()
        };
        while unfinished() == 0 {
            assert!(redact.try_wait().expect("it is ours").is_none(), "it ended before it was told to");
            std::thread::yield_now();
        }
        let told = Command::new("kill").args([signal, &redact.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()));
        assert_eq!(redact.wait().expect("it ends").signal(), Some(number));
        assert_eq!(unfinished(), 0);
        assert!(!clean.join("long.txt").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_single_copy_has_the_permissions_of_its_original() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.txt"), "mara.lind@example.org\n").expect("it is writable");
    fs::set_permissions(path("a.txt"), fs::Permissions::from_mode(0o600)).expect("it is ours");
    let keys = ["--vault", "v", "--key-file", "k"];
    for args in [["redact", "a.txt", "-o", "clean.txt"], ["restore", "clean.txt", "-o", "back.txt"]] {
        let output = tacita(folder.path()).args(args).args(keys).output().expect("the binary is built");
        stdout(output, 0);
        let mode = fs::metadata(path(args[3])).expect("it was written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{args:?}");
    }
}

#[test]
fn what_is_found_in_the_name_of_a_copy_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("case")).expect("it is writable");
    for name in ["mara.lind@example.org.txt", "letter.txt"] {
        fs::write(folder.path().join("case").join(name), "weather\n").expect("it is writable");
    }
    let redact = tacita(folder.path()).args(["redact", "case", "-o", "clean"]).output();
    let output = redact.expect("the binary is built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    stdout(output, 0);
    assert!(said.contains("example.org.txt: the copy has its name, with EMAIL_ADDRESS"), "{said}");
    assert!(!said.contains("letter.txt"), "{said}");
}
