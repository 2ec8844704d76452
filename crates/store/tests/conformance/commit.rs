//! An operation and its account reach the disk together, or nothing does and a refusal is there.

use std::{
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
};

use tacita_corridor::{Denied, Passage};
use tacita_domain::{Action, DataClass, RecordId};
use tacita_store::{Error, Place, purposes, records, subjects};
use tacita_vault::system_random;

use crate::{
    account::Account,
    conformance,
    house::{House, operation},
};

conformance! {
    work_and_account_are_there_together,
    an_operation_about_nobody_has_an_account,
    what_fails_leaves_a_refusal_alone,
    what_panics_leaves_a_refusal_and_its_neighbours_whole,
    what_nobody_waits_for_is_taken_back,
    a_refusal_is_recorded_whether_or_not_it_is_waited_for,
    what_is_admitted_and_dropped_is_recorded,
    a_session_leaves_counts_and_nothing_else,
    a_purpose_that_changed_meanwhile_carries_nothing,
    a_purpose_that_was_switched_off_meanwhile_carries_nothing,
    a_restriction_that_came_meanwhile_holds,
    what_serves_the_data_subject_goes_on_under_restriction,
    an_operation_is_done_once,
    whoever_stops_waits_for_what_was_given_up,
    what_is_too_much_for_one_transaction_is_written_in_several,
    two_hundred_at_once_are_all_there,
    a_batch_is_done_one_by_one,
    what_was_acknowledged_is_there_after_a_restart,
}

async fn work_and_account_are_there_together(house: House) {
    let (subject, key) = house.subject().await;
    let (record, operation) = house.keep(subject, &key).await;
    house.ended(operation, "done").await;
    let stored = house.store.look_up(house.organisation, move |tx| records::get(tx, record)).await.unwrap();
    assert_eq!(stored.subject, subject);
    let reader = house.passage(Action::RecordRead, subject).await;
    let opened = key
        .open(&reader, &records::sealed_at(house.organisation, &records::row(record, 1)), &stored.sealed)
        .unwrap();
    assert_eq!(opened.read(&reader), b"the boiler of Mara Lind");
}

async fn an_operation_about_nobody_has_an_account(house: House) {
    let passage = house.admit(Action::AuditRead, "support", None).await;
    let ((), committed) = house.store.commit(passage, None, |_| Ok(())).await.unwrap();
    house.ended(committed.operation(), "done").await;
}

async fn what_fails_leaves_a_refusal_alone(house: House) {
    let (subject, key) = house.subject().await;
    let passage = house.passage(Action::RecordCreate, subject).await;
    let (operation, stored) = (passage.operation().id, house.record(subject, &key));
    let failed: Result<((), _), _> = house
        .store
        .commit(passage, None, move |tx| {
            records::insert(tx, &stored)?;
            Err(Error::Busy)
        })
        .await;
    assert!(matches!(failed, Err(Error::Busy)));
    house.ended(operation, "failed").await;
    assert_eq!(house.records().await, 0);
}

