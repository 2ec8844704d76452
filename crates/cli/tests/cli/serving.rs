//! The server as it is started and stopped.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{stdout, tacita};

/// A server in `folder`, and where it listens.
pub(crate) fn serve(folder: &Path) -> (Child, String) {
    let mut command = tacita(folder);
    let serve = command.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]).stderr(Stdio::piped());
    let mut server = serve.spawn().expect("the binary is built");
    let mut log = BufReader::new(server.stderr.take().expect("it is piped")).lines();
    let address = log
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("http://").map(|(_, address)| address.trim().to_owned()))
        .expect("it says where it listens");
    // What it says later is read by nobody, and must not make it wait.
    std::thread::spawn(move || log.for_each(drop));
    (server, address)
}

/// What a request is answered.
pub(crate) fn ask(address: &str, method: &str, path: &str, token: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(address).expect("it listens");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    connection.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers");
    answer
}

/// A new token in `role`.
pub(crate) fn token(folder: &Path, role: &str) -> String {
    let mut command = tacita(folder);
    let create = command.args(["token", "create", "--name", role, "--role", role, "--data", "data"]);
    stdout(create.output().expect("the binary is built"), 0).trim().to_owned()
}

#[cfg(unix)]
#[test]
fn it_answers_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut server, address) = serve(folder.path());
    let answer = ask(&address, "GET", "/health", "", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    assert!(server.wait().expect("it ends").success());
}

#[cfg(unix)]
#[test]
fn what_was_kept_is_there_after_a_power_cut_and_only_with_its_root_key() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let (service, officer) = (token(folder, "service"), token(folder, "officer"));
    let (mut server, address) = serve(folder);
    let body = r#"{"basis":"contract","class":"personal","enabled":true}"#;
    let answer = ask(&address, "PUT", "/api/v1/purposes/support", &officer, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = r#"{"subject":{"email":"mara.lind@example.org"},"kind":"ticket","purpose":"support","payload":{"n":17}}"#;
    let answer = ask(&address, "POST", "/api/v1/records", &service, body);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let path = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .expect("it says where the record is")
        .to_owned();
    server.kill().expect("it runs");
    server.wait().expect("it ends");

    for file in fs::read_dir(folder.join("data")).expect("the folder is there") {
        let file = file.expect("it can be listed");
        let mode = file.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "others can read {:?}", file.file_name());
    }
    let (mut server, address) = serve(folder);
    let answer = ask(&address, "GET", &path, &service, "");
    assert!(answer.ends_with(r#""payload":{"n":17}}"#), "{answer}");
    server.kill().expect("it runs");
    server.wait().expect("it ends");

    let root = folder.join("data/root.key");
    let kept = fs::read(&root).expect("the key is there");
    fs::remove_file(&root).expect("it can be removed");
    let refused = |expected: &str| {
        let output = tacita(folder).args(["serve", "--data", "data"]).output().expect("the binary is built");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    refused("root.key` is missing");
    assert!(!root.exists(), "another key would hide that the first is lost");
    fs::write(&root, "00".repeat(32)).expect("it can be written");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o600)).expect("it is ours");
    refused("root key");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o644)).expect("it is ours");
    refused("root.key");
    fs::write(&root, kept).expect("it can be written");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let (mut server, address) = serve(folder);
    assert!(ask(&address, "GET", &path, &service, "").starts_with("HTTP/1.1 200"));
    server.kill().expect("it runs");
    server.wait().expect("it ends");
}

#[test]
fn tokens_are_listed_without_their_secret_and_revoked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let secret = token(folder, "auditor");
    let list = || {
        let mut command = tacita(folder);
        stdout(command.args(["token", "list", "--data", "data"]).output().expect("the binary is built"), 0)
    };
    let listed = list();
    assert!(listed.contains("auditor   for good") && !listed.contains(&secret), "{listed}");
    let id = listed.split_whitespace().next().expect("a line has an id");
    let mut command = tacita(folder);
    let revoked =
        command.args(["token", "revoke", id, "--data", "data"]).output().expect("the binary is built");
    assert!(revoked.status.success());
    assert!(list().contains("auditor   revoked 20"), "{}", list());
    let mut command = tacita(folder);
    let again =
        command.args(["token", "revoke", id, "--data", "data"]).output().expect("the binary is built");
    assert_eq!(again.status.code(), Some(2));
}
