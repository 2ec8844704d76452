//! What sealing costs: `cargo run --release -p tacita-vault --example cost`. Beside each figure stands its ratio to AES-256-GCM of
//! the same value with a key that is ready and a nonce that is counted, by AWS-LC itself, measured in the same run.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures prints, and stops where something fails"
)]

use std::{
    hint::black_box,
    io::{Read, Write},
    num::NonZeroUsize,
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
    time::Instant,
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use tacita_corridor::{
    Basis, Decision, Denied, Gate, Ground, Journal, Operation, Passage, Policy, Refusal, Unrecorded,
};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, SubjectId, Timestamp, Trace,
};
use tacita_vault::{
    KeyCache, KeyKind, KeyName, Lookup, OrganisationKey, Place, SecureMemory, SubjectKey, harden,
    system_random,
};

#[derive(Clone)]
struct Open;

impl Policy for Open {
    async fn permit(&self, _: &Operation) -> Result<Decision, Denied> {
        Ok(Decision::default())
    }
}

impl Basis for Open {
    async fn ground(&self, _: &Operation) -> Result<Ground, Denied> {
        Ok(Ground { version: 1, basis: LawfulBasis::Contract, class: DataClass::Personal })
    }
}

impl Journal for Open {
    async fn refused(&self, _: &Refusal) -> Result<(), Unrecorded> {
        Ok(())
    }

    fn abandoned(&self, _: Refusal) {}
}

fn main() {
    let hardening = harden();
    let memory = SecureMemory::new();
    println!("memory of keys: {}; not done: {:?}", memory.protection(), hardening.problems);

    let random = &mut system_random;
    let organisation = OrganisationId::new(Timestamp::from_micros(1), [1; 10]);
    let name = |number: u64| {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.rotate_right(4).to_be_bytes());
        KeyName { organisation, subject: SubjectId::from_bytes(bytes), kind: KeyKind::Subject }
    };
    let key = OrganisationKey::generate(organisation, &memory, random);
    let subject = SubjectKey::generate(name(0), &memory, random);
    let passage = passage(organisation);
    let place = Place { organisation, table: "record", column: "payload", row: &[7; 16] };

    for size in [64, 1024] {
        let value = vec![0x61; size];
        let ready = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[1; 32]).unwrap());
        let mut counter = 0_u64;
        let bare = nanoseconds(201, 100, || {
            counter += 1;
            let mut nonce = [0; 12];
            nonce[4..].copy_from_slice(&counter.to_be_bytes());
            let mut value = value.clone();
            let nonce = Nonce::assume_unique_for_key(nonce);
            (ready.seal_in_place_separate_tag(nonce, Aad::from(&[0; 96]), &mut value), value)
        });
        println!("{size} bytes: bare AES-256-GCM {bare:.0} ns");
        let show =
            |what: &str, cost: f64| println!("  {what:<28}{cost:>8.0} ns  {:>5.1} x bare", cost / bare);
        let sealed = subject.seal(&place, &value, random).unwrap();
        show("seal", nanoseconds(201, 100, || subject.seal(&place, &value, random)));
        show("open", nanoseconds(201, 100, || subject.open(&passage, &place, &sealed)));
    }

    let show = |what: &str, cost: f64| println!("{what:<30}{cost:>8.0} ns");
    show("12 random bytes", nanoseconds(201, 100, || system_random(black_box(&mut [0; 12]))));
    show("audit reference", nanoseconds(201, 100, || subject.audit_reference(&[1; 16])));
    show("blind index", nanoseconds(201, 100, || key.blind_index("email", b"mara@example.org")));
    let wrapped = key.wrap_subject(&subject, random).unwrap();
    show("new subject key", nanoseconds(201, 100, || SubjectKey::generate(name(0), &memory, random)));
    show("wrap", nanoseconds(201, 100, || key.wrap_subject(&subject, random)));
    show("unwrap", nanoseconds(201, 100, || key.unwrap_subject(name(0), &wrapped, &memory)));
    let next = key.rotate(&memory, random);
    show("rewrap", nanoseconds(201, 100, || next.rewrap_subject(&key, name(0), &wrapped, random)));

    let cache = KeyCache::new(NonZeroUsize::new(65_536).unwrap());
    for number in 0..65_536 {
        if let Lookup::Absent(vacancy) = cache.get(name(number)) {
            cache.fill(&vacancy, SubjectKey::generate(name(number), &memory, random)).unwrap();
        }
    }
    println!("{} keys held; memory of keys: {}", cache.len(), memory.protection());
    for callers in [1_u64, 64] {
        let each = 200_000 / callers;
        let cost = nanoseconds(5, 1, || {
            thread::scope(|scope| {
                for caller in 0..callers {
                    let (cache, name) = (&cache, &name);
                    scope.spawn(move || {
                        for number in 0..each {
                            let number = (caller * 7919 + number * 104_729) % 65_536;
                            black_box(cache.get(name(number)));
                        }
                    });
                }
            });
        });
        show(&format!("look-up, {callers} callers"), cost / (each * callers) as f64);
    }

    let file = vec![0x61; 64 * 1024 * 1024];
    let mut sealed = Vec::with_capacity(file.len() + 100_000);
    let cost = nanoseconds(5, 1, || {
        sealed.clear();
        let mut writer = subject.seal_stream(&place, &mut sealed, random).unwrap();
        writer.write_all(&file).unwrap();
        writer.finish().unwrap();
    });
    println!("seal a file: {:.0} MB/s", file.len() as f64 * 1e3 / cost);
    let mut opened = Vec::with_capacity(file.len());
    let cost = nanoseconds(5, 1, || {
        opened.clear();
        subject.open_stream(&passage, &place, &sealed[..]).unwrap().read_to_end(&mut opened).unwrap();
    });
    println!("open a file: {:.0} MB/s", file.len() as f64 * 1e3 / cost);
}

/// The median of the rounds, per call. Many short ones are seldom interrupted, so that it holds on a busy machine too.
#[expect(clippy::disallowed_methods, reason = "this measures")]
fn nanoseconds<T>(rounds: usize, calls: usize, mut call: impl FnMut() -> T) -> f64 {
    let mut rounds = vec![0.0; rounds];
    for round in &mut rounds {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        *round = start.elapsed().as_nanos() as f64 / calls as f64;
    }
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn passage(organisation: OrganisationId) -> Passage {
    let at = Timestamp::from_micros(1);
    let operation = Operation {
        id: OperationId::new(at, [1; 10]),
        organisation,
        action: Action::RecordRead,
        purpose: "support".parse().unwrap(),
        subject: None,
        actor: Actor::System("cost"),
        trace: Trace::from_bytes([1; 16]).unwrap(),
        at,
    };
    let gate = Gate::new(Open, Open, Open);
    match pin!(gate.admit(operation)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(passage)) => passage,
        _ => unreachable!("the gate is open"),
    }
}
