//! The policies that count, and what they decide.

use std::{fs, path::Path};

use aws_lc_rs::digest;
use cedar_policy::{Authorizer, Decision as Answer, Entities, PolicySet, Request, Response};
use tacita_corridor::{Decision, Denied, Operation, PolicySetId};
use tacita_domain::Action;

use super::{
    ask::Names,
    read::{BadPolicies, Origin, Reader, together},
    slices::Slices,
};

/// Bytes and policies that an operator's folder may hold.
const FOLDER_BYTES: u64 = 4 * 1024 * 1024;
const FOLDER_POLICIES: usize = 2_000;
/// Bytes and policies that an organisation's own may have.
const OWN_BYTES: usize = 64 * 1024;
const OWN_POLICIES: usize = 100;

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// What is built in, by subject.
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../policies/", $name)))),+];
    };
}
built_in!(
    "accounts.cedar",
    "administration.cedar",
    "jobs.cedar",
    "ledger.cedar",
    "purposes.cedar",
    "records.cedar",
    "subjects.cedar",
    "texts.cedar",
);

/// The policies that count in every organisation: those that are built in, and the operator's.
pub struct Policies {
    reader: Reader,
    names: Names,
    actions: Entities,
    authorizer: Authorizer,
    texts: Vec<PolicyText>,
    slices: Slices,
    whole: PolicySet,
    digest: [u8; 32],
}

/// A text of policies, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// Its file's name.
    pub name: String,
    /// Whether it is the operator's, and not built in.
    pub is_operators: bool,
    /// What it says, in Cedar.
    pub text: String,
}

/// An organisation's own policies, which forbid more than the others do.
#[derive(Debug)]
pub(super) struct Narrower {
    slices: Slices,
    digest: [u8; 32],
}

impl Policies {
    /// Those that are built in.
    ///
    /// # Errors
    /// When they are faulty, which a test of this program finds first.
    pub fn built_in() -> Result<Self, BadPolicies> {
        Self::with(Vec::new())
    }

