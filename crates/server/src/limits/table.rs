//! What this process counts, in memory that does not grow.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::rates::{Asked, Taken};

/// Rates that share a lock, and among which one makes room for another.
const WAYS: usize = 8;
/// A power of two: 65,536 rates in 1.1 MB.
const SETS: usize = 8192;

/// Who asked how much. As large when nobody has asked as when everybody has: where a row is full, whoever has used up least makes room,
/// and that is most often somebody whose burst is whole again, so that nothing is forgotten.
pub(super) struct Table {
    sets: Box<[Mutex<[Slot; WAYS]>]>,
    /// Random, so that nobody can choose with whom they share a row.
    hasher: RandomState,
}

/// Whose rate, by a hash, and when it is whole again.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    whose: u64,
    free: u64,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            sets: (0..SETS).map(|_| Mutex::new([Slot::default(); WAYS])).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Takes one request from all rates, or from none.
    pub(super) fn take(&self, asked: &Asked, now: u64) -> Taken {
        let hashes: Vec<_> = asked.rules().iter().map(|(scope, _)| self.hasher.hash_one(scope)).collect();
        let after: Vec<_> = asked
            .rules()
            .iter()
            .zip(&hashes)
            .map(|((_, rule), &hash)| rule.after(find(&self.set(hash), hash), now))
            .collect();
        let used: Vec<_> = after.iter().map(|after| after - now).collect();
        let refused = asked.rules().iter().zip(&used).position(|((_, rule), &used)| used > rule.whole);
        if refused.is_none() {
            for ((_, rule), &hash) in asked.rules().iter().zip(&hashes) {
                let mut set = self.set(hash);
                // Another thread may have been here meanwhile: it is counted too.
                let free = rule.after(find(&set, hash), now);
                put(&mut set, Slot { whose: hash, free });
            }
        }
        Taken { refused, used }
    }

    fn set(&self, hash: u64) -> MutexGuard<'_, [Slot; WAYS]> {
        // Numbers are whole, whoever panicked.
        self.sets[hash as usize % SETS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the rate is whole again; long ago where nobody has asked.
fn find(set: &[Slot; WAYS], hash: u64) -> u64 {
    set.iter().find(|slot| slot.whose == hash).map_or(0, |slot| slot.free)
}

fn put(set: &mut [Slot; WAYS], new: Slot) {
    let at = set.iter().position(|slot| slot.whose == new.whose).unwrap_or_else(|| {
        let least = set.iter().enumerate().min_by_key(|(_, slot)| slot.free);
        least.map_or(0, |(at, _)| at)
    });
    set[at] = new;
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        num::NonZeroU32,
    };

    use proptest::prelude::*;

    use super::*;
    use crate::limits::{
        Network, Rate,
        rates::{Gcra, Scope},
    };

    const SECOND: u64 = 1_000_000;

    fn rule(per_minute: u32, burst: u32) -> Gcra {
        let number = |number| NonZeroU32::new(number).unwrap();
        Gcra::of(Rate { per_minute: number(per_minute), burst: number(burst) })
    }

    fn address(n: u32) -> Scope {
        Scope::Address(Network::of(IpAddr::V4(Ipv4Addr::from(n))))
    }

    fn lets(table: &Table, scope: &Scope, rule: Gcra, now: u64) -> bool {
        table.take(&Asked::of(scope.clone(), rule), now).refused.is_none()
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let (table, who, rule) = (Table::new(), address(1), rule(60, 5));
        let start = 100 * SECOND;
        assert_eq!((0..8).filter(|_| lets(&table, &who, rule, start)).count(), 5);
        let refused = table.take(&Asked::of(who.clone(), rule), start);
        assert_eq!((refused.refused, rule.wait(refused.used[0]).as_secs()), (Some(0), 1));
        // One more for each second; refusals cost nothing.
        assert!(!lets(&table, &who, rule, start + SECOND - 1));
        assert!(lets(&table, &who, rule, start + SECOND));
        assert!(!lets(&table, &who, rule, start + SECOND));
        assert_eq!((0..8).filter(|_| lets(&table, &who, rule, start + 60 * SECOND)).count(), 5);
    }

    #[test]
    fn of_two_rates_both_are_charged_or_none() {
        let (table, one, both) = (Table::new(), rule(60, 2), rule(60, 3));
        let of = |n| Asked::new(vec![(address(n), one), (address(0), both)]);
        let refused = |n| table.take(&of(n), SECOND).refused;
        assert_eq!([refused(1), refused(1), refused(1), refused(1)], [None, None, Some(0), Some(0)]);
        // Had the refused ones been charged to both, nothing would be left.
        assert_eq!([refused(2), refused(2)], [None, Some(1)]);
        assert_eq!(table.take(&of(2), SECOND).used[0], 2 * SECOND, "nor was the second's own charged");
    }

    #[test]
    fn a_loud_address_among_very_many_gets_no_second_burst() {
        let (table, loud, rule) = (Table::new(), address(0), rule(60, 10));
        let mut through = 0;
        for n in 1..=400_000 {
            lets(&table, &address(n), rule, SECOND);
            if n % 1000 == 0 && lets(&table, &loud, rule, SECOND) {
                through += 1;
            }
        }
        assert_eq!(through, 10);
    }

    #[test]
    fn a_clock_that_was_turned_back_shuts_nobody_out() {
        let (table, who, rule) = (Table::new(), address(1), rule(60, 5));
        assert!(lets(&table, &who, rule, 1_000_000 * SECOND));
        for _ in 0..5 {
            assert!(lets(&table, &who, rule, SECOND));
        }
        assert!(!lets(&table, &who, rule, SECOND), "from then on it counts");
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate(
            per_minute in 1u32..10_000, burst in 1u32..100, steps in prop::collection::vec(0u64..3_000_000, 1..200)
        ) {
            let (table, who, rule) = (Table::new(), address(1), rule(per_minute, burst));
            let (start, mut now, mut through) = (SECOND, SECOND, 0u64);
            for step in steps {
                now += step;
                through += u64::from(lets(&table, &who, rule, now));
            }
            prop_assert!(through <= u64::from(burst) + (now - start) / rule.interval);
        }
    }
}
