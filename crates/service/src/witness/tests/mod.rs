//! Witnesses against a whole service: a folder, and a server that speaks C2SP's tlog-witness as the specification has it.

mod restored;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

use tacita_corridor::Sensitive;
use tacita_detect::{Detector, Options};
use tacita_domain::{IdentityKind, OperationId};
use tacita_ledger::{
    checkpoint::{Checkpoint, Verifiers},
    merkle::{EMPTY_ROOT, Hash, TreeHead, verify_consistency},
    note::{Algorithm, Note, Signer},
    receipt::{self, Receipt},
    witness::monitoring_path,
};
use zeroize::Zeroizing;

use super::*;
use crate::{Deployment, Draft, LedgerSettings, Person, system_clock, trial};

/// A witness: of each log, by its origin, the checkpoint that it cosigned last.
struct Cosigning {
    url: String,
    state: Arc<Mutex<State>>,
    verifier: VerifierKey,
}

struct State {
    signer: Signer,
    logs: BTreeMap<String, (TreeHead, String)>,
    /// Whether it shows nobody what it knows.
    is_silent: bool,
    /// What it answers instead, where it is broken.
    broken: Option<(u16, String)>,
    asked: Vec<String>,
}

impl Cosigning {
    fn start() -> Self {
        let signer =
            Signer::from_seed("witness.example/w1", Algorithm::MlDsa44, &Zeroizing::new([3; 32])).unwrap();
        let verifier = signer.verifier().clone();
        let state =
            State { signer, logs: BTreeMap::new(), is_silent: false, broken: None, asked: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prefix", listener.local_addr().unwrap());
        let shared = Arc::clone(&state);
        // It ends with the tests.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&connection, &state));
            }
        });
        Self { url, state, verifier }
    }

    fn settings(&self) -> WitnessSettings {
        WitnessSettings::Cosigner {
            url: self.url.clone(),
            key: Some(self.verifier.to_string()),
            plaintext: false,
            timeout: Duration::from_secs(10),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }

    fn size(&self) -> u64 {
        self.with(|state| state.logs.values().next().map_or(0, |(head, _)| head.size))
    }
}

fn serve(mut connection: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(connection);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, answer) = answer(&mut state.lock().unwrap(), &head, &String::from_utf8(body).unwrap());
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
        if connection.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// What the specification has a witness answer. It believes whoever signs: whose keys are whose is not what is tested.
fn answer(state: &mut State, head: &str, body: &str) -> (u16, String) {
    state.asked.push(body.to_owned());
    if let Some(broken) = &state.broken {
        return broken.clone();
    }
    let path = head.split(' ').nth(1).unwrap();
    if head.starts_with("GET ") {
        if state.is_silent {
            return (404, String::new());
        }
        let found =
            state.logs.iter().find(|(origin, _)| path == format!("/prefix/{}", monitoring_path(origin)));
        return found.map_or((404, String::new()), |(_, (_, note))| (200, note.clone()));
    }
    assert_eq!(path, "/prefix/add-checkpoint");
    let (lines, note) = body.split_once("\n\n").unwrap();
    let note = Note::parse(note.as_bytes()).unwrap();
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    let mut lines = lines.lines();
    let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
    let proof: Vec<_> = lines.map(|line| Hash::from_base64(line).unwrap()).collect();
    let empty = TreeHead { size: 0, root: EMPTY_ROOT };
    let known = state.logs.get(checkpoint.origin()).map_or(empty, |(head, _)| *head);
    if old > checkpoint.head().size {
        return (400, String::new());
    }
    // Other entries of the same number are a conflict, too.
    if old != known.size || old > 0 && known.size == checkpoint.head().size && known != *checkpoint.head() {
        return (409, format!("{}\n", known.size));
    }
    let is_good = match old {
        0 => proof.is_empty(),
        _ => verify_consistency(&known, checkpoint.head(), &proof).is_ok(),
    };
    if !is_good {
        return (422, String::new());
    }
    let cosignature = state.signer.sign(note.text(), 1_795_860_000).unwrap();
    let mut cosigned = note;
    cosigned.add(cosignature.clone());
    state.logs.insert(checkpoint.origin().to_owned(), (*checkpoint.head(), cosigned.to_string()));
    (200, format!("{cosignature}\n"))
}

