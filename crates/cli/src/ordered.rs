//! Work in parallel, results in order.

use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError,
    mpsc::{self, Receiver},
};

/// Runs `work` over `items` on `threads` threads and gives each result to `emit`, in the order of the items, until
/// `emit` fails.
///
/// At most four results per thread wait for a slow one before them, so memory is bounded however long `items` is.
pub(crate) fn ordered<I, R, E>(
    threads: usize,
    items: I,
    work: impl Fn(I::Item) -> R + Sync,
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
    let (queue, results) = mpsc::sync_channel::<Receiver<R>>(threads * 4);
    let source = Mutex::new(Some((items, queue)));
    // Takes the next item and its place among the results in one step; waiting for a free place is the brake.
    let next = || {
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
                    // Nobody listens only when `emit` failed; `next` then ends the loop.
                    let _ = done.send(work(item));
                }
            });
        }
        // A place without a result means that its thread panicked; the scope passes the panic on.
        results.into_iter().map_while(|result| result.recv().ok()).try_for_each(&mut emit)
    })
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
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            // Unlike amounts of work, so that threads finish in another order than they began.
            let work = |n: u64| (0..(n * 7919) % 5000).fold(n * 2, |sum, _| std::hint::black_box(sum));
            ordered(threads, 0..500, work, |n| {
                seen.push(n);
                Ok::<_, Infallible>(())
            })
            .expect("emit never fails");
            assert_eq!(seen, (0..500).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn turns_come_in_the_order_of_the_items_even_where_one_fails() {
        for threads in [1, 2, 7] {
            let (turns, seen) = (Turns::default(), Mutex::new(Vec::new()));
            let work = |n: usize| {
                let turn = turns.turn(n);
                let worked = (0..(n * 7919) % 5000).fold(n, |sum, _| std::hint::black_box(sum));
                if n % 3 > 0 {
                    turn.wait();
                    seen.lock().expect("nobody panics").push(worked);
                }
            };
            ordered(threads, 0..500, work, Ok::<_, Infallible>).expect("emit never fails");
            let expected: Vec<_> = (0..500).filter(|n| n % 3 > 0).collect();
            assert_eq!(seen.into_inner().expect("nobody panics"), expected);
        }
    }

    #[test]
    fn a_failing_emit_ends_an_endless_source() {
        for threads in [1, 3] {
            assert_eq!(ordered(threads, 0.., |n: u32| n, |n| if n < 10 { Ok(()) } else { Err(n) }), Err(10));
        }
    }
}
