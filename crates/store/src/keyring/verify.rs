//! Whether keys open: those of organisations by the root key, what they wrap by them. Nothing is written.

use std::{collections::BTreeMap, thread};

use tacita_domain::{OrganisationId, SubjectId};
use tacita_vault::{KeyKind, KeyName, OrganisationKey, Root, SecureMemory, Wrapped};

use super::MIGRATIONS;
use crate::{Error, Place, Row, database::Candidate, organisations, queries, store, system_queries};

/// Keys of data subjects that are read at a time.
const PAGE: u32 = 4096;
/// What does not open is counted; so many are named.
const NAMED: usize = 5;

system_queries! {
    ORGANISATIONS = "SELECT organisation, version, wrapped FROM organisation_keys ORDER BY organisation, version";
}
queries! {
    SECRETS = "SELECT name, version, wrapped FROM organisation_secrets WHERE organisation = $1 ORDER BY name";
    COUNT = "SELECT count(*) FROM subject_keys WHERE organisation = $1";
    ALL = "SELECT subject, kind, version, wrapped FROM subject_keys WHERE organisation = $1 AND (subject, kind) > ($2, $3) \
           ORDER BY subject, kind LIMIT $4";
    // A reference is a keyed hash: those after any one are as good as drawn by chance.
    FROM_CHANCE = "SELECT subject, kind, version, wrapped FROM subject_keys WHERE organisation = $1 AND reference >= $2 \
                   ORDER BY reference LIMIT $3";
    UP_TO_CHANCE = "SELECT subject, kind, version, wrapped FROM subject_keys WHERE organisation = $1 AND reference < $2 \
                    ORDER BY reference LIMIT $3";
}

/// Which keys of data subjects are tried.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    /// All of them.
    All,
    /// At most so many of each organisation, as chance has them.
    Some {
        /// How many.
        most: u32,
        /// Chance.
        chance: [u8; 32],
    },
}

/// What opens of an organisation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Versions of its key that open.
    pub versions: u64,
    /// Secrets that open, such as the seeds of its ledger.
    pub secrets: u64,
    /// Keys of data subjects that open.
    pub subjects: u64,
    /// How many keys of data subjects it has.
    pub of_subjects: u64,
    /// What does not open.
    pub refused: u64,
    /// What of it, and why; the first few.
    pub named: Vec<String>,
}

impl Verified {
    fn refuse(&mut self, what: &str, why: &dyn std::fmt::Display) {
        self.refused += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{what}: {why}"));
        }
    }
}

/// Tries to open every organisation's key by `root`, and by it the organisation's secrets and keys of data subjects. Nothing is
/// written.
///
/// # Errors
/// When house or key ring can't be read at all.
pub fn verify(
    house: &Place,
    keyring: &Place,
    root: &Root,
    memory: &SecureMemory,
    sample: Sample,
) -> Result<BTreeMap<OrganisationId, Verified>, Error> {
    // On a thread of its own: it waits, and waiting is not for one that runs tasks.
    let work = || {
        let mut keyring = Candidate::look(keyring, &MIGRATIONS)?;
        let known = Candidate::look(house, &store::MIGRATIONS)?.ask(organisations::all)?;
        let rows = keyring
            .ask(|tx| tx.query(ORGANISATIONS, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))?;
        let mut organisations = BTreeMap::<_, (Verified, Vec<OrganisationKey>)>::new();
        for (organisation, version, wrapped) in rows.unwrap_or_default() {
            let (verified, keys) = organisations.entry(organisation).or_default();
            let key = Wrapped::parse(wrapped)
                .and_then(|wrapped| OrganisationKey::unwrap(root, organisation, version, &wrapped, memory));
            match key {
                Ok(key) => keys.push(key),
                Err(why) => verified.refuse(&format!("version {version} of its key"), &why),
            }
        }
        for (organisation, (verified, keys)) in &mut organisations {
            verified.versions = keys.len() as u64;
            let mut of = Organisation { organisation: *organisation, verified, keys, memory };
            of.secrets(&mut keyring)?;
            of.subjects(&mut keyring, sample)?;
        }
        for (organisation, _) in known.unwrap_or_default() {
            let (verified, _) = organisations.entry(organisation).or_default();
            if verified.versions + verified.refused == 0 {
                verified.refuse("its key", &"the key ring has none; restore it from its backup");
            }
        }
        Ok(organisations.into_iter().map(|(organisation, (verified, _))| (organisation, verified)).collect())
    };
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or(Err(Error::Panicked))
}