async fn what_panics_leaves_a_refusal_and_its_neighbours_whole(house: House) {
    let (subject, key) = house.subject().await;
    type Act = Box<dyn FnMut(&mut tacita_store::Writing<'_>) -> Result<usize, Error> + Send>;
    let mut operations: Vec<(Passage, Option<String>, Act)> = Vec::new();
    for index in 0..20_usize {
        let stored = house.record(subject, &key);
        operations.push((
            house.passage(Action::RecordCreate, subject).await,
            None,
            Box::new(move |tx| {
                records::insert(tx, &stored)?;
                assert_ne!(index, 7, "a panic as it may happen");
                if index == 11 { Err(Error::NotFound) } else { Ok(index) }
            }),
        ));
    }
    let ids: Vec<_> = operations.iter().map(|(passage, ..)| passage.operation().id).collect();
    let mut commits = house.store.commits();
    for (passage, object, act) in operations {
        commits.add(passage, object, act).await;
    }
    let outcomes = commits.finish().await;
    for (index, (outcome, operation)) in outcomes.into_iter().zip(ids).enumerate() {
        match index {
            7 => assert!(matches!(outcome, Err(Error::Panicked))),
            11 => assert!(matches!(outcome, Err(Error::NotFound))),
            _ => assert_eq!(outcome.unwrap().0, index),
        }
        house.ended(operation, if index == 7 || index == 11 { "failed" } else { "done" }).await;
    }
    assert_eq!(house.records().await, 18);
    // Whoever writes is still there.
    house.keep(subject, &key).await;
}

async fn what_nobody_waits_for_is_taken_back(house: House) {
    let (subject, key) = house.subject().await;
    let passage = house.passage(Action::RecordCreate, subject).await;
    let (operation, stored) = (passage.operation().id, house.record(subject, &key));
    let (go, wait) = mpsc::channel::<()>();
    {
        let mut waiting = pin!(house.store.commit(passage, None, move |tx| {
            records::insert(tx, &stored)?;
            // Until whoever waited is gone.
            let _ = wait.recv();
            Ok(())
        }));
        assert!(matches!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    }
    drop(go);
    house.ends(operation, "abandoned").await;
    assert_eq!(house.records().await, 0);
}

async fn a_refusal_is_recorded_whether_or_not_it_is_waited_for(house: House) {
    let (subject, _) = house.subject().await;
    let passage = house.passage(Action::RecordRead, subject).await;
    let operation = passage.operation().id;
    {
        let mut waiting = pin!(house.store.commit(passage, None, |_| Err::<(), _>(Error::NotFound)));
        let mut context = Context::from_waker(Waker::noop());
        // As far as it comes by itself, but never to its end.
        for _ in 0..50 {
            if waiting.as_mut().poll(&mut context).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    for _ in 0..100_000 {
        if house.account(operation).await != Account::None {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(
        matches!(house.account(operation).await, Account::Whole(outcome) if outcome == "failed" || outcome == "abandoned")
    );
}

async fn what_is_admitted_and_dropped_is_recorded(house: House) {
    let (subject, _) = house.subject().await;
    let passage = house.passage(Action::RecordRead, subject).await;
    let operation = passage.operation().id;
    drop(passage);
    house.ends(operation, "abandoned").await;
}

async fn a_session_leaves_counts_and_nothing_else(house: House) {
    house.purpose("chat", DataClass::Session).await;
    let (subject, key) = house.subject().await;
    let (reference, entries) = (key.audit_reference(b"ledger").unwrap(), house.entries().await);
    let mut operations = Vec::new();
    for _ in 0..3 {
        let mut passage = house.admit(Action::RecordRead, "chat", Some(subject)).await;
        passage.found("EMAIL_ADDRESS", 2);
        operations.push(passage.operation().id);
        house.store.commit(passage, Some("record/1".to_owned()), |_| Ok(())).await.unwrap();
    }
    let passage = house.admit(Action::RecordRead, "chat", Some(subject)).await;
    operations.push(passage.operation().id);
    house.store.commit(passage, None, |_| Err::<(), _>(Error::NotFound)).await.unwrap_err();
    for operation in operations {
        assert_eq!(house.account(operation).await, Account::None);
    }
    assert_eq!(house.entries().await, entries);
    assert_eq!(house.references(reference).await, 0);
    assert_eq!(house.counts().await, [("done".to_owned(), 3), ("failed".to_owned(), 1)]);
}

async fn a_purpose_that_changed_meanwhile_carries_nothing(house: House) {
    let purpose = house.purpose("letters", DataClass::Personal).await;
    let (subject, key) = house.subject().await;
    let passage = house.admit(Action::RecordCreate, "letters", Some(subject)).await;
    house.set(&tacita_domain::Purpose { version: 2, ..purpose }).await;
    refused_as_too_late(&house, passage, house.record(subject, &key)).await;
}

async fn a_purpose_that_was_switched_off_meanwhile_carries_nothing(house: House) {
    let purpose = house.purpose("letters", DataClass::Personal).await;
    let (subject, key) = house.subject().await;
    let passage = house.admit(Action::RecordCreate, "letters", Some(subject)).await;
    house.set(&tacita_domain::Purpose { version: 2, enabled: false, ..purpose }).await;
    refused_as_too_late(&house, passage, house.record(subject, &key)).await;
}

async fn refused_as_too_late(house: &House, passage: Passage, stored: records::Stored) {
    let operation = passage.operation().id;
    let refused = house.store.commit(passage, None, move |tx| records::insert(tx, &stored)).await;
    assert!(matches!(refused, Err(Error::BasisChanged)), "{refused:?}");
    house.ended(operation, "basis-changed").await;
    assert_eq!(house.records().await, 0);
}

async fn a_restriction_that_came_meanwhile_holds(house: House) {
    let (subject, key) = house.subject().await;
    let passage = house.passage(Action::RecordCreate, subject).await;
    let (operation, stored) = (passage.operation().id, house.record(subject, &key));
    let restricted = stored.created;
    let restrict =
        move |tx: &mut tacita_store::Writing<'_>| subjects::restrict(tx, subject, Some(restricted));
    house.store.write_within(house.organisation, restrict).await.unwrap();
    let refused = house.store.commit(passage, None, move |tx| records::insert(tx, &stored)).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::Restricted))), "{refused:?}");
    house.ended(operation, "denied.restricted").await;
    assert_eq!(house.records().await, 0);
}

async fn what_serves_the_data_subject_goes_on_under_restriction(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let at = crate::house::now();
    let lift = house.passage(Action::RecordRestrict, subject).await;
    let set = move |tx: &mut tacita_store::Writing<'_>| subjects::restrict(tx, subject, Some(at));
    house.store.write_within(house.organisation, set).await.unwrap();
    house.store.commit(lift, None, move |tx| subjects::restrict(tx, subject, None)).await.unwrap();
    // The one that lifts and the one that comes after it may be of one group.
    let read = house.passage(Action::RecordRead, subject).await;
    house.store.commit(read, None, move |tx| records::get(tx, record).map(drop)).await.unwrap();
}

async fn an_operation_is_done_once(house: House) {
    let (subject, key) = house.subject().await;
    let (_, operation) = house.keep(subject, &key).await;
    let again = tacita_corridor::Operation {
        id: operation,
        ..crate::house::operation(house.organisation, Action::RecordCreate, "support", Some(subject))
    };
    let (passage, stored) = (house.admit_as(again).await, house.record(subject, &key));
    let refused = house.store.commit(passage, None, move |tx| records::insert(tx, &stored)).await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
    assert_eq!(house.records().await, 1);
    house.ended(operation, "done").await;
}

async fn two_hundred_at_once_are_all_there(house: House) {
    let (subject, key) = house.subject().await;
    let mut tasks = Vec::new();
    for _ in 0..200 {
        let (store, stored) = (house.store.clone(), house.record(subject, &key));
        let passage = house.passage(Action::RecordCreate, subject).await;
        tasks.push(tokio::spawn(async move {
            let record = stored.record;
            let ((), committed) =
                store.commit(passage, None, move |tx| records::insert(tx, &stored)).await.unwrap();
            (record, committed.operation())
        }));
    }
    for task in tasks {
        let (record, operation) = task.await.unwrap();
        house.ended(operation, "done").await;
        house.store.look_up(house.organisation, move |tx| records::get(tx, record)).await.unwrap();
    }
    assert_eq!(house.references(key.audit_reference(b"ledger").unwrap()).await, 200);
}

async fn a_batch_is_done_one_by_one(house: House) {
    let (subject, key) = house.subject().await;
    let mut operations = Vec::new();
    let mut twice: Option<RecordId> = None;
    // More than fit into one group; every hundredth tries to be the record before it.
    for index in 0..1200 {
        let mut stored = house.record(subject, &key);
        if index % 100 == 99 {
            stored.record = twice.unwrap();
        }
        twice = Some(stored.record);
        let act = move |tx: &mut tacita_store::Writing<'_>| records::insert(tx, &stored);
        operations.push((house.passage(Action::RecordCreate, subject).await, None, act));
    }
    let mut commits = house.store.commits();
    for (passage, object, act) in operations {
        commits.add(passage, object, act).await;
    }
    let outcomes = commits.finish().await;
    assert_eq!(outcomes.len(), 1200);
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(_) => assert_ne!(index % 100, 99),
            Err(error) => assert!(matches!(error, Error::Exists) && index % 100 == 99, "{index}: {error}"),
        }
    }
    assert_eq!(house.records().await, 1188);
    assert_eq!(house.entries().await, 1200);
}

