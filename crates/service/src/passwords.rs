//! Passwords: which are good enough, and how many are tried at a time.

use std::sync::{Arc, OnceLock};

use tacita_store::Chance;
use tacita_vault::{LONGEST_PASSWORD, PasswordHash};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{Error, breached::Breached};

/// The shortest password in characters.
const SHORTEST: usize = 10;
/// From 0 to 4, how hard to guess a password has to be: 3 is some 10⁸ to 10¹⁰ guesses.
const HARD: zxcvbn::Score = zxcvbn::Score::Three;
/// Passwords that are tried at a time: each takes 19 MiB while it is tried.
pub const AT_A_TIME: usize = 4;
/// Passwords that wait for that: some seconds' worth. Whoever comes then is told to come back.
const WAITING: usize = 64;

/// How passwords are kept and tried. Clones are the same.
#[derive(Clone)]
pub(crate) struct Passwords {
    slots: Arc<Semaphore>,
    /// Those that are tried and those that wait.
    room: Arc<Semaphore>,
    nobody: Arc<OnceLock<PasswordHash>>,
    breached: Option<Arc<Breached>>,
    chance: Chance,
}

impl Passwords {
    pub(crate) fn new(chance: Chance) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_A_TIME)),
            room: Arc::new(Semaphore::new(AT_A_TIME + WAITING)),
            nobody: Arc::default(),
            breached: None,
            chance,
        }
    }

    /// The same, refusing the passwords of a list.
    pub(crate) fn with_breached(mut self, breached: Breached) -> Self {
        self.breached = Some(Arc::new(breached));
        self
    }

    /// What is to be kept of a password which is good enough for somebody of whom an attacker would try `about`.
    ///
    /// # Errors
    /// When it is too easy to guess, or known from a breach; [`tacita_store::Error::Busy`] when too many wait already.
    pub(crate) async fn hash(
        &self,
        password: Zeroizing<String>,
        about: Vec<Zeroizing<String>>,
    ) -> Result<PasswordHash, Error> {
        let (breached, mut chance) = (self.breached.clone(), self.chance);
        self.on_a_thread(move || {
            check(&password, &about)?;
            if breached.is_some_and(|list| list.has(&password)) {
                return Err(Error::Invalid(
                    "this password is in a list of those that were stolen elsewhere: take another, and change it there too"
                        .to_owned(),
                ));
            }
            PasswordHash::of(&password, &mut chance).map_err(|error| Error::Invalid(error.to_string()))
        })
        .await
    }

    /// Whether a password is the one that was kept. Where none was, it takes as long to say no.
    ///
    /// # Errors
    /// [`tacita_store::Error::Busy`] when too many wait already.
    pub(crate) async fn is_of(
        &self,
        kept: Option<PasswordHash>,
        password: Zeroizing<String>,
    ) -> Result<bool, Error> {
        let (nobody, mut chance) = (Arc::clone(&self.nobody), self.chance);
        self.on_a_thread(move || {
            let is_somebody = kept.is_some();
            // Whoever comes first waits for it, known or not: so the wait says nothing about them.
            let nobody = nobody.get_or_init(|| PasswordHash::of_nobody(&mut chance));
            let is_it = kept.as_ref().unwrap_or(nobody).is_of(&password).map_err(|_| {
                Error::Store(tacita_store::Error::Corrupt("what is kept of a password is no hash"))
            })?;
            Ok(is_it && is_somebody)
        })
        .await
    }

    /// Runs what keeps a processor busy where nobody waits behind it.
    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Error::Store(tacita_store::Error::Busy))?;
        let slot = Arc::clone(&self.slots).acquire_owned().await.expect("it is never closed");
        let done = tokio::task::spawn_blocking(move || {
            let _held = (room, slot);
            work()
        });
        done.await.unwrap_or(Err(Error::Store(tacita_store::Error::Panicked)))
    }
}

