//! Pipes: long texts, many lines, readers that go away.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{run_over, stdout, tacita};

fn here(args: &[&str]) -> Command {
    let mut command = tacita(".".as_ref());
    command.args(args);
    command
}

#[test]
fn a_text_over_the_limit_is_searched_as_it_comes() {
    let mut text = "añ filler, filler, filler\n".repeat(20_000);
    text.push_str("write to mara.lind@example.org\n");
    let report =
        stdout(run_over(&mut here(&["scan", "-", "--max-size", "10kB", "-f", "jsonl"]), text.as_bytes()), 0);
    let finding: Value =
        report.lines().nth(1).and_then(|line| serde_json::from_str(line).ok()).expect("a finding");
    assert_eq!(finding["place"], "line 20001, column 10");
    assert_eq!(finding["location"]["bytes"]["start"], text.find("mara").expect("it is there"));
}

#[test]
fn a_binary_stream_over_the_limit_is_an_error() {
    let report = run_over(&mut here(&["scan", "-", "--max-size", "1kB"]), &[0; 5000]);
    assert_eq!(report.status.code(), Some(2));
}

#[test]
fn offsets_of_a_stream_count_from_its_start() {
    let text = format!("{} mara.lind@example.org", "é".repeat(999_999));
    for (unit, start) in [("chars", 1_000_000), ("bytes", 1_999_999), ("utf16", 1_000_000)] {
        let found = stdout(run_over(&mut here(&["detect", "--offsets", unit]), text.as_bytes()), 0);
        let found: Value = serde_json::from_str(&found).expect("JSON");
        assert_eq!(found["findings"][0]["start"], start);
        assert_eq!(found["findings"][0]["end"], start + 21);
    }
}

#[test]
fn answers_keep_the_order_of_lines_on_any_number_of_threads() {
    let mut lines = String::new();
    for n in 0..20_000 {
        let padding = "x ".repeat(n % 97);
        lines.push_str(&format!("{{\"text\":\"{padding}mara.lind@example.org\"}}\n"));
    }
    let answer = |threads: &str| {
        stdout(run_over(&mut here(&["detect", "--jsonl", "--threads", threads]), lines.as_bytes()), 0)
    };
    let one = answer("1");
    assert_eq!(one.lines().count(), 20_000);
    for (n, line) in one.lines().enumerate() {
        let start = format!("\"start\":{},", (n % 97) * 2);
        assert!(line.contains(&start), "line {n}: {line}");
    }
    assert_eq!(answer("3"), one);
}

#[test]
fn whoever_waits_for_an_answer_gets_it() {
    use std::io::{BufRead, BufReader, Write};
    for threads in ["1", "2"] {
        let mut command = here(&["detect", "--jsonl", "--threads", threads]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary is built");
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        for _ in 0..3 {
            stdin.write_all(b"{\"text\":\"nothing\"}\n").expect("it listens");
            let answer = answers.next().expect("an answer").expect("it is text");
            assert_eq!(answer, "{\"findings\":[]}");
        }
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let lines = "{\"text\":\"mara.lind@example.org\"}\n".repeat(50_000);
    let mut command = here(&["detect", "--jsonl"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary is built");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("it is piped");
    // It fails once the command has seen that nobody reads.
    let _ = std::io::Write::write_all(&mut stdin, lines.as_bytes());
    drop(stdin);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}
