//! Work in parallel, results in order.

use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError,
    mpsc::{self, Receiver},
};

/// Results that may wait for a slow one before them, for each thread: the small files that others read meanwhile.
const WAITING: usize = 256;
/// The bytes that they may hold together, for each thread.
const HELD: usize = 4 << 20;

/// Runs `work` over `items` on `threads` threads and gives each result to `emit`, in the order of the items, until
/// `emit` fails.
///
/// Few results wait for a slow one before them, by number and by what they `weigh` in bytes, so memory is bounded however
/// long `items` is.
pub(crate) fn ordered<I, R, E>(
    threads: usize,
    items: I,
    work: impl Fn(I::Item) -> R + Sync,
    weigh: impl Fn(&R) -> usize + Sync,
    mut emit: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    I: Iterator + Send,
    I::Item: Send,
    R: Send,
{
    if threads <= 1 {
        return items.map(work).try_for_each(emit);
    }
    let (queue, results) = mpsc::sync_channel::<Receiver<R>>(threads * WAITING);
    let source = Mutex::new(Some((items, queue)));
    let held = Held::default();
    // Takes the next item and its place among the results in one step; waiting for room is the brake.
    let next = || {
        held.wait_for_room(threads * HELD);
        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = source.as_mut().and_then(|(items, queue)| {
            let item = items.next()?;
            let (done, result) = mpsc::sync_channel(1);
            queue.send(result).ok().map(|()| (item, done))
        });
        if taken.is_none() {
            *source = None;
        }
        taken
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((item, done)) = next() {
                    let result = work(item);
                    held.change(|bytes| bytes + weigh(&result));
                    // Nobody listens only when `emit` failed; `next` then ends the loop.
                    let _ = done.send(result);
                }
            });
        }
        // A place without a result means that its thread panicked; the scope passes the panic on.
        let emitted = results.into_iter().map_while(|result| result.recv().ok()).try_for_each(|result| {
            held.change(|bytes| bytes - weigh(&result));
            emit(result)
        });
        held.end();
        emitted
    })
}

/// The bytes of results that wait; `None` when nobody takes them any more.
struct Held {
    bytes: Mutex<Option<usize>>,
    less: Condvar,
}

impl Default for Held {
    fn default() -> Self {
        Self { bytes: Mutex::new(Some(0)), less: Condvar::new() }
    }
}

impl Held {
    /// The result that all others wait for is never among those that wait here: its thread works on it.
    fn wait_for_room(&self, most: usize) {
        let full = |bytes: &mut Option<usize>| bytes.is_some_and(|bytes| bytes > most);
        drop(self.less.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner));
    }

    fn change(&self, change: impl FnOnce(usize) -> usize) {
        let mut bytes = self.lock();
        *bytes = bytes.map(change);
        self.less.notify_all();
    }

    fn end(&self) {
        *self.lock() = None;
        self.less.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<usize>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets threads that work on items in parallel do some of the work in the order of the items.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    next: Mutex<usize>,
    over: Condvar,
}

/// The turn of one item. It is over when it is dropped, and all those before it are.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    number: usize,
}

impl Turns {
    /// The turn of the item of this number, counted from 0: each must be taken, by a thread that has no other.
    pub(crate) fn turn(&self, number: usize) -> Turn<'_> {
        Turn { turns: self, number }
    }
}

impl Turn<'_> {
    /// Waits until the turns before it are over.
    pub(crate) fn wait(&self) {
        drop(self.reached());
    }

    fn reached(&self) -> MutexGuard<'_, usize> {
        let next = self.turns.next.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.turns.over.wait_while(next, |next| *next < self.number);
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.reached() += 1;
        self.turns.over.notify_all();
    }
}

/// The number of threads to use unless told.
pub(crate) fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            // Unlike amounts of work, so that threads finish in another order than they began.
            let work = |n: u64| (0..(n * 7919) % 5000).fold(n * 2, |sum, _| std::hint::black_box(sum));
            ordered(
                threads,
                0..500,
                work,
                |_| 1,
                |n| {
                    seen.push(n);
                    Ok::<_, Infallible>(())
                },
            )
            .expect("emit never fails");
            assert_eq!(seen, (0..500).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let (held, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |n: usize| {
            most.fetch_max(held.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            n
        };
        // Whoever emits slowly has results waiting: five of this weight fill the room, one more thread may be beyond the
        // check, each thread works on one, and one is being emitted.
        let emit = |_| {
            std::hint::black_box((0..2000).fold(0, |sum, n| std::hint::black_box(sum + n)));
            held.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Infallible>(())
        };
        ordered(2, 0..2000, work, |_| HELD / 2, emit).expect("emit never fails");
        assert!(most.load(Ordering::SeqCst) <= 8, "{most:?} waited");
    }

    #[test]
    fn turns_come_in_the_order_of_the_items_even_where_one_fails() {
        for threads in [1, 2, 7] {
            let (turns, seen) = (Turns::default(), Mutex::new(Vec::new()));
            let work = |n: usize| {
                let turn = turns.turn(n);
                let worked = (0..(n * 7919) % 5000).fold(n, |sum, _| std::hint::black_box(sum));
                if !n.is_multiple_of(3) {
                    turn.wait();
                    seen.lock().expect("nobody panics").push(worked);
                }
            };
            ordered(threads, 0..500, work, |()| 0, Ok::<_, Infallible>).expect("emit never fails");
            let expected: Vec<_> = (0..500).filter(|n: &usize| !n.is_multiple_of(3)).collect();
            assert_eq!(seen.into_inner().expect("nobody panics"), expected);
        }
    }

    #[test]
    fn a_failing_emit_ends_an_endless_source() {
        for threads in [1, 3] {
            // Results that are heavy enough to wait for room.
            for weight in [0, HELD, 100 * HELD] {
                let emit = |n| if n < 10 { Ok(()) } else { Err(n) };
                assert_eq!(ordered(threads, 0.., |n: u32| n, |_| weight, emit), Err(10));
            }
        }
    }
}