async fn what_was_acknowledged_is_there_after_a_restart(house: House) {
    let (subject, key) = house.subject().await;
    let (record, operation) = house.keep(subject, &key).await;
    drop(key);
    let house = house.reopen().await;
    house.ended(operation, "done").await;
    let stored = house.store.look_up(house.organisation, move |tx| records::get(tx, record)).await.unwrap();
    let key = house.store.ring().subject(house.organisation, subject).await.unwrap();
    let passage = house.passage(Action::RecordRead, subject).await;
    let row = records::row(record, 1);
    let opened = key.open(&passage, &records::sealed_at(house.organisation, &row), &stored.sealed).unwrap();
    assert_eq!(opened.read(&passage), b"the boiler of Mara Lind");
    let purpose = "support".parse().unwrap();
    let purpose =
        house.store.look_up(house.organisation, move |tx| purposes::current(tx, &purpose)).await.unwrap();
    assert_eq!(purpose.unwrap().version, 1);
}

async fn whoever_stops_waits_for_what_was_given_up(house: House) {
    let (subject, _) = house.subject().await;
    let mut given_up = Vec::new();
    for _ in 0..50 {
        let passage = house.passage(Action::RecordRead, subject).await;
        given_up.push(passage.operation().id);
        drop(passage);
    }
    house.store.settle().await;
    for operation in given_up {
        house.ended(operation, "abandoned").await;
    }
    assert_eq!(house.store.unrecorded(), 0);
    // A second passage of the same operation leaves a second refusal, which can't be written.
    let operation = operation(house.organisation, Action::RecordRead, "support", Some(subject));
    for _ in 0..2 {
        drop(house.admit_as(operation.clone()).await);
    }
    house.store.settle().await;
    assert_eq!(house.store.unrecorded(), 1);
}

