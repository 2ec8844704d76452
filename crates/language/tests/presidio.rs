//! An analyzer beside the recognisers: what it finds, and what becomes of one that fails.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use data_encoding::BASE64;
use serde_json::{Value, json};
use tacita_detect::{Detector, Options, Overlaps, Reader, evaluation};
use tacita_language::presidio::{Address, Analyzer, Cause, Language, OTHER, Settings};

/// What a fake analyzer does with a request.
enum Reply {
    Json(Value),
    /// These bytes, and the connection ends.
    Raw(Vec<u8>),
    /// Nothing, for as long as the client waits.
    Never,
}

/// A request as it came.
struct Request {
    head: String,
    body: Value,
}

/// An analyzer that answers as a test wants.
struct Fake {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `answer` is asked for everything but the names of the types, which are `types`.
    fn start(types: &[&str], answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let types = json!(types);
        Self::raw(move |request| {
            if request.head.starts_with("GET /supportedentities?") {
                Reply::Json(types.clone())
            } else {
                answer(request)
            }
        })
    }

    fn raw(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, seen, stream) = (Arc::clone(&answer), Arc::clone(&seen), stream.unwrap());
                thread::spawn(move || reply(&stream, &*answer, &seen));
            }
        });
        Self { address, heads }
    }

    fn settings(&self) -> Settings {
        settings(&format!("http://{}", self.address))
    }

    fn connect(&self) -> Arc<Analyzer> {
        Arc::new(Analyzer::connect(self.settings()))
    }

    /// How many texts it was asked about.
    fn asked(&self) -> usize {
        self.heads.lock().unwrap().iter().filter(|head| head.starts_with("POST /analyze ")).count()
    }
}

fn reply(mut stream: &TcpStream, answer: &dyn Fn(&Request) -> Reply, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head
        .to_ascii_lowercase()
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    seen.lock().unwrap().push(head.clone());
    let request = Request { head, body: serde_json::from_slice(&body).unwrap_or(Value::Null) };
    // A client that has gone is none of the fake's business.
    let _ = match answer(&request) {
        Reply::Json(value) => stream.write_all(&http("200 OK", &value.to_string())),
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Never => reader.read(&mut [0]).map(drop),
    };
}