/// A deployment in a folder, and its witnesses.
fn open_with(data: &Path, witnesses: &[WitnessSettings]) -> Service {
    let ledger = LedgerSettings { witnesses: witnesses.to_vec(), ..LedgerSettings::default() };
    let deployment = Deployment { ledger, ..Deployment::in_folder(data.to_owned()) };
    deployment.open(Arc::new(Detector::new(Options::default()).unwrap()), system_clock).unwrap()
}

async fn founded(service: &Service) -> OrganisationId {
    let organisation = service.found_organisation("First").await.unwrap().organisation;
    trial::give_purpose(service, organisation).await;
    organisation
}

/// Keeps so many records, and says by which operation the last.
async fn keep(service: &Service, organisation: OrganisationId, count: usize) -> OperationId {
    let caller = trial::owner(service, organisation);
    let mut last = None;
    for _ in 0..count {
        let draft = Draft {
            person: Person::Known(IdentityKind::Email, Zeroizing::new("mara.lind@example.org".to_owned())),
            related: Vec::new(),
            kind: "ticket".parse().unwrap(),
            purpose: "support".parse().unwrap(),
            payload: Sensitive::new(b"{}".to_vec()),
        };
        last = Some(service.create_record(&caller, draft).await.unwrap().operation);
    }
    last.unwrap()
}

fn run<F: Future<Output = ()>>(case: impl FnOnce(PathBuf) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(case(folder.path().to_owned()));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// What a database of two copies is shown to, and where it lies.
struct Copies {
    here: PathBuf,
    witness: Cosigning,
    settings: [WitnessSettings; 1],
}

impl Copies {
    fn new(folder: &Path, is_folder: bool) -> Self {
        let here = folder.join(if is_folder { "folder" } else { "server" });
        let witness = Cosigning::start();
        let settings =
            if is_folder { WitnessSettings::Folder(here.join("elsewhere")) } else { witness.settings() };
        Self { here, witness, settings: [settings] }
    }

    fn open(&self, name: &str) -> Service {
        open_with(&self.here.join(name), &self.settings)
    }

    fn copy(&self, from: &str, to: &str) {
        copy(&self.here.join(from), &self.here.join(to));
    }

    /// Opens a database, keeps so many records, signs and shows them.
    async fn signed(&self, name: &str, organisation: OrganisationId, count: usize) -> Service {
        let service = self.open(name);
        signed(&service, organisation, count).await;
        service
    }
}

/// Keeps so many records, signs and shows them.
async fn signed(service: &Service, organisation: OrganisationId, count: usize) {
    keep(service, organisation, count).await;
    service.integrate(organisation).await.unwrap();
    service.publish(organisation).await.unwrap();
}

#[test]
fn a_witness_cosigns_and_receipts_carry_it() {
    run(|folder| async move {
        let witness = Cosigning::start();
        let service = open_with(&folder.join("data"), &[witness.settings()]);
        let organisation = founded(&service).await;
        let operation = keep(&service, organisation, 300).await;
        service.integrate(organisation).await.unwrap();
        assert_eq!(service.publish(organisation).await.unwrap(), []);
        assert_eq!(witness.size(), 300);
        // The next one is proven to continue it.
        keep(&service, organisation, 5).await;
        service.integrate(organisation).await.unwrap();
        assert_eq!(service.publish(organisation).await.unwrap(), []);
        assert_eq!(witness.size(), 305);
        assert!(witness.with(|state| state.asked.last().unwrap().starts_with("old 300\n")));

        let keys = service.ledger_keys(organisation).await.unwrap();
        let keys: Vec<VerifierKey> = keys.lines().map(|key| key.parse().unwrap()).collect();
        let origin = keys[0].name().to_owned();
        let believed = Verifiers::new(&origin, keys).unwrap().with_witnesses(vec![witness.verifier.clone()]);
        let receipt = service.receipt(organisation, operation).await.unwrap();
        let receipt = Receipt::parse(receipt.as_bytes()).unwrap();
        let verified = receipt::verify(&receipt, &believed).unwrap();
        assert_eq!(verified.signed.len(), 3);
        assert_eq!(verified.signed[2].time, Some(1_795_860_000));
        assert!(service.checkpoint(organisation).await.unwrap().contains("— witness.example/w1 "));

        let [state] = &service.witnesses(organisation).await.unwrap()[..] else { panic!("one witness") };
        assert_eq!((state.size, state.failures, &*state.witness), (305, 0, &*witness.url));
        let (known, unknown) = service.remembered(organisation).await.unwrap();
        assert!(known[0].1.contains("\n305\n") && unknown.is_empty());
    });
}

#[test]
fn a_folder_has_the_newest_checkpoint_and_all_that_were_published() {
    run(|folder| async move {
        let place = folder.join("elsewhere");
        let service = open_with(&folder.join("data"), &[WitnessSettings::Folder(place.clone())]);
        let organisation = founded(&service).await;
        for size in [3, 4] {
            keep(&service, organisation, if size == 3 { 3 } else { 1 }).await;
            service.integrate(organisation).await.unwrap();
            service.publish(organisation).await.unwrap();
            service.publish(organisation).await.unwrap();
        }
        let place = place.join(organisation.to_string());
        let note = std::fs::read_to_string(place.join("checkpoint")).unwrap();
        assert_eq!(note, service.checkpoint(organisation).await.unwrap());
        let history = std::fs::read_to_string(place.join("history.jsonl")).unwrap();
        let sizes: Vec<_> = history
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["size"].as_u64())
            .collect();
        assert_eq!(sizes, [Some(3), Some(4)]);
    });
}

