//! Records and what hangs on them.

use tacita_domain::{Action, RecordId, SubjectId};
use tacita_store::{Error, Reading, Writing, records};
use tacita_vault::{Sealed, SubjectKey, system_random};

use crate::{
    conformance,
    house::{House, found, now, record_of, subject_of},
};

conformance! {
    what_is_kept_is_read_as_it_was,
    a_record_is_kept_once,
    a_record_needs_its_data_subject,
    pages_are_in_order_and_complete,
    a_correction_keeps_what_was_said,
    a_correction_of_something_else_is_refused,
    a_restriction_is_set_and_lifted,
    others_are_related_once,
    what_is_deleted_is_gone_with_all_that_hangs_on_it,
    what_is_not_there_is_not_found,
    another_organisation_sees_nothing,
}

impl House {
    /// Does something to records, for a data subject.
    async fn act<T: Send + 'static>(
        &self,
        subject: SubjectId,
        act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let passage = self.passage(Action::RecordRectify, subject).await;
        self.store.commit(passage, None, act).await.map(|(done, _)| done)
    }

    async fn see<T: Send + 'static>(
        &self,
        ask: impl FnMut(&mut Reading<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.look_up(self.organisation, ask).await
    }

    fn said(&self, key: &SubjectKey, record: RecordId, version: u32, text: &[u8]) -> Sealed {
        let row = records::row(record, version);
        key.seal(&records::sealed_at(self.organisation, &row), text, &mut system_random).unwrap()
    }
}

async fn what_is_kept_is_read_as_it_was(house: House) {
    let (subject, key) = house.subject().await;
    let stored = house.record(subject, &key);
    let (record, sealed, created) = (stored.record, stored.sealed.clone(), stored.created);
    house.act(subject, move |tx| records::insert(tx, &stored)).await.unwrap();
    let passage = house.passage(Action::RecordRead, subject).await;
    let found = house.store.read(&passage, move |tx| records::get(tx, record)).await.unwrap();
    assert_eq!((found.record, found.subject, found.version), (record, subject, 1));
    assert_eq!((found.kind.as_str(), found.purpose.as_str()), ("ticket", "support"));
    assert_eq!((found.created, found.changed, found.restricted), (created, created, None));
    assert_eq!(found.sealed, sealed);
}

async fn a_record_is_kept_once(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let mut again = house.record(subject, &key);
    again.record = record;
    let refused = house.act(subject, move |tx| records::insert(tx, &again)).await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
}

async fn a_record_needs_its_data_subject(house: House) {
    let (subject, key) = house.subject().await;
    let mut stored = house.record(subject, &key);
    stored.subject = SubjectId::new(now(), house.store.random());
    let refused = house.act(subject, move |tx| records::insert(tx, &stored)).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    assert_eq!(house.records().await, 0);
}

async fn pages_are_in_order_and_complete(house: House) {
    let ((subject, key), (other, other_key)) = (house.subject().await, house.subject().await);
    let mut kept = Vec::new();
    for _ in 0..7 {
        kept.push(house.keep(subject, &key).await.0);
        house.keep(other, &other_key).await;
    }
    kept.sort();
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = house.see(move |tx| records::list(tx, subject, after, 3)).await.unwrap();
        let (page, more) = (page.rows, page.more);
        pages += 1;
        seen.extend(page.iter().map(|stored| stored.record));
        assert!(page.iter().all(|stored| stored.subject == subject));
        match page.last() {
            Some(last) if more => after = Some(last.record),
            _ => break,
        }
    }
    assert_eq!((seen, pages), (kept, 3));
    assert!(house.see(move |tx| records::list(tx, subject, None, 0)).await.unwrap().rows.is_empty());
}

async fn a_correction_keeps_what_was_said(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let mut last = now();
    for version in 2..=4 {
        last = now();
        let (sealed, at) = (house.said(&key, record, version, format!("version {version}").as_bytes()), last);
        house.act(subject, move |tx| records::rectify(tx, record, version - 1, &sealed, at)).await.unwrap();
    }
    let found = house.see(move |tx| records::get(tx, record)).await.unwrap();
    assert_eq!((found.version, found.changed), (4, last));
    let earlier = house.see(move |tx| records::versions(tx, record, 0)).await.unwrap().rows;
    assert_eq!(earlier.iter().map(|earlier| earlier.version).collect::<Vec<_>>(), [1, 2, 3]);
    let passage = house.passage(Action::RecordRead, subject).await;
    let open = |version, sealed| {
        let row = records::row(record, version);
        key.open(&passage, &records::sealed_at(house.organisation, &row), sealed)
    };
    assert_eq!(open(4, &found.sealed).unwrap().read(&passage), b"version 4");
    assert_eq!(open(1, &earlier[0].sealed).unwrap().read(&passage), b"the boiler of Mara Lind");
    assert_eq!(open(2, &earlier[1].sealed).unwrap().read(&passage), b"version 2");
    // What was said in one version does not open as another.
    assert!(open(4, &earlier[2].sealed).is_err());
}