fn http(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn settings(url: &str) -> Settings {
    Settings {
        address: Address::parse(url, false).unwrap(),
        language: Language::default(),
        timeout: Duration::from_secs(20),
        at_once: Settings::AT_ONCE,
    }
}

/// What Presidio answers where `word` is `entity`, with this score.
fn knows(
    word: &'static str,
    entity: &'static str,
    score: f64,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| {
        let text = request.body["text"].as_str().unwrap();
        let found = text.match_indices(word).map(|(at, _)| {
            let start = text[..at].chars().count();
            let end = start + word.chars().count();
            json!({"analysis_explanation": null, "entity_type": entity, "start": start, "end": end, "score": score})
        });
        Reply::Json(found.collect())
    }
}

fn with(analyzer: &Arc<Analyzer>) -> Options {
    Options { readers: vec![Arc::clone(analyzer) as Arc<dyn Reader>], ..Options::default() }
}

/// What is found: the type, the text, the score in percent.
fn found(options: Options, text: &str) -> Vec<(String, String, u32)> {
    let detector = Detector::new(options).unwrap();
    let percent = |score: f32| (score * 100.0).round() as u32;
    let found = evaluation::find(&detector, text).into_iter();
    found.map(|found| entry(found.entity, &text[found.place], percent(found.score))).collect()
}

fn entry(entity: &str, text: &str, score: u32) -> (String, String, u32) {
    (entity.to_owned(), text.to_owned(), score)
}

const MAIL: &str = "mara.lind@example.org";

#[test]
fn its_findings_are_merged() {
    let text = "Zoë moored at quai 7, 😀 mara.lind@example.org";
    let fake = Fake::start(&["MOORING"], knows("quai 7", "MOORING", 0.85));
    let analyzer = fake.connect();
    let all = found(with(&analyzer), text);
    assert!(all.contains(&entry("MOORING", "quai 7", 85)), "{all:?}");
    assert!(all.iter().any(|(entity, value, _)| entity == "EMAIL_ADDRESS" && value == MAIL));
    assert_eq!((analyzer.account().read, analyzer.account().missed()), (1, 0));
    let only = Options { entities: Some(vec!["MOORING".to_owned()]), ..with(&analyzer) };
    assert_eq!(found(only, text), [entry("MOORING", "quai 7", 85)]);
}

#[test]
fn of_the_same_span_the_higher_score_stands() {
    let alone = found(Options::default(), MAIL)[0].2;
    for (score, expected) in [(1.0, 100), (0.51, alone)] {
        let analyzer = Fake::start(&["EMAIL_ADDRESS"], knows(MAIL, "EMAIL_ADDRESS", score)).connect();
        assert_eq!(found(with(&analyzer), MAIL), [entry("EMAIL_ADDRESS", MAIL, expected)]);
        let all = found(Options { overlaps: Overlaps::All, ..with(&analyzer) }, MAIL);
        let mails: Vec<_> = all.into_iter().filter(|(entity, ..)| entity == "EMAIL_ADDRESS").collect();
        assert_eq!(mails, [entry("EMAIL_ADDRESS", MAIL, expected)]);
    }
}

#[test]
fn a_type_that_it_did_not_name_is_found_all_the_same() {
    let fake = Fake::start(&["PERSON"], knows("quai 7", "Mooring place", 0.85));
    assert_eq!(found(with(&fake.connect()), "at quai 7"), [entry(OTHER, "quai 7", 85)]);
}

#[test]
fn no_text_is_sent_for_nothing() {
    let fake = Fake::start(&["MOORING"], knows("quai 7", "MOORING", 0.85));
    let analyzer = fake.connect();
    let only = |name: &str| Options { entities: Some(vec![name.to_owned()]), ..with(&analyzer) };
    assert_eq!(found(only("EMAIL_ADDRESS"), "at quai 7"), []);
    assert_eq!(found(only("MOORING"), " \n\t"), []);
    assert_eq!((fake.asked(), analyzer.account().missed()), (0, 0));
    assert_eq!(found(only("MOORING"), "at quai 7"), [entry("MOORING", "quai 7", 85)]);
}

#[test]
fn it_is_asked_as_presidio_is() {
    let fake = Fake::raw(|request| {
        if request.head.starts_with("GET") {
            assert!(request.head.starts_with("GET /a/supportedentities?language=de HTTP/1.1\r\n"));
            return Reply::Json(json!(["PERSON"]));
        }
        assert!(request.head.starts_with("POST /a/analyze HTTP/1.1\r\n"), "{}", request.head);
        assert_eq!(request.body, json!({"text": "Zoë \"😀\"", "language": "de"}));
        let head = request.head.to_ascii_lowercase();
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
        let authorized = request.head.contains(&format!("Basic {}\r\n", BASE64.encode(b"mara:hunter2")));
        Reply::Json(if authorized { json!([]) } else { Value::Null })
    });
    let url = format!("http://mara:hunter2@{}/a/", fake.address);
    let analyzer = Analyzer::connect(Settings { language: "de".parse().unwrap(), ..settings(&url) });
    assert_eq!(analyzer.read("Zoë \"😀\""), Some(Vec::new()));
    assert_eq!(analyzer.account().unanswered, None);
    assert!(!format!("{analyzer:?}").contains("hunter2"));
}

/// What an analyzer that does this with every text is missing for; detection goes on as without it.
fn missed(fake: &Fake, timeout: Duration) -> Cause {
    let analyzer = Arc::new(Analyzer::connect(Settings { timeout, ..fake.settings() }));
    assert_eq!(found(with(&analyzer), MAIL), found(Options::default(), MAIL));
    let account = analyzer.account();
    assert_eq!((account.read, account.missed()), (0, 1));
    *account.missed.keys().next().unwrap()
}

#[test]
fn an_analyzer_that_fails_changes_nothing() {
    let long = Duration::from_secs(20);
    let cases: [(Reply, Cause); 10] = [
        (Reply::Raw(Vec::new()), Cause::Broken),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[]".to_vec()), Cause::Broken),
        (Reply::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), Cause::Broken),
        (
            Reply::Raw(http("500 Internal Server Error", r#"{"error": "No text provided"}"#)),
            Cause::Status(500),
        ),
        (Reply::Raw(http("401 Unauthorized", "[]")), Cause::Status(401)),
        (Reply::Raw(http("200 OK", "{")), Cause::NotUnderstood),
        (Reply::Raw(http("200 OK", r#"{"error": "no"}"#)), Cause::NotUnderstood),
        (
            Reply::Json(json!([{"entity_type": "PERSON", "start": 0, "end": 22, "score": 0.85}])),
            Cause::NotUnderstood,
        ),
        (Reply::Raw(http("200 OK", &format!("[{}]", " ".repeat(17 << 20)))), Cause::TooLong),
        (
            Reply::Raw(format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "a".repeat(1 << 20)).into_bytes()),
            Cause::TooLong,
        ),
    ];
    for (i, (reply, cause)) in cases.into_iter().enumerate() {
        let reply = Mutex::new(Some(reply));
        let fake = Fake::start(&["PERSON"], move |_| reply.lock().unwrap().take().unwrap());
        assert_eq!(missed(&fake, long), cause, "case {i}");
    }
}

#[test]
fn one_that_does_not_answer_in_time_changes_nothing() {
    let fake = Fake::start(&["PERSON"], |_| Reply::Never);
    assert_eq!(missed(&fake, Duration::from_millis(300)), Cause::TimedOut);
    let trickling = Fake::start(&["PERSON"], |_| {
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: keep-alive\r\n\r\n[".to_vec())
    });
    // The connection ends behind the first byte.
    assert_eq!(missed(&trickling, Duration::from_secs(20)), Cause::Broken);
}

#[test]
fn one_that_is_gone_changes_nothing() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let analyzer = Arc::new(Analyzer::connect(settings(&format!("http://{gone}"))));
    assert_eq!(analyzer.account().unanswered, Some(Cause::NoConnection));
    assert_eq!(found(with(&analyzer), MAIL), found(Options::default(), MAIL));
    assert_eq!(analyzer.account().missed.into_iter().collect::<Vec<_>>(), [(Cause::NoConnection, 1)]);
}

#[test]
fn no_text_follows_a_redirect() {
    let elsewhere = Fake::start(&[], |_| Reply::Json(json!([])));
    let to = elsewhere.address;
    for status in ["302 Found", "307 Temporary Redirect"] {
        let fake = Fake::start(&["PERSON"], move |_| {
            let head =
                format!("HTTP/1.1 {status}\r\nLocation: http://{to}/analyze\r\nContent-Length: 0\r\n\r\n");
            Reply::Raw(head.into_bytes())
        });
        assert!(matches!(missed(&fake, Duration::from_secs(20)), Cause::Status(302 | 307)));
    }
    assert!(elsewhere.heads.lock().unwrap().is_empty());
}

#[test]
fn what_does_not_speak_tls_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        stream.write_all(&http("200 OK", "[]")).unwrap();
        // What was not read when it is closed would reset the connection, perhaps before the answer is read.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let analyzer = Analyzer::connect(settings(&format!("https://{plain}")));
    assert_eq!(analyzer.account().unanswered, Some(Cause::NotTrusted));
}

#[test]
fn after_failures_in_a_row_it_is_left_alone_for_a_while() {
    let fails = Arc::new(AtomicUsize::new(usize::MAX));
    let failing = Arc::clone(&fails);
    let fake = Fake::start(&["PERSON"], move |_| {
        if failing.load(Ordering::SeqCst) == 0 {
            return Reply::Json(json!([]));
        }
        failing.fetch_sub(1, Ordering::SeqCst);
        Reply::Raw(http("500 Internal Server Error", "{}"))
    });
    let seconds = Arc::new(AtomicU64::new(0));
    let time = Arc::clone(&seconds);
    let clock = Box::new(move || Duration::from_secs(time.load(Ordering::SeqCst)));
    let analyzer = Analyzer::connect_by(fake.settings(), clock);
    for _ in 0..12 {
        assert_eq!(analyzer.read(MAIL), None);
    }
    assert!(analyzer.is_left_alone());
    assert_eq!(fake.asked(), 5);
    assert_eq!(
        analyzer.account().to_string(),
        "12 of 12 windows of text (5 status 500, 7 not asked while it failed)"
    );
    // One is let through after half a minute; it fails too.
    seconds.store(30, Ordering::SeqCst);
    assert_eq!((analyzer.read(MAIL), analyzer.read(MAIL), fake.asked()), (None, None, 6));
    seconds.store(89, Ordering::SeqCst);
    assert_eq!((analyzer.read(MAIL), fake.asked()), (None, 6));
    // After another minute it is well again.
    fails.store(0, Ordering::SeqCst);
    seconds.store(90, Ordering::SeqCst);
    assert_eq!((analyzer.read(MAIL), analyzer.read(MAIL)), (Some(Vec::new()), Some(Vec::new())));
    assert!(!analyzer.is_left_alone());
    assert_eq!((analyzer.account().read, analyzer.account().missed()), (2, 15));
}

#[test]
fn many_threads_may_ask_at_once() {
    let fake = Fake::start(&["MOORING"], knows("quai 7", "MOORING", 0.85));
    let analyzer = fake.connect();
    let detector = Detector::new(with(&analyzer)).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let detector = &detector;
            scope.spawn(move || {
                for round in 0..5 {
                    let before = "\u{EB} ".repeat(thread * 5 + round);
                    let found = detector.detect(&format!("{before}quai 7"));
                    assert_eq!((found[0].start, found[0].end), (before.len(), before.len() + 6));
                }
            });
        }
    });
    assert_eq!((analyzer.account().read, fake.asked()), (40, 40));
}