#[test]
fn an_old_database_put_back_is_refused_before_anything_is_signed() {
    run(|folder| async move {
        for is_folder in [true, false] {
            let here = folder.join(if is_folder { "folder" } else { "server" });
            let (data, backup) = (here.join("data"), here.join("backup"));
            let witness = Cosigning::start();
            let settings =
                if is_folder { WitnessSettings::Folder(here.join("elsewhere")) } else { witness.settings() };
            let settings = [settings];
            let organisation = {
                let service = open_with(&data, &settings);
                let organisation = founded(&service).await;
                keep(&service, organisation, 3).await;
                service.integrate(organisation).await.unwrap();
                service.publish(organisation).await.unwrap();
                organisation
            };
            copy(&data, &backup);
            {
                let service = open_with(&data, &settings);
                assert!(service.confirm_all().await.unwrap().is_empty());
                keep(&service, organisation, 4).await;
                service.integrate(organisation).await.unwrap();
                service.publish(organisation).await.unwrap();
            }
            let service = open_with(&backup, &settings);
            let refused = service.confirm_all().await.unwrap();
            assert!(refused.iter().any(|(whose, _)| *whose == organisation));
            let before = service.checkpoint(organisation).await.unwrap();
            keep(&service, organisation, 1).await;
            let refused = service.integrate(organisation).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Witness(WitnessError::Behind { known: 7, ours: 3, .. })),
                "{refused}"
            );
            let said = refused.to_string();
            assert!(said.contains("knows 7 entries") && said.contains("this database has 3"), "{said}");
            assert_eq!(service.checkpoint(organisation).await.unwrap(), before);
            drop(service);

            // Without its witness it went on, as far as the other and further: now it is another history.
            {
                let service = open_with(&backup, &[]);
                keep(&service, organisation, 6).await;
                service.integrate(organisation).await.unwrap();
            }
            let service = open_with(&backup, &settings);
            keep(&service, organisation, 1).await;
            let refused = service.integrate(organisation).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Witness(WitnessError::Forked { known: 7, ours: 10, .. })),
                "{refused}"
            );
        }
    });
}

#[test]
fn an_old_database_without_entries_is_refused_too() {
    run(|folder| async move {
        let witness = Cosigning::start();
        let (data, backup) = (folder.join("data"), folder.join("backup"));
        let organisation = founded(&open_with(&data, &[])).await;
        copy(&data, &backup);
        let service = open_with(&data, &[witness.settings()]);
        keep(&service, organisation, 2).await;
        service.integrate(organisation).await.unwrap();
        service.publish(organisation).await.unwrap();
        let service = open_with(&backup, &[witness.settings()]);
        keep(&service, organisation, 1).await;
        let refused = service.integrate(organisation).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Witness(WitnessError::Behind { known: 2, ours: 0, .. })),
            "{refused}"
        );
        assert!(matches!(service.checkpoint(organisation).await, Err(Error::NotFound)));
    });
}