async fn a_correction_of_something_else_is_refused(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    for from in [0, 2, 7] {
        let sealed = house.said(&key, record, from + 1, b"too late");
        let refused = house.act(subject, move |tx| records::rectify(tx, record, from, &sealed, now())).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    assert_eq!(house.see(move |tx| records::get(tx, record)).await.unwrap().version, 1);
    assert!(house.see(move |tx| records::versions(tx, record, 0)).await.unwrap().rows.is_empty());
}

async fn a_restriction_is_set_and_lifted(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let since = now();
    for restricted in [Some(since), None] {
        house.act(subject, move |tx| records::restrict(tx, record, restricted)).await.unwrap();
        assert_eq!(house.see(move |tx| records::get(tx, record)).await.unwrap().restricted, restricted);
    }
}

async fn others_are_related_once(house: House) {
    let ((subject, key), (one, _), (two, _)) =
        (house.subject().await, house.subject().await, house.subject().await);
    let (record, _) = house.keep(subject, &key).await;
    for other in [two, one, two] {
        house.act(subject, move |tx| records::relate(tx, record, other)).await.unwrap();
    }
    let mut expected = [one, two];
    expected.sort();
    assert_eq!(house.see(move |tx| records::related(tx, record)).await.unwrap(), expected);
    let (nobody, nothing) =
        (SubjectId::new(now(), house.store.random()), RecordId::new(now(), house.store.random()));
    for (record, other) in [(record, nobody), (nothing, one)] {
        let refused = house.act(subject, move |tx| records::relate(tx, record, other)).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
}

async fn what_is_deleted_is_gone_with_all_that_hangs_on_it(house: House) {
    let ((subject, key), (other, _)) = (house.subject().await, house.subject().await);
    let ((record, _), (stays, _)) = (house.keep(subject, &key).await, house.keep(subject, &key).await);
    let sealed = house.said(&key, record, 2, b"corrected");
    house.act(subject, move |tx| records::rectify(tx, record, 1, &sealed, now())).await.unwrap();
    house.act(subject, move |tx| records::relate(tx, record, other)).await.unwrap();
    house.act(subject, move |tx| records::delete(tx, record)).await.unwrap();
    assert!(matches!(house.see(move |tx| records::get(tx, record)).await, Err(Error::NotFound)));
    assert!(house.see(move |tx| records::versions(tx, record, 0)).await.unwrap().rows.is_empty());
    assert!(house.see(move |tx| records::related(tx, record)).await.unwrap().is_empty());
    house.see(move |tx| records::get(tx, stays)).await.unwrap();
}

async fn what_is_not_there_is_not_found(house: House) {
    let (subject, key) = house.subject().await;
    let record = RecordId::new(now(), house.store.random());
    let sealed = house.said(&key, record, 2, b"nothing");
    for refused in [
        house.see(move |tx| records::get(tx, record).map(drop)).await,
        house.act(subject, move |tx| records::rectify(tx, record, 1, &sealed, now())).await,
        house.act(subject, move |tx| records::restrict(tx, record, None)).await,
        house.act(subject, move |tx| records::delete(tx, record)).await,
    ] {
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
}

async fn another_organisation_sees_nothing(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let other = found(&house.store).await;
    let there = house.store.look_up(other, move |tx| records::get(tx, record)).await;
    assert!(matches!(there, Err(Error::NotFound)));
    assert!(
        house
            .store
            .look_up(other, move |tx| records::list(tx, subject, None, 10))
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    for refused in [
        house.store.write_within(other, move |tx| records::delete(tx, record)).await,
        house.store.write_within(other, move |tx| records::restrict(tx, record, None)).await,
        // Their data subject can't be given a record there.
        house.store.write_within(other, move |tx| records::relate(tx, record, subject)).await,
    ] {
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    // The same ids may be in use there.
    let (theirs, their_key) = subject_of(&house.store, other).await;
    let mut stored = record_of(other, theirs, &their_key);
    stored.record = record;
    house.store.write_within(other, move |tx| records::insert(tx, &stored)).await.unwrap();
    assert_eq!(house.see(move |tx| records::get(tx, record)).await.unwrap().subject, subject);
}