/// Refuses what is easy to guess, and says why (NIST SP 800-63B §5.1.1.2: no rules about kinds of characters).
fn check(password: &str, about: &[Zeroizing<String>]) -> Result<(), Error> {
    let invalid = |why: String| Err(Error::Invalid(why));
    if password.chars().count() < SHORTEST {
        return invalid(format!(
            "the password is too short: take at least {SHORTEST} characters, such as a few words"
        ));
    }
    if password.len() > LONGEST_PASSWORD {
        return invalid(format!("the password is too long: at most {LONGEST_PASSWORD} bytes"));
    }
    // Their words, too: names and addresses are used in parts.
    let words = about.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let about: Vec<_> =
        about.iter().map(|text| text.as_str()).chain(words).filter(|word| word.len() > 2).collect();
    let mut rest = Zeroizing::new(password.to_lowercase());
    for word in &about {
        rest = Zeroizing::new(rest.replace(&word.to_lowercase(), ""));
    }
    if rest.chars().count() < SHORTEST && rest.len() < password.len() {
        return invalid(
            "the password is made of your own name or address: take words that have nothing to do with you"
                .to_owned(),
        );
    }
    let estimate = zxcvbn::zxcvbn(password, &about);
    if estimate.score() >= HARD {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    let why =
        warning.map(|warning| format!(" ({})", warning.to_string().trim_end_matches('.').to_lowercase()));
    invalid(format!(
        "the password is easy to guess{}: take a few words that have nothing to do with each other",
        why.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(tacita_vault::system_random)
    }

    fn password() -> Zeroizing<String> {
        Zeroizing::new("lamp river cactus violin".to_owned())
    }

    #[tokio::test]
    async fn whoever_comes_when_many_wait_is_told_to_come_back() {
        let passwords = passwords();
        // Those that are tried and never end.
        let at_work = u32::try_from(AT_A_TIME).unwrap();
        let _slots = passwords.slots.acquire_many(at_work).await.unwrap();
        let _room = passwords.room.acquire_many(at_work).await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(passwords.is_of(None, password()))).collect();
        assert!(waiting.iter_mut().all(|one| one.as_mut().poll(&mut context).is_pending()));
        for _ in 0..2 {
            let tried = passwords.is_of(None, password()).await;
            assert!(matches!(tried, Err(Error::Store(tacita_store::Error::Busy))), "{tried:?}");
        }
        let hashed = passwords.hash(password(), Vec::new()).await;
        assert!(matches!(hashed, Err(Error::Store(tacita_store::Error::Busy))));
        // Whoever goes away makes room.
        waiting.pop();
        let mut next = Box::pin(passwords.is_of(None, password()));
        assert!(next.as_mut().poll(&mut context).is_pending());
    }

    #[tokio::test]
    async fn the_first_who_is_known_waits_for_what_the_first_unknown_one_would() {
        let passwords = passwords();
        let kept = passwords.hash(password(), Vec::new()).await.unwrap();
        assert!(passwords.nobody.get().is_none());
        assert!(passwords.is_of(Some(kept), password()).await.unwrap());
        assert!(passwords.nobody.get().is_some());
        assert!(!passwords.is_of(None, password()).await.unwrap());
    }

    fn refused(password: &str) -> Option<String> {
        let about =
            [Zeroizing::new("mara.lind@example.org".to_owned()), Zeroizing::new("Mara Lind".to_owned())];
        check(password, &about).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_and_no_rule_asks_for_signs() {
        for easy in [
            "",
            "kurz",
            "password12",
            "qwertyuiop",
            "aaaaaaaaaaaaaaaa",
            "mara.lind@example.org",
            "MaraLind2024",
        ] {
            let why = refused(easy).expect(easy);
            assert!(why.starts_with("the password is "), "{easy}: {why}");
            assert!(easy.is_empty() || !why.contains(easy), "{why}");
        }
        assert_eq!(refused("lamp river cactus violin"), None);
        assert_eq!(refused("gnipfelstürmerkäse"), None);
        assert!(refused(&"ab cd".repeat(300)).unwrap().contains("too long"));
    }
}
