//! Documents are read in other processes: the same is read, and what breaks there costs one file.
#![cfg(unix)]

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use tacita_documents::{Limits, ReadError, isolation::Readers, read};

const BINARY: &str = env!("CARGO_BIN_EXE_tacita");
const PEOPLE: &[u8] = b"name,email\nMara Lind,mara@example.org\n";

fn reader(memory: usize) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("read").arg(memory.to_string()).stderr(Stdio::null());
    command
}

/// Readers of which the first is this script, and the others are what they should be.
fn first(script: &'static str, limits: &Limits) -> Readers {
    let started = AtomicUsize::new(0);
    Readers::new(limits.clone(), move |memory| {
        if started.fetch_add(1, Ordering::Relaxed) > 0 {
            return reader(memory);
        }
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    })
}

/// What becomes of a file that the first process gets; the next file must be read.
fn first_fails(script: &'static str, limits: &Limits) -> ReadError {
    let readers = first(script, limits);
    let failed = readers.read("people.csv", PEOPLE).expect_err("its reader is none");
    let document = readers.read("people.csv", PEOPLE).expect("a new process reads it");
    assert!(document.text().contains("mara@example.org"));
    failed
}

#[test]
fn reads_what_is_read_in_this_process() {
    let limits = Limits::default();
    let readers = Readers::new(limits.clone(), reader);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    for file in fs::read_dir(samples).expect("the samples lie there") {
        let path = file.expect("it can be listed").path();
        let (name, bytes) = (path.to_string_lossy(), fs::read(&path).expect("it can be read"));
        match (read(&name, &bytes, &limits), readers.read(&name, &bytes)) {
            (Ok(here), Ok(there)) => {
                assert!(here.text() == there.text(), "{name}");
                assert_eq!(here.notes(), there.notes(), "{name}");
                for part in here.clip(0..here.text().len()) {
                    let places = [&here, &there].map(|document| document.locate(part.clone()));
                    assert_eq!(places[0], places[1], "{name}");
                }
                if here.can_rewrite() {
                    assert_eq!(here.rewrite(&[]), there.rewrite(&[]), "{name}");
                }
            }
            (here, there) => assert_eq!(here.err(), there.err(), "{name}"),
        }
    }
}

#[test]
fn a_process_that_ends_costs_its_file_alone() {
    let limits = Limits::default();
    assert_eq!(first_fails("printf '\\001'; exit 7", &limits), ReadError::Crashed(limits.memory));
}

#[test]
fn an_answer_that_is_none_is_not_used() {
    let limits = Limits::default();
    let junk = "printf '\\001\\010\\000\\000\\000\\000\\000\\000\\000junkjunk'; cat > /dev/null";
    assert_eq!(first_fails(junk, &limits), ReadError::Crashed(limits.memory));
    let endless = "printf '\\001'; yes";
    assert_eq!(first_fails(endless, &limits), ReadError::Crashed(limits.memory));
}

#[test]
fn a_process_that_never_answers_is_ended() {
    let limits = Limits { time: Duration::from_millis(100), ..Limits::default() };
    assert_eq!(
        first_fails("printf '\\001'; cat > /dev/null; exec tail -f /dev/null", &limits),
        ReadError::TooSlow(limits.time)
    );
}

#[test]
fn a_program_that_is_no_reader_is_said() {
    let error = Readers::new(Limits::default(), |_| Command::new("/nonexistent")).read("a.txt", b"x");
    assert!(matches!(error.expect_err("it can't start"), ReadError::NoReader(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_limited() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b'0'; 80 << 20]).expect("it is written to memory");
    let bomb = bomb.finish().expect("it is written to memory");
    let limits = Limits { memory: 64 << 20, ratio: usize::MAX, ..Limits::default() };
    let readers = Readers::new(limits, reader);
    let error = readers.read("bomb.gz", &bomb).expect_err("it needs more");
    assert_eq!(
        error.to_string(),
        "its reader ended on it: it took more than its 64 MB of memory, or has a fault"
    );
    assert!(readers.read("people.csv", PEOPLE).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_is_confined_before_it_reads() {
    let mut child =
        reader(512 << 20).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary is built");
    let mut ready = [0];
    child.stdout.as_mut().expect("it is piped").read_exact(&mut ready).expect("it is ready");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.contains(line), "{line} is missing in {status}");
    }
    // It ends when nobody asks any more.
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
}
