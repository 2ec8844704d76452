//! What is held about a data subject, whether it is sorted in or not.

use std::collections::HashSet;

use tacita_domain::{Action, RecordId, SubjectId};
use tacita_store::{Reading, holdings, queries, records};

use crate::{conformance, house::House};

conformance! {
    what_is_sorted_in_and_what_is_not_are_one_list,
    more_than_a_slice_is_sorted_in_slice_by_slice,
    what_is_deleted_is_held_no_longer,
}

queries! {
    NEW = "SELECT count(*) FROM new_holdings WHERE organisation = $1";
    SORTED = "SELECT count(*) FROM holdings WHERE organisation = $1";
    ANY = "SELECT count(*) FROM (SELECT record FROM holdings WHERE organisation = $1 AND record = $2 UNION ALL \
           SELECT record FROM new_holdings WHERE organisation = $1 AND record = $2) h";
}

impl House {
    /// How many holdings are new, and how many sorted in.
    async fn holdings(&self) -> (i64, i64) {
        let count = |query| {
            let ask = move |tx: &mut Reading<'_>| tx.query_one(query, &[], |row| row.get(0));
            self.store.look_up(self.organisation, ask)
        };
        (count(NEW).await.unwrap().unwrap(), count(SORTED).await.unwrap().unwrap())
    }

    async fn sort_in(&self) -> bool {
        self.store.write_within(self.organisation, holdings::sort_in).await.unwrap()
    }

    async fn listed(&self, subject: SubjectId) -> Vec<RecordId> {
        let list = move |tx: &mut Reading<'_>| records::list(tx, subject, None, 100);
        let part = self.store.look_up(self.organisation, list).await.unwrap();
        part.rows.iter().map(|stored| stored.record).collect()
    }
}

async fn what_is_sorted_in_and_what_is_not_are_one_list(house: House) {
    let people = [house.subject().await, house.subject().await];
    let mut kept = [Vec::new(), Vec::new()];
    for round in 0..3 {
        for (place, (subject, key)) in people.iter().enumerate() {
            kept[place].push(house.keep(*subject, key).await);
            kept[place].push(house.keep(*subject, key).await);
        }
        if round < 2 {
            assert!(!house.sort_in().await);
        }
    }
    assert_eq!(house.holdings().await, (4, 8));
    for ((subject, _), kept) in people.into_iter().zip(kept) {
        let records: Vec<_> = kept.into_iter().map(|(record, _)| record).collect();
        assert_eq!(house.listed(subject).await, records);
        // A page that begins in the one and ends in the other.
        let after = Some(records[2]);
        let page = move |tx: &mut Reading<'_>| records::list(tx, subject, after, 2);
        let part = house.store.look_up(house.organisation, page).await.unwrap();
        assert_eq!(part.rows.iter().map(|row| row.record).collect::<Vec<_>>(), records[3..5]);
        assert!(part.more);
    }
}

async fn more_than_a_slice_is_sorted_in_slice_by_slice(house: House) {
    let mut people = Vec::new();
    for _ in 0..30 {
        people.push(house.subject().await);
    }
    let mut commits = house.store.commits();
    for number in 0..4_800 {
        let (subject, key) = &people[number % people.len()];
        let stored = house.record(*subject, key);
        let passage = house.passage(Action::RecordCreate, *subject).await;
        commits.add(passage, None, move |tx| records::insert(tx, &stored)).await;
    }
    commits.finish().await.into_iter().for_each(|kept| assert!(kept.is_ok()));
    assert_eq!(house.holdings().await, (4_800, 0));
    assert!(house.sort_in().await, "there is more than a slice");
    let (new, sorted) = house.holdings().await;
    assert!(new > 0 && new < 4_800 && new + sorted == 4_800, "{new} {sorted}");
    while house.sort_in().await {}
    assert_eq!(house.holdings().await, (0, 4_800));
    for (subject, _) in people {
        assert_eq!(house.listed(subject).await.into_iter().collect::<HashSet<_>>().len(), 100);
    }
}

async fn what_is_deleted_is_held_no_longer(house: House) {
    let (subject, key) = house.subject().await;
    let (sorted, _) = house.keep(subject, &key).await;
    house.sort_in().await;
    let (new, _) = house.keep(subject, &key).await;
    for record in [sorted, new] {
        let passage = house.passage(Action::RecordDelete, subject).await;
        house.store.commit(passage, None, move |tx| records::delete(tx, record)).await.unwrap();
        let ask = move |tx: &mut Reading<'_>| tx.query_one(ANY, &[(&record).into()], |row| row.get::<i64>(0));
        assert_eq!(house.store.look_up(house.organisation, ask).await.unwrap(), Some(0));
    }
    assert_eq!(house.listed(subject).await, []);
}
