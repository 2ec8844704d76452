//! A service to test with, in a folder of its own, whose clock stands until it is moved.

use std::{cell::Cell, path::Path, sync::Arc};

use tacita_corridor::Sensitive;
use tacita_detect::{Detector, Options};
use tacita_domain::{
    Actor, DataClass, IdentityKind, LawfulBasis, OrganisationId, Purpose, PurposeName, Role, Timestamp,
    TokenId,
};
use tacita_store::{policies, purposes};
use zeroize::Zeroizing;

use crate::{Caller, Deployment, Draft, Person, Service};

thread_local! {
    // Each test has a thread, and its service runs on it.
    static NOW: Cell<i64> = const { Cell::new(1_795_824_000_000_000) };
}

fn clock() -> Timestamp {
    NOW.set(NOW.get() + 1000);
    Timestamp::from_micros(NOW.get())
}

/// Lets time pass.
pub(crate) fn pass(seconds: i64) {
    NOW.set(NOW.get() + seconds * 1_000_000);
}

/// Runs a case over a service with one organisation that has the purpose `support`. Waiting costs no time.
pub(crate) fn run<F: Future<Output = ()>>(case: impl FnOnce(Service, Caller) -> F) {
    let data = tempfile::tempdir().unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (service, caller) = found(&data.path().join("data")).await;
        case(service, caller).await;
    });
}

async fn found(data: &Path) -> (Service, Caller) {
    let detector = Arc::new(Detector::new(Options::default()).unwrap());
    let service = Deployment::in_folder(data.to_owned()).open(detector, clock).unwrap();
    let organisation = service.found_organisation("First").await.unwrap().organisation;
    give_purpose(&service, organisation).await;
    let caller = owner(&service, organisation);
    (service, caller)
}

/// An owner of `organisation`.
pub(crate) fn owner(service: &Service, organisation: OrganisationId) -> Caller {
    let actor = Actor::Service(TokenId::from_bytes([7; 16]), Role::Owner);
    Caller::new(organisation, actor, service.new_trace())
}

/// Gives `organisation` the purpose `support`, without an account of that.
pub(crate) async fn give_purpose(service: &Service, organisation: OrganisationId) {
    let (basis, class) = (LawfulBasis::Contract, DataClass::Personal);
    let support = Purpose { name: purpose(), version: 1, basis, class, enabled: true };
    let at = service.now();
    service.store.write_within(organisation, move |tx| purposes::insert(tx, &support, at)).await.unwrap();
}

/// Sets an organisation's own policies as another process does, a second ago.
pub(crate) async fn set_elsewhere(service: &Service, caller: &Caller, version: u32, text: &str) {
    let set = policies::Set { version, since: service.now(), text: text.to_owned() };
    service.store.write_within(caller.organisation, move |tx| policies::insert(tx, &set)).await.unwrap();
    pass(1);
}

fn purpose() -> PurposeName {
    "support".parse().unwrap()
}

pub(crate) fn known(email: &str) -> Person {
    Person::Known(IdentityKind::Email, Zeroizing::new(email.to_owned()))
}

/// A record of somebody with this address.
pub(crate) fn draft(email: &str) -> Draft {
    Draft {
        person: known(email),
        related: Vec::new(),
        kind: "ticket".parse().unwrap(),
        purpose: purpose(),
        payload: Sensitive::new(b"{}".to_vec()),
    }
}
