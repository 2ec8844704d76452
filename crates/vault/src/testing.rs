//! What the tests of several files need.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use tacita_corridor::{
    Basis, Decision, Denied, Gate, Ground, Journal, Operation, Passage, Policy, Refusal, Unrecorded,
};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, SubjectId, Timestamp, Trace,
};

use crate::{KeyKind, KeyName, Place, Random};

/// A gate that lets everything pass.
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

pub(crate) fn passage(organisation: OrganisationId) -> Passage {
    let at = Timestamp::from_micros(1);
    let operation = Operation {
        id: OperationId::new(at, [1; 10]),
        organisation,
        action: Action::RecordRead,
        purpose: "support".parse().unwrap(),
        subject: None,
        actor: Actor::System("test"),
        trace: Trace::from_bytes([1; 16]).unwrap(),
        at,
    };
    let gate = Gate::new(Open, Open, Open);
    match pin!(gate.admit(operation)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(passage)) => passage,
        _ => panic!("the gate is open"),
    }
}

pub(crate) fn organisation(number: u8) -> OrganisationId {
    OrganisationId::from_bytes([number; 16])
}

pub(crate) fn name(organisation: OrganisationId, subject: u32) -> KeyName {
    let mut bytes = [0x5b; 16];
    // The first bytes of an id are its time; the last are chance.
    bytes[12..].copy_from_slice(&subject.to_be_bytes());
    KeyName { organisation, subject: SubjectId::from_bytes(bytes), kind: KeyKind::Subject }
}

pub(crate) fn place(organisation: OrganisationId) -> Place<'static> {
    Place { organisation, table: "record", column: "payload", row: b"row 1" }
}

/// Chance that is the same each time, and never repeats itself.
pub(crate) fn chance(seed: u64) -> impl Random {
    let mut state = seed;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            // Steele, Lea, Flood 2014: SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 32) as u8;
        }
    }
}