async fn what_is_too_much_for_one_transaction_is_written_in_several(house: House) {
    let (subject, key) = house.subject().await;
    let mut commits = house.store.commits();
    let long = vec![7; 3 << 20];
    for number in 0..20_u32 {
        let mut stored = house.record(subject, &key);
        let row = records::row(stored.record, 1);
        let place = records::sealed_at(house.organisation, &row);
        stored.sealed = key.seal(&place, &long, &mut system_random).unwrap();
        let passage = house.passage(Action::RecordCreate, subject).await;
        let act = move |tx: &mut tacita_store::Writing<'_>| {
            records::insert(tx, &stored)?;
            if number == 9 { Err(Error::NotFound) } else { Ok(number) }
        };
        commits.add(passage, None, act).await;
    }
    let outcomes = commits.finish().await;
    let done: Vec<_> = outcomes.into_iter().map(|outcome| outcome.ok().map(|(number, _)| number)).collect();
    assert_eq!(done, (0..20).map(|number| (number != 9).then_some(number)).collect::<Vec<_>>());
    assert_eq!(house.records().await, 19);
    if let Place::File { path, .. } = house.base.house() {
        // It never was as long as all of it.
        let log = std::fs::metadata(path.with_file_name("house-wal")).unwrap();
        assert!(log.len() < 40 << 20, "{}", log.len());
    }
}
