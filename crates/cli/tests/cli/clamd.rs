//! A virus scanner beside the command.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use crate::{stdout, tacita};

/// Speaks as clamd does, and finds `VIRUS`; where it listens.
fn clamd() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("it connects");
            let mut command = [0; 10];
            stream.read_exact(&mut command).expect("a command comes");
            assert_eq!(&command, b"zINSTREAM\0");
            let mut file = Vec::new();
            loop {
                let mut length = [0; 4];
                stream.read_exact(&mut length).expect("a length comes");
                let start = file.len();
                file.resize(start + u32::from_be_bytes(length) as usize, 0);
                if start == file.len() {
                    break;
                }
                stream.read_exact(&mut file[start..]).expect("a chunk comes");
            }
            let infected = file.windows(5).any(|bytes| bytes == b"VIRUS");
            let answer: &[u8] = if infected { b"stream: Test-Signature FOUND\0" } else { b"stream: OK\0" };
            stream.write_all(answer).expect("it listens");
        }
    });
    address
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("case")).expect("it is writable");
    fs::write(folder.path().join("case/good.txt"), "mara.lind@example.org ".repeat(20_000))
        .expect("it is writable");
    fs::write(folder.path().join("case/bad.txt"), "jonas.berg@example.org VIRUS").expect("it is writable");
    folder
}

#[test]
fn an_infected_file_is_refused_and_recorded() {
    let folder = folder();
    let address = clamd();
    let scan =
        tacita(folder.path()).args(["scan", "case", "--format", "jsonl", "--clamd", &address]).output();
    let report = stdout(scan.expect("the binary is built"), 2);
    assert!(report.contains("refused: clamd finds Test-Signature in it"), "{report}");
    assert!(report.contains("good.txt") && !report.contains("j***g"), "{report}");
    let redact = tacita(folder.path()).args(["redact", "case", "-o", "clean", "--clamd", &address]).output();
    stdout(redact.expect("the binary is built"), 2);
    assert!(folder.path().join("clean/good.txt").exists() && !folder.path().join("clean/bad.txt").exists());
}

#[test]
fn without_an_answer_files_are_refused_or_read_as_told() {
    let folder = folder();
    let socket = format!("unix:{}", folder.path().join("clamd.ctl").display());
    let scan = |more: &[&str]| {
        let scan =
            tacita(folder.path()).args(["scan", "case", "--summary", "--clamd", &socket]).args(more).output();
        scan.expect("the binary is built")
    };
    let refused = scan(&[]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("does not answer"));
    stdout(refused, 2);
    let read = scan(&["--clamd-unreachable", "continue"]);
    assert!(String::from_utf8_lossy(&read.stderr).contains("2 files were read without the word of clamd"));
    stdout(read, 0);
    let review = tacita(folder.path())
        .args(["redact", "case", "--review", "review.json", "--clamd", &socket])
        .args(["--clamd-unreachable", "continue"])
        .output()
        .expect("the binary is built");
    assert!(String::from_utf8_lossy(&review.stderr).contains("2 files were read without the word of clamd"));
    stdout(review, 0);
}

/// It says that all is well before it has seen it.
#[cfg(unix)]
#[test]
fn an_answer_to_part_of_a_file_is_none() {
    use std::{net::Shutdown, os::unix::net::UnixListener};
    let folder = folder();
    let socket = folder.path().join("clamd.ctl");
    let listener = UnixListener::bind(&socket).expect("the folder is writable");
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("it connects");
            stream.read_exact(&mut [0; 10]).expect("a command comes");
            stream.write_all(b"stream: OK\0").expect("it listens");
            stream.shutdown(Shutdown::Read).expect("it is open");
            stream.shutdown(Shutdown::Write).expect("it is open");
            open.push(stream);
        }
    });
    let scan = tacita(folder.path())
        .args(["scan", "case/good.txt", "--format", "jsonl", "--clamd"])
        .arg(format!("unix:{}", socket.display()))
        .output();
    let report = stdout(scan.expect("the binary is built"), 2);
    assert!(report.contains("hung up before it had the whole file"), "{report}");
}

#[test]
fn another_machine_is_asked_only_when_that_is_said() {
    let folder = folder();
    let scan = tacita(folder.path()).args(["scan", "case", "--clamd", "192.0.2.7:3310"]).output();
    let output = scan.expect("the binary is built");
    assert!(String::from_utf8_lossy(&output.stderr).contains("whole files would go there unencrypted"));
    stdout(output, 2);
}
