//! Receipts and logs, verified without what they came from.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
};

use crate::{
    serving::{ask, serve, token},
    stdout, tacita,
};

/// A server over the folder `data`, with a token in the role `officer`.
struct Serving {
    server: Child,
    address: String,
    token: String,
}

impl Serving {
    fn start(folder: &Path) -> Self {
        let token = token(folder, "officer");
        let (server, address) = serve(folder);
        Self { server, address, token }
    }

    /// Status and body of an answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let answer = ask(&self.address, method, path, &self.token, body);
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        (head[9..12].parse().expect("a status has three digits"), body.to_owned())
    }

    fn get(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Keeps a record, and says by which operation.
    fn keep(&self) -> String {
        let body = r#"{"subject":{"email":"mara.lind@example.org"},"kind":"ticket","purpose":"support","payload":{}}"#;
        let (status, answer) = self.ask("POST", "/api/v1/records", body);
        assert_eq!(status, 201, "{answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("it is JSON");
        answer["operation"].as_str().expect("it names its operation").to_owned()
    }

    fn purpose(&self) {
        let body = r#"{"basis":"contract","class":"personal","enabled":true}"#;
        assert_eq!(self.ask("PUT", "/api/v1/purposes/support", body).0, 200);
    }

    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.server.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()));
        assert!(self.server.wait().expect("it ends").success());
    }
}

/// What `tacita` says on stdout when it ends with `code`.
fn say(folder: &Path, code: i32, args: &[&str]) -> String {
    stdout(tacita(folder).args(args).output().expect("the binary is built"), code)
}

/// What `tacita` says on stderr when it can't do something.
fn complain(folder: &Path, args: &[&str]) -> String {
    let output = tacita(folder).args(args).output().expect("the binary is built");
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).expect("it is UTF-8")
}

/// A file with one bit changed.
fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("it is there");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("it is writable");
}

