//! Jobs, listed and tried again on the command line.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use crate::{
    serving::{ask, serve, token},
    stdout, tacita,
};

/// Adds a file to the record at `path`.
fn attach(address: &str, path: &str, token: &str) {
    let body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n";
    let request = format!(
        "POST {path}/attachments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).expect("it listens");
    connection.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[cfg(unix)]
#[test]
fn a_job_is_listed_and_only_a_dead_one_is_tried_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let officer = token(folder, "officer");
    let (mut server, address) = serve(folder);
    let body = r#"{"basis":"contract","class":"personal","enabled":true}"#;
    let answer = ask(&address, "PUT", "/api/v1/purposes/support", &officer, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body =
        r#"{"subject":{"email":"mara.lind@example.org"},"kind":"ticket","purpose":"support","payload":{}}"#;
    let answer = ask(&address, "POST", "/api/v1/records", &officer, body);
    let path = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("it says where");
    attach(&address, path, &officer);
    let answer = ask(&address, "DELETE", path, &officer, "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let metrics = ask(&address, "GET", "/metrics", "", "");
    assert!(metrics.contains("tacita_jobs{state=\"dead\"} 0"), "{metrics}");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    assert!(server.wait().expect("it ends").success());

    let run = |args: &[&str]| tacita(folder).args(["jobs"]).args(args).args(["--data", "data"]).output();
    let say = |args: &[&str]| stdout(run(args).expect("the binary is built"), 0);
    let listed = say(&["list"]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert!(listed.contains("files.remove"), "{listed}");
    let job: serde_json::Value =
        serde_json::from_str(&say(&["list", "--format", "json"])).expect("it is JSON");
    assert_eq!(job["kind"], "files.remove");
    assert_eq!(job["failure"], serde_json::Value::Null);
    assert_eq!(say(&["list", "--state", "dead"]), "");

    let refused = |args: &[&str], expected: &str| {
        let output = run(args).expect("the binary is built");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    refused(&["retry", job["job"].as_str().expect("an id")], "no such thing");
    refused(&["retry", "x"], "not an id");
    refused(&["list", "--state", "asleep"], "waiting, running, done, dead");
}
