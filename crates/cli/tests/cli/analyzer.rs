//! A Presidio analyzer that reads beside the recognisers: here `tacita serve`, which speaks as Presidio's does.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

use crate::{run_over, stdout, tacita};

/// A server that ends with the test.
struct Server {
    process: Child,
    /// Where it listens.
    address: String,
    /// What it logged until then.
    log: String,
}

impl Server {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let mut command = tacita(folder);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data", "data"])
            .args(args)
            .stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary is built");
        let stderr = process.stderr.take().expect("it is piped");
        let mut log = String::new();
        let address = BufReader::new(stderr)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let address =
                    line.split_once("listening on http://").map(|(_, address)| address.trim().to_owned());
                log.push_str(&line);
                address
            })
            .expect("it says where it listens");
        Self { process, address, log }
    }

    fn url(&self) -> String {
        format!("http://{}/presidio/analyzer", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which its test has seen.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the binary is built")
}

/// The binary with these arguments, parted by spaces, asking the analyzer at `url`.
fn asking(folder: &Path, url: &str, args: &str) -> Command {
    let mut command = tacita(folder);
    // Where tests are run on a busy machine, it may take its time.
    command.args(args.split(' ')).args(["--presidio-timeout", "60", "--presidio-url", url]);
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

/// The score of the mail address in what `detect` printed.
fn score(output: Output) -> f64 {
    let found: Value = serde_json::from_str(&stdout(output, 0)).expect("JSON");
    let findings = found["findings"].as_array().expect("a list");
    let mail =
        findings.iter().find(|finding| finding["entity_type"] == "EMAIL_ADDRESS").expect("it is found");
    mail["score"].as_f64().expect("a number")
}

const TEXT: &[u8] = "Zoë: mara.lind@example.org\n".as_bytes();

#[test]
fn its_findings_are_merged_by_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), &[]);
    let url = server.url();
    let alone = score(run_over(tacita(folder.path()).arg("detect"), TEXT));
    assert!(alone < 1.0);

    // A proxy of the environment's is not asked.
    let mut detect = asking(folder.path(), &url, "detect");
    let output = run_over(detect.env("http_proxy", nowhere()).env("ALL_PROXY", nowhere()), TEXT);
    assert_eq!(stderr(&output), "");
    assert!((score(output) - 1.0).abs() < 1e-9);
    let output = run_over(tacita(folder.path()).arg("detect").env("TACITA_PRESIDIO_URL", &url), TEXT);
    assert!((score(output) - 1.0).abs() < 1e-9);

    let lines = "{\"text\": \"Zoë: mara.lind@example.org\"}\n".repeat(20);
    let mut jsonl = asking(folder.path(), &url, "detect --jsonl --threads 4 --presidio-connections 4");
    let answers = stdout(run_over(&mut jsonl, lines.as_bytes()), 0);
    assert_eq!(answers.lines().filter(|answer| answer.contains("\"score\":1.0")).count(), 20);

    fs::create_dir(folder.path().join("case")).expect("it is new");
    for i in 0..8 {
        fs::write(folder.path().join(format!("case/{i}.txt")), TEXT).expect("the folder is ours");
    }
    let mut scan = asking(folder.path(), &url, "scan case --threads 4 --format jsonl --threshold 1");
    let report = stdout(run(&mut scan), 0);
    let is_mail = |line: &&str| line.contains("\"kind\":\"finding\"") && line.contains("EMAIL_ADDRESS");
    assert_eq!(report.lines().filter(is_mail).count(), 8);
    let mut redact = asking(folder.path(), &url, "redact - --threshold 1");
    assert_eq!(stdout(run_over(&mut redact, TEXT), 0), "Zoë: [EMAIL_ADDRESS_001]\n");

    let marked = r#"{"text": "Zoë: mara.lind@example.org", "spans": [[5, 26, "EMAIL_ADDRESS"]]}"#;
    let mut eval = asking(folder.path(), &url, "model eval --data - --format json --threshold 1");
    let figures = stdout(run_over(&mut eval, marked.as_bytes()), 0);
    let figures: Value = serde_json::from_str(&figures).expect("JSON");
    assert_eq!(figures["types"][0]["exact"]["right"], 1);

    let server = Server::start(folder.path(), &["--presidio-url", &url]);
    assert!(
        server.log.contains(&format!("presidio at {url} reads beside the recognisers")),
        "{}",
        server.log
    );
}

#[test]
fn a_command_works_on_without_it_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = nowhere();
    fs::create_dir(folder.path().join("case")).expect("it is new");
    for i in 0..8 {
        fs::write(folder.path().join(format!("case/{i}.txt")), TEXT).expect("the folder is ours");
    }
    let mut scan = tacita(folder.path());
    scan.args(["scan", "case", "--threads", "1", "--format", "jsonl", "--fail-on", "any"]);
    let alone = run(&mut scan);
    let missing = run(scan.args(["--presidio-url", &url]));
    assert_eq!(
        stderr(&missing),
        format!(
            "tacita: presidio at {url} did not read 8 of 8 windows of text (4 no connection, 4 not asked while it failed); \
             what it alone finds is missing there\n"
        )
    );
    assert_eq!(stdout(missing, 1), stdout(alone, 1));
    let server = Server::start(folder.path(), &["--presidio-url", &url]);
    assert!(server.log.contains("does not name its types (no connection)"), "{}", server.log);
}

#[test]
fn a_url_that_cannot_be_used_is_refused_without_its_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = |args: &[&str]| {
        let output = run(tacita(folder.path()).args(["detect"]).args(args));
        assert_eq!(output.status.code(), Some(2));
        let message = stderr(&output);
        assert!(!message.contains("hunter2"), "{message}");
        message
    };
    let url = "http://mara:hunter2@analyzer.example.org:5002";
    let message = refused(&["--presidio-url", url]);
    assert!(
        message.contains("`http://analyzer.example.org:5002`") && message.contains("--presidio-plaintext"),
        "{message}"
    );
    assert!(refused(&["--presidio-url", "mara:hunter2@analyzer"]).contains("https://analyzer.example.org"));
    assert!(refused(&["--presidio-url", url, "--profile", "presidio"]).contains("--presidio-url"));
    refused(&["--presidio-url", url, "--presidio-language", "a language"]);
    refused(&["--presidio-url", url, "--presidio-timeout", "0"]);
    refused(&["--presidio-url", url, "--presidio-connections", "0"]);

    // Of the environment it is no wish of this command's.
    let mut detect = tacita(folder.path());
    detect.args(["detect", "--profile", "presidio"]).env("TACITA_PRESIDIO_URL", url);
    stdout(run_over(&mut detect, TEXT), 0);
}