#[cfg(unix)]
#[test]
fn receipts_and_logs_are_verified_without_the_server_and_its_data() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let here = folder.path();
    let serving = Serving::start(here);
    serving.purpose();
    let operation = serving.keep();
    fs::write(here.join("keys"), serving.get("/api/v1/ledger/keys")).expect("it is writable");
    let receipt = serving.get(&format!("/api/v1/receipts/{operation}"));
    fs::write(here.join("receipt"), &receipt).expect("it is writable");
    serving.keep();
    serving.stop();

    say(here, 0, &["audit", "export", "first", "--data", "data"]);
    let listed = say(here, 0, &["audit", "list", "--data", "data"]);
    assert_eq!(listed.lines().filter(|line| line.contains("record.create")).count(), 2, "{listed}");
    let json =
        say(here, 0, &["audit", "list", "--action", "audit.read", "--format", "json", "--data", "data"]);
    assert!(json.contains(r#""actor":"system:audit""#), "{json}");
    say(here, 0, &["audit", "export", "second", "--data", "data"]);
    assert!(complain(here, &["audit", "export", "second", "--data", "data"]).contains("not empty"));

    // From here on there are only the files that somebody took home.
    fs::remove_dir_all(here.join("data")).expect("it is there");
    let said = say(here, 0, &["verify", "receipt", "--keys", "keys"]);
    assert!(said.starts_with("genuine: entry 1 of the log `tacita.local/"), "{said}");
    assert!(said.contains("(ML-DSA-44, 2"), "{said}");
    let said = say(here, 0, &["verify", "receipt", "--log", "second", "--keys", "keys"]);
    assert!(said.contains(", all entries: 5\n") && said.contains("that it continues: 1\n"), "{said}");
    let said = say(here, 0, &["verify", "--log", "second", "--seen", "first/checkpoint", "--keys", "keys"]);
    assert!(said.contains("as they were logged: 5; no longer kept: 0"), "{said}");

    let said = say(here, 1, &["verify", "--log", "first", "--seen", "second/checkpoint", "--keys", "keys"]);
    assert!(said.contains("`second/checkpoint` remembers 5 entries, there are 3"), "{said}");

    let salt = receipt.find("salt ").expect("it has one") + 8;
    let other = if &receipt[salt..=salt] == "A" { "B" } else { "A" };
    let mut forged = receipt.clone();
    forged.replace_range(salt..=salt, other);
    fs::write(here.join("forged"), forged).expect("it is writable");
    let said = say(here, 1, &["verify", "forged", "--keys", "keys"]);
    assert!(said.starts_with("not genuine: `forged`: the entry is not in the log"), "{said}");

    let tile = here.join("second/tile/0/000.p/5");
    flip(&tile, 40);
    let said = say(here, 1, &["verify", "--log", "second", "--keys", "keys"]);
    assert!(said.contains("tile/0/000.p/5"), "{said}");
    flip(&tile, 40);
    let bundle = here.join("second/tile/entries/000.p/5");
    flip(&bundle, 2 * 34 + 10);
    let said = say(here, 1, &["verify", "--log", "second", "--keys", "keys"]);
    assert!(said.contains("entry 2: is not what was logged"), "{said}");
    flip(&bundle, 2 * 34 + 10);
    let bodies = fs::read_to_string(here.join("second/bodies.jsonl")).expect("it is there");
    let mut lines: Vec<_> = bodies.lines().collect();
    let moved = lines[1].replace("\"index\":1", "\"index\":0");
    lines[0] = &moved;
    fs::write(here.join("second/bodies.jsonl"), lines.join("\n")).expect("it is writable");
    let said = say(here, 1, &["verify", "--log", "second", "--keys", "keys"]);
    assert!(said.contains("entry 0: its body or salt"), "{said}");
    fs::remove_file(&bundle).expect("it is there");
    let said = say(here, 1, &["verify", "--log", "second", "--keys", "keys"]);
    assert!(said.contains("missing"), "{said}");

    fs::write(here.join("other"), "receipts are made of paper").expect("it is writable");
    assert!(complain(here, &["verify", "other", "--keys", "keys"]).contains("no receipt"));
    assert!(complain(here, &["verify", "receipt", "--keys", "other"]).contains("line 1: no verifier key"));
    assert!(complain(here, &["verify", "gone", "--keys", "keys"]).contains("cannot read `gone`"));
    assert!(complain(here, &["verify", "--keys", "keys"]).contains("RECEIPT"));
}

#[cfg(unix)]
#[test]
fn a_log_is_verified_over_the_network_and_in_the_database_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let here = folder.path();
    fs::write(here.join("tacita.toml"), "data = \"data\"\n[[ledger.witness]]\nfile = \"../elsewhere\"\n")
        .expect("it is writable");
    let serving = Serving::start(here);
    serving.purpose();
    let operation = serving.keep();
    fs::write(here.join("keys"), serving.get("/api/v1/ledger/keys")).expect("it is writable");
    fs::write(here.join("token"), format!("{}\n", serving.token)).expect("it is writable");
    let receipt = serving.get(&format!("/api/v1/receipts/{operation}"));
    let keys = fs::read_to_string(here.join("keys")).expect("it is there");
    let organisation =
        keys.strip_prefix("tacita.local/").and_then(|rest| rest.split_once('+')).expect("it is named so").0;
    let url = format!("http://{}/ledger/{organisation}", serving.address);
    let said = say(here, 0, &["verify", "--log", &url, "--token-file", "token", "--keys", "keys"]);
    assert!(
        said.starts_with("genuine: the log `tacita.local/") && said.contains("no longer kept: 2"),
        "{said}"
    );
    let said = complain(here, &["verify", "--log", &url, "--keys", "keys"]);
    assert!(said.contains("--token-file"), "{said}");
    let said = complain(here, &["verify", "--log", "http://log.example.org/x", "--keys", "keys"]);
    assert!(said.contains("unencrypted"), "{said}");
    let said =
        complain(here, &["verify", "--log", &format!("{url}x"), "--token-file", "token", "--keys", "keys"]);
    assert!(said.contains("there is no log"), "{said}");
    serving.stop();

    fs::write(here.join("receipt"), receipt).expect("it is writable");
    let database = ["verify", "receipt", "--database", "--config", "tacita.toml", "--keys", "keys"];
    let said = say(here, 0, &database);
    assert!(said.contains("as they were logged: 2; no longer kept: 0"), "{said}");
    say(here, 0, &["audit", "export", "first", "--config", "tacita.toml"]);
    let published = here.join("elsewhere").join(organisation).join("checkpoint");
    assert_eq!(
        fs::read_to_string(&published).expect("the witness has it"),
        fs::read_to_string(here.join("first/checkpoint")).expect("it is there")
    );
    let said = say(here, 0, &["audit", "witnesses", "--config", "tacita.toml"]);
    assert!(said.contains("knows 2 of 2 entries"), "{said}");
    let said = say(here, 0, &["ledger", "prune", "--config", "tacita.toml"]);
    assert_eq!(said, "pruned 0 entries; those before entry 0 say nothing any more\n");

    // The database of then is put back when there is more.
    copy(&here.join("data"), &here.join("backup"));
    say(here, 0, &["audit", "list", "--config", "tacita.toml"]);
    say(here, 0, &["audit", "export", "second", "--config", "tacita.toml"]);
    fs::remove_dir_all(here.join("data")).expect("it is there");
    copy(&here.join("backup"), &here.join("data"));
    let said = say(here, 1, &database);
    assert!(said.contains("elsewhere` remembers 3 entries, there are 2"), "{said}");
    let said = complain(here, &["serve", "--listen", "127.0.0.1:0", "--config", "tacita.toml"]);
    assert!(said.contains("knows 3 entries") && said.contains("this database has 2"), "{said}");
    let said = complain(here, &["audit", "export", "third", "--config", "tacita.toml"]);
    assert!(said.contains("an older database was put back"), "{said}");

    // It goes on in a new epoch, and the keys of the first do for both.
    let said = say(here, 0, &["ledger", "begin-epoch", "--config", "tacita.toml"]);
    assert!(said.contains("/epoch-2`: it has 2 entries of the 3 that there were"), "{said}");
    let said = say(here, 0, &database);
    assert!(said.contains("entry 2 begins an epoch: of the 3 entries of"), "{said}");
    say(here, 0, &["audit", "export", "third", "--config", "tacita.toml"]);
    let log = ["verify", "receipt", "--log", "third", "--seen", "second/checkpoint", "--keys"];
    for keys in ["keys", "third/keys"] {
        let said = say(here, 0, &[&log[..], &[keys]].concat());
        assert!(
            said.contains("/epoch-2`, all entries: 3") && said.contains("that it continues: 2"),
            "{said}"
        );
    }
    let said = complain(here, &["ledger", "begin-epoch", "--config", "tacita.toml"]);
    assert!(said.contains("nobody is known to remember more than the 3 entries"), "{said}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it is writable");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it is readable");
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("it is writable");
        }
    }
}