#[test]
fn a_witness_that_fails_keeps_nobody_from_signing_and_is_tried_again() {
    run(|folder| async move {
        let witness = Cosigning::start();
        let service = open_with(&folder.join("data"), &[witness.settings()]);
        let organisation = founded(&service).await;
        keep(&service, organisation, 2).await;
        service.integrate(organisation).await.unwrap();
        for (status, answer, said) in [
            (500, "", "status 500"),
            (200, "<html>\n", "no signature"),
            (200, "", "no cosignature"),
            (409, "many\n", "409"),
            (403, "", "does not know the keys"),
            (404, "", "does not know the log"),
        ] {
            witness.with(|state| state.broken = Some((status, answer.to_owned())));
            let failed = service.publish(organisation).await.unwrap();
            assert!(failed[0].1.contains(said), "{failed:?}");
            keep(&service, organisation, 1).await;
            assert_eq!(service.integrate(organisation).await.unwrap(), 1);
        }
        let [account] = &service.witness_accounts()[..] else { panic!("one witness") };
        assert_eq!((account.failed, account.waiting), (6, 1));
        let [state] = &service.witnesses(organisation).await.unwrap()[..] else { panic!("one witness") };
        assert_eq!(state.failures, 6);
        assert!(state.trouble.as_ref().unwrap().contains("does not know the log"));

        witness.with(|state| state.broken = None);
        assert_eq!(service.publish(organisation).await.unwrap(), []);
        assert_eq!(witness.size(), 8);
        assert_eq!(service.witness_accounts()[0].waiting, 0);
        assert_eq!(service.witnesses(organisation).await.unwrap()[0].trouble, None);
    });
}

#[test]
fn nothing_is_signed_until_a_witness_has_said_what_it_knows() {
    run(|folder| async move {
        let witness = Cosigning::start();
        let data = folder.join("data");
        let organisation = {
            let service = open_with(&data, &[witness.settings()]);
            let organisation = founded(&service).await;
            keep(&service, organisation, 2).await;
            service.integrate(organisation).await.unwrap();
            organisation
        };
        witness.with(|state| state.broken = Some((503, String::new())));
        let service = open_with(&data, &[witness.settings()]);
        keep(&service, organisation, 1).await;
        let refused = service.integrate(organisation).await.unwrap_err();
        assert!(matches!(&refused, Error::Witness(WitnessError::Unasked { .. })), "{refused}");
        // It is not asked again at once.
        let asked = witness.with(|state| state.asked.len());
        assert!(service.integrate(organisation).await.is_err());
        assert_eq!(witness.with(|state| state.asked.len()), asked);
        // One that answers and knows nothing is none, and is shown nothing that it would know the next time.
        let other = WitnessSettings::Folder(folder.join("elsewhere"));
        for _ in 0..2 {
            let service = open_with(&data, &[witness.settings(), other.clone()]);
            let refused = service.integrate(organisation).await.unwrap_err();
            assert!(matches!(&refused, Error::Witness(WitnessError::Unasked { .. })), "{refused}");
            assert!(!folder.join("elsewhere").exists());
        }
        // One that knows the log is enough.
        let both = [witness.settings(), other];
        witness.with(|state| state.broken = None);
        let service = open_with(&data, &both);
        assert_eq!(service.integrate(organisation).await.unwrap(), 1);
        service.publish(organisation).await.unwrap();
        witness.with(|state| state.broken = Some((503, String::new())));
        let service = open_with(&data, &both);
        keep(&service, organisation, 1).await;
        assert_eq!(service.integrate(organisation).await.unwrap(), 1);
    });
}

#[test]
fn what_is_signed_is_shown_by_itself() {
    run(|folder| async move {
        let witness = Cosigning::start();
        let service = open_with(&folder.join("data"), &[witness.settings()]);
        let organisation = founded(&service).await;
        keep(&service, organisation, 2).await;
        let is_shown = async {
            service.integrate(organisation).await.unwrap();
            while witness.size() < 2 {
                tokio::task::yield_now().await;
            }
        };
        let unexpected = |whose: OrganisationId, name: &str, why: &str| panic!("{whose}: {name}: {why}");
        let mut kept = std::pin::pin!(service.keep_witnesses(unexpected));
        let mut done = std::pin::pin!(is_shown);
        std::future::poll_fn(|cx| {
            assert!(kept.as_mut().poll(cx).is_pending());
            done.as_mut().poll(cx)
        })
        .await;
    });
}

