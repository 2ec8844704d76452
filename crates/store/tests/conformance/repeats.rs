//! Requests that are sent again.

use tacita_domain::{Action, OperationId, Timestamp};
use tacita_store::{
    Error,
    repeats::{self, Claim, GIVEN_UP_SECONDS, KEY_SECONDS},
};

use crate::{
    accounts::sealed,
    conformance,
    house::{House, now},
};

conformance! {
    a_request_is_claimed_once_and_answered_alike,
    what_was_given_up_is_taken_over_and_what_was_carried_out_is_not,
    a_key_counts_for_a_day,
    the_work_says_that_it_was_done_or_nothing_is,
}

const MARK: [u8; 32] = [1; 32];
const REQUEST: [u8; 32] = [2; 32];
/// Whoever carries it out.
const CLAIM: [u8; 32] = [5; 32];

impl House {
    async fn claim_request(&self, request: [u8; 32], at: Timestamp) -> Claim {
        self.claim_as(CLAIM, request, at).await
    }

    async fn claim_as(&self, claim: [u8; 32], request: [u8; 32], at: Timestamp) -> Claim {
        self.write(move |tx| repeats::claim(tx, &MARK, &request, &claim, at)).await.unwrap()
    }

    fn new_operation(&self) -> OperationId {
        OperationId::new(now(), self.store.random())
    }
}

async fn a_request_is_claimed_once_and_answered_alike(house: House) {
    let at = now();
    assert!(matches!(house.claim_request(REQUEST, at).await, Claim::Ours));
    assert!(matches!(house.claim_request(REQUEST, at).await, Claim::Busy));
    assert!(matches!(house.claim_request([3; 32], at).await, Claim::Another));
    let operation = house.new_operation();
    house.write(move |tx| repeats::carry_out(tx, &CLAIM, operation)).await.unwrap();
    assert!(matches!(house.claim_request(REQUEST, at).await, Claim::Unanswered(known) if known == operation));
    let (subject, _) = house.subject().await;
    house.write(move |tx| repeats::answer(tx, &CLAIM, Some(subject), &sealed(4))).await.unwrap();
    match house.claim_request(REQUEST, at).await {
        Claim::Answered { subject: whose, answer } => assert_eq!((whose, answer), (Some(subject), sealed(4))),
        other => panic!("{other:?}"),
    }
}

async fn what_was_given_up_is_taken_over_and_what_was_carried_out_is_not(house: House) {
    let at = now();
    house.claim_request(REQUEST, at).await;
    let later = at.after_seconds(GIVEN_UP_SECONDS + 1);
    let other = [6; 32];
    assert!(matches!(house.claim_as(other, REQUEST, later).await, Claim::Ours), "whoever claimed it is gone");
    let operation = house.new_operation();
    let late = house.write(move |tx| repeats::carry_out(tx, &CLAIM, operation)).await;
    assert!(matches!(late, Err(Error::Changed)), "and is not, and comes too late: {late:?}");
    house.write(|tx| repeats::give_up(tx, &CLAIM)).await.unwrap();
    assert!(matches!(house.claim_request(REQUEST, later).await, Claim::Busy));
    house.write(move |tx| repeats::give_up(tx, &other)).await.unwrap();
    assert!(matches!(house.claim_request(REQUEST, later).await, Claim::Ours));
    let operation = house.new_operation();
    house.write(move |tx| repeats::carry_out(tx, &CLAIM, operation)).await.unwrap();
    house.write(|tx| repeats::give_up(tx, &CLAIM)).await.unwrap();
    let much_later = later.after_seconds(GIVEN_UP_SECONDS + 1);
    assert!(matches!(house.claim_request(REQUEST, much_later).await, Claim::Unanswered(_)));
}

async fn a_key_counts_for_a_day(house: House) {
    let at = now();
    house.claim_request(REQUEST, at).await;
    let operation = house.new_operation();
    house.write(move |tx| repeats::carry_out(tx, &CLAIM, operation)).await.unwrap();
    let day = at.after_seconds(KEY_SECONDS);
    assert!(matches!(house.claim_request(REQUEST, day).await, Claim::Unanswered(_)));
    let over = day.after_seconds(1);
    assert!(matches!(house.claim_request([3; 32], over).await, Claim::Ours), "it is free again");
    let sweep = |at| house.write(move |tx| repeats::sweep(tx, at));
    assert_eq!(sweep(over.after_seconds(KEY_SECONDS)).await.unwrap(), 0);
    assert_eq!(sweep(over.after_seconds(KEY_SECONDS + 1)).await.unwrap(), 1);
}

async fn the_work_says_that_it_was_done_or_nothing_is(house: House) {
    let (subject, key) = house.subject().await;
    let at = now();
    house.claim_request(REQUEST, at).await;
    let keep = async |house: &House| {
        let stored = house.record(subject, &key);
        let mut passage = house.passage(Action::RecordCreate, subject).await;
        passage.marked(Some(CLAIM));
        let operation = passage.operation().id;
        let insert = move |tx: &mut tacita_store::Writing<'_>| tacita_store::records::insert(tx, &stored);
        (operation, house.store.commit(passage, None, insert).await.map(drop))
    };
    let (operation, kept) = keep(&house).await;
    kept.unwrap();
    assert!(matches!(house.claim_request(REQUEST, at).await, Claim::Unanswered(known) if known == operation));
    // Whose claim is gone keeps nothing: another may have carried it out.
    house.claim_request([9; 32], at.after_seconds(KEY_SECONDS + 1)).await;
    house.write(|tx| repeats::give_up(tx, &CLAIM)).await.unwrap();
    let (_, kept) = keep(&house).await;
    assert!(matches!(kept, Err(Error::Changed)), "{kept:?}");
}