    /// Those that are built in, and those of the files `*.cedar` of an operator's folder.
    ///
    /// # Errors
    /// When the folder can't be read, holds too much, or a file does not fit the schema.
    pub fn with_folder(folder: &Path) -> Result<Self, BadPolicies> {
        let unreadable = |path: &Path, error: std::io::Error| {
            BadPolicies::new(format!("`{}` can't be read: {error}", path.display()))
        };
        let mut texts = Vec::new();
        let mut left = FOLDER_BYTES;
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_none_or(|extension| extension != "cedar") {
                continue;
            }
            let bytes = fs::metadata(&path).map_err(|error| unreadable(&path, error))?.len();
            left = left.checked_sub(bytes).ok_or_else(|| {
                let most = FOLDER_BYTES / 1024 / 1024;
                BadPolicies::new(format!("`{}` holds more than {most} MiB of policies", folder.display()))
            })?;
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            texts.push((name, text));
        }
        texts.sort_unstable();
        Self::with(texts)
    }

    /// Those that are built in, and an operator's, each with its name.
    ///
    /// # Errors
    /// When one does not fit the schema, or there are too many.
    pub fn with(operators: Vec<(String, String)>) -> Result<Self, BadPolicies> {
        let reader = Reader::new()?;
        let built_in = BUILT_IN.iter().map(|(name, text)| PolicyText {
            name: (*name).to_owned(),
            is_operators: false,
            text: (*text).to_owned(),
        });
        let operators =
            operators.into_iter().map(|(name, text)| PolicyText { name, is_operators: true, text });
        let texts: Vec<_> = built_in.chain(operators).collect();
        let (mut policies, mut hash) = (Vec::new(), digest::Context::new(&digest::SHA256));
        let mut add = |name: &str, text: &str| {
            // With their lengths, so that no two sets are written alike.
            for part in [name, text] {
                hash.update(&part.len().to_be_bytes());
                hash.update(part.as_bytes());
            }
        };
        add("tacita.cedarschema", Reader::schema_text());
        for PolicyText { name, is_operators, text } in &texts {
            let origin = if *is_operators { Origin::Operator } else { Origin::BuiltIn };
            policies.extend(reader.read(name, text, origin)?);
            add(name, text);
        }
        if policies.len() > FOLDER_POLICIES {
            return Err(BadPolicies::new(format!("there are more than {FOLDER_POLICIES} policies")));
        }
        let names = Names::new(reader.schema())?;
        let actions =
            reader.schema().action_entities().map_err(|error| BadPolicies::new(error.to_string()))?;
        let slices = Slices::new(&policies, &names, &actions)?;
        let whole = together(&policies)?;
        let digest = whole_digest(hash);
        Ok(Self { reader, names, actions, authorizer: Authorizer::new(), texts, slices, whole, digest })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.whole.num_of_policies()
    }

    /// Their texts.
    #[must_use]
    pub fn texts(&self) -> &[PolicyText] {
        &self.texts
    }

    /// The schema by which they are read.
    #[must_use]
    pub const fn schema_text() -> &'static str {
        Reader::schema_text()
    }

    /// By what accounts name the set, where an organisation has none of its own.
    #[must_use]
    pub fn id(&self) -> PolicySetId {
        PolicySetId::of(&self.digest)
    }

    /// Checks what an organisation wants to have for its own.
    ///
    /// # Errors
    /// When it is too much, permits something, or does not fit the schema.
    pub fn check_own(&self, text: &str) -> Result<(), BadPolicies> {
        self.narrower(text).map(drop)
    }

    /// What they decide.
    ///
    /// # Errors
    /// When they deny it, or Cedar can't follow one.
    pub fn decide(&self, operation: &Operation) -> Result<Decision, Denied> {
        self.decide_with(operation, None)
    }

    /// What they decide when Cedar looks at each of them. For comparing.
    ///
    /// # Errors
    /// As [`Policies::decide`].
    pub fn decide_unsliced(&self, operation: &Operation) -> Result<Decision, Denied> {
        let (request, entities) = self.names.ask(operation).ok_or(Denied::Undecided)?;
        let answer = self.authorizer.is_authorized(&request, &self.whole, &entities);
        conclude(&[answer], self.id())
    }

    /// What they decide together with an organisation's own.
    pub(super) fn decide_with(
        &self,
        operation: &Operation,
        own: Option<&Narrower>,
    ) -> Result<Decision, Denied> {
        let (request, entities) = self.names.ask(operation).ok_or(Denied::Undecided)?;
        let Operation { actor, action, .. } = operation;
        let ask = |slices: &Slices| self.ask(&request, slices.of(actor, *action), &entities);
        let base = ask(&self.slices);
        match own {
            Some(own) if !Self::is_past_own(*action) => {
                conclude(&[base, ask(&own.slices)], self.id_with(own))
            }
            Some(own) => conclude(&[base], self.id_with(own)),
            None => conclude(&[base], self.id()),
        }
    }

    /// Whether an organisation's own policies are not asked about it: nobody shuts themselves out from undoing what they have set.
    pub(super) const fn is_past_own(action: Action) -> bool {
        matches!(action, Action::PolicyRead | Action::PolicySet)
    }

    /// By what accounts name the set together with an organisation's own.
    pub(super) fn id_with(&self, own: &Narrower) -> PolicySetId {
        PolicySetId::of(&own.digest)
    }

    /// An organisation's own policies; none where the text holds none.
    pub(super) fn narrower(&self, text: &str) -> Result<Option<Narrower>, BadPolicies> {
        if text.len() > OWN_BYTES {
            return Err(BadPolicies::new(format!(
                "an organisation's own policies have at most {} KiB; these have {}",
                OWN_BYTES / 1024,
                text.len().div_ceil(1024)
            )));
        }
        let policies = self.reader.read("policies", text, Origin::Own)?;
        if policies.len() > OWN_POLICIES {
            return Err(BadPolicies::new(format!(
                "an organisation has at most {OWN_POLICIES} policies of its own; these are {}",
                policies.len()
            )));
        }
        if policies.is_empty() {
            return Ok(None);
        }
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&self.digest);
        hash.update(text.as_bytes());
        let slices = Slices::new(&policies, &self.names, &self.actions)?;
        Ok(Some(Narrower { slices, digest: whole_digest(hash) }))
    }

    /// Everything in one set, an organisation's own included. For comparing.
    #[cfg(test)]
    pub(super) fn alone(&self, own: &str) -> PolicySet {
        let own = self.reader.read("own", own, Origin::Own).expect("they fit the schema");
        together(self.whole.policies().chain(&own)).expect("their ids differ")
    }

    /// What Cedar decides by everything in one set.
    #[cfg(test)]
    pub(super) fn decide_alone(
        &self,
        operation: &Operation,
        all: &PolicySet,
        own: Option<&Narrower>,
    ) -> Result<Decision, Denied> {
        let (request, entities) = self.names.ask(operation).ok_or(Denied::Undecided)?;
        let set = own.map_or_else(|| self.id(), |own| self.id_with(own));
        conclude(&[self.ask(&request, all, &entities)], set)
    }

    fn ask(&self, request: &Request, policies: &PolicySet, entities: &Entities) -> Response {
        self.authorizer.is_authorized(request, policies, entities)
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policies").field("set", &self.id().to_string()).finish_non_exhaustive()
    }
}

/// One answer of two sets, of which the second forbids only, as Cedar would give it to both together.
fn conclude(answers: &[Response], set: PolicySetId) -> Result<Decision, Denied> {
    // Cedar passes by a policy that it can't follow: a `forbid` that fails would let everything through.
    if answers.iter().any(|answer| answer.diagnostics().errors().next().is_some()) {
        return Err(Denied::Undecided);
    }
    let reasons = |answers: &mut dyn Iterator<Item = &Response>| {
        let ids = answers
            .flat_map(|answer| answer.diagnostics().reason())
            .map(|id| id.to_string().into_boxed_str());
        Decision::new(ids.collect::<Vec<_>>(), set)
    };
    let (base, own) = answers.split_first().ok_or(Denied::Undecided)?;
    let forbidden = own.iter().any(|answer| answer.diagnostics().reason().next().is_some());
    match (base.decision(), forbidden) {
        (Answer::Allow, false) => Ok(reasons(&mut [base].into_iter())),
        (Answer::Allow, true) => Err(Denied::Policy(reasons(&mut own.iter()))),
        (Answer::Deny, _) => Err(Denied::Policy(reasons(&mut answers.iter()))),
    }
}

fn whole_digest(hash: digest::Context) -> [u8; 32] {
    hash.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}