#[test]
fn settings_that_can_not_be_meant_are_refused() {
    let cosigner = |url: &str, key: Option<&str>| {
        let settings = WitnessSettings::Cosigner {
            url: url.to_owned(),
            key: key.map(str::to_owned),
            plaintext: false,
            timeout: Duration::from_secs(1),
        };
        Witness::new(&settings).unwrap_err()
    };
    assert!(cosigner("http://witness.example.org", None).contains("https://"));
    assert!(cosigner("witness", None).contains("none of the form"));
    assert!(cosigner("https://w.example", Some("key")).starts_with("`key`: "));
    let log = Signer::from_seed("log", Algorithm::Ed25519, &Zeroizing::new([1; 32])).unwrap();
    assert!(cosigner("https://w.example", Some(&log.verifier().to_string())).contains("that of a log"));
}

#[test]
fn the_time_between_two_tries_doubles_up_to_ten_minutes() {
    let mut due = Due::new(Timestamp::from_micros(0));
    let mut seconds = Vec::new();
    for _ in 0..40 {
        due = due.failed(Timestamp::from_micros(0));
        seconds.push(due.from.micros() / 1_000_000);
    }
    assert_eq!(seconds[..10], [2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);
    assert_eq!(seconds[39], 600);
}

#[test]
fn a_folder_is_never_set_back() {
    run(|folder| async move {
        let copies = Copies::new(&folder, true);
        let organisation = founded(&copies.open("data")).await;
        let service = copies.signed("data", organisation, 3).await;
        let older = service.checkpoint(organisation).await.unwrap();
        signed(&service, organisation, 2).await;
        let newer = service.checkpoint(organisation).await.unwrap();
        let log = service.log(organisation).await.unwrap();
        // Another process has read what the folder knew before, and is slower.
        let (place, now) = (Folder::new(copies.here.join("elsewhere")), Timestamp::from_micros(1));
        place.publish(log.verifiers(), 0, 3, &older, now).unwrap();
        assert_eq!(place.known(log.verifiers()).unwrap().unwrap().0, newer);
        // What was published meanwhile was never compared with what it would publish.
        let failed = place.publish(log.verifiers(), 3, 9, &newer, now).unwrap_err();
        assert!(failed.contains("another process"), "{failed}");
    });
}

#[test]
fn a_log_that_was_contradicted_is_asked_for_again_after_a_minute() {
    use std::sync::atomic::{AtomicI64, Ordering};
    static LATER: AtomicI64 = AtomicI64::new(0);
    run(|folder| async move {
        let copies = Copies::new(&folder, false);
        let organisation = founded(&copies.open("data")).await;
        drop(copies.signed("data", organisation, 3).await);
        let service = Service {
            clock: || system_clock().after_seconds(LATER.load(Ordering::Relaxed)),
            ..copies.open("data")
        };
        copies.witness.with(|state| state.broken = Some((409, "9\n".to_owned())));
        let refused = service.confirm(organisation).await.unwrap_err();
        assert!(matches!(&refused, Error::Witness(WitnessError::Behind { known: 9, .. })), "{refused}");
        copies.witness.with(|state| state.broken = None);
        assert!(service.confirm(organisation).await.is_err());
        LATER.store(60, Ordering::Relaxed);
        service.confirm(organisation).await.unwrap();
    });
}

#[test]
fn a_witness_holds_one_thread_however_many_ask_it() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    run(|folder| async move {
        let copies = Copies::new(&folder, true);
        let service = copies.open("data");
        let asking = Arc::new(AtomicUsize::new(0));
        let ask = |_| {
            let asking = Arc::clone(&asking);
            service.witnesses.ask(0, move |_| {
                let others = asking.fetch_add(1, Ordering::SeqCst);
                // Whoever could ask at the same time would by now.
                (0..1000).for_each(|_| thread::yield_now());
                asking.fetch_sub(1, Ordering::SeqCst);
                Ok(others)
            })
        };
        let others = join_all((0..8).map(ask)).await;
        assert_eq!(others, vec![Ok(0); 8]);
    });
}