struct Organisation<'a> {
    organisation: OrganisationId,
    verified: &'a mut Verified,
    keys: &'a [OrganisationKey],
    memory: &'a SecureMemory,
}

/// A key of a data subject, as its row has it.
struct Kept {
    subject: SubjectId,
    kind: String,
    version: u32,
    wrapped: Vec<u8>,
}

impl Organisation<'_> {
    fn key(&self, version: u32) -> Result<&OrganisationKey, String> {
        self.keys.iter().find(|key| key.version() == version).ok_or_else(|| {
            format!(
                "version {version} of the organisation's key, which wraps it, is missing or does not open"
            )
        })
    }

    fn secrets(&mut self, keyring: &mut Candidate) -> Result<(), Error> {
        let organisation = self.organisation;
        let secrets = keyring.ask(|tx| {
            tx.within(organisation)
                .query(SECRETS, &[], |row| Ok((row.get::<String>(0)?, row.get(1)?, row.get::<Vec<u8>>(2)?)))
        })?;
        for (name, version, wrapped) in secrets.unwrap_or_default() {
            let opened = self.key(version).and_then(|key| {
                let secret = Wrapped::parse(wrapped)
                    .and_then(|wrapped| key.unwrap_secret(&name, &wrapped, self.memory));
                secret.map(drop).map_err(|error| error.to_string())
            });
            match opened {
                Ok(()) => self.verified.secrets += 1,
                Err(why) => self.verified.refuse(&format!("the secret `{name}`"), &why),
            }
        }
        Ok(())
    }

    fn subjects(&mut self, keyring: &mut Candidate, sample: Sample) -> Result<(), Error> {
        let organisation = self.organisation;
        let count =
            keyring.ask(|tx| tx.within(organisation).query_one(COUNT, &[], |row| row.get::<i64>(0)))?;
        self.verified.of_subjects = count.flatten().unwrap_or_default().unsigned_abs();
        match sample {
            Sample::Some { most, chance } => {
                let kept = keyring.ask(|tx| {
                    let mut tx = tx.within(organisation);
                    let mut kept = tx.query(FROM_CHANCE, &[(&chance).into(), most.into()], kept)?;
                    let left = most.saturating_sub(u32::try_from(kept.len()).unwrap_or(most));
                    kept.extend(tx.query(UP_TO_CHANCE, &[(&chance).into(), left.into()], self::kept)?);
                    Ok(kept)
                })?;
                kept.unwrap_or_default().into_iter().for_each(|kept| self.open(kept));
            }
            Sample::All => {
                let mut after = (SubjectId::from_bytes([0; 16]), String::new());
                loop {
                    let page = keyring.ask(|tx| {
                        let after = [(&after.0).into(), after.1.as_str().into(), PAGE.into()];
                        tx.within(organisation).query(ALL, &after, kept)
                    })?;
                    let page = page.unwrap_or_default();
                    let Some(last) = page.last() else { break };
                    after = (last.subject, last.kind.clone());
                    page.into_iter().for_each(|kept| self.open(kept));
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, kept: Kept) {
        let Kept { subject, kind, version, wrapped } = kept;
        let opened = self.key(version).and_then(|key| {
            let kind = KeyKind::parse(&kind).ok_or_else(|| "it is of no known kind".to_owned())?;
            let name = KeyName { organisation: self.organisation, subject, kind };
            let opened =
                Wrapped::parse(wrapped).and_then(|wrapped| key.unwrap_subject(name, &wrapped, self.memory));
            opened.map(drop).map_err(|error| error.to_string())
        });
        match opened {
            Ok(()) => self.verified.subjects += 1,
            Err(why) => self.verified.refuse(&format!("the key of data subject {subject}"), &why),
        }
    }
}

fn kept(row: &Row<'_>) -> Result<Kept, Error> {
    Ok(Kept { subject: row.get(0)?, kind: row.get(1)?, version: row.get(2)?, wrapped: row.get(3)? })
}
