//! Who may do what, and why: the first two steps.

use std::{error::Error, fmt, future::Future};

use tacita_domain::{DataClass, LawfulBasis};

use crate::{Decision, Operation, Passage};

/// Says whether an actor may do what it wants.
pub trait Policy: Send + Sync {
    /// Whether `operation` is permitted, and by which policies.
    ///
    /// # Errors
    /// When it is not, with what forbids it, or it can't be found out.
    fn permit(&self, operation: &Operation) -> impl Future<Output = Result<Decision, Denied>> + Send;
}

/// Says on which ground data may be processed.
pub trait Basis: Send + Sync {
    /// The ground on which `operation` stands now. It is read again inside the transaction, where it must be the same.
    ///
    /// # Errors
    /// When there is none, or it can't be found out.
    fn ground(&self, operation: &Operation) -> impl Future<Output = Result<Ground, Denied>> + Send;
}

/// Keeps what happened at the gate.
pub trait Journal: Clone + Send + Sync + 'static {
    /// Records a refusal; when this returns, it is on disk.
    ///
    /// # Errors
    /// When it can't be recorded. The operation is refused all the same.
    fn refused(&self, refusal: &Refusal) -> impl Future<Output = Result<(), Unrecorded>> + Send;

    /// Records, as soon as it can, that an operation was admitted and not finished.
    fn abandoned(&self, refusal: Refusal);
}

/// On which ground an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The version of the purpose.
    pub version: u32,
    /// Its lawful basis.
    pub basis: LawfulBasis,
    /// How much of it may be kept.
    pub class: DataClass,
}

/// Why the gate stays shut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Policies forbid it, or none permits it.
    Policy(Decision),
    /// The policies that count can't be found out, or can't be followed; nothing is done on a guess.
    Undecided,
    /// The token by which somebody acts is narrowed to other actions.
    Scope,
    /// The organisation has no such purpose.
    UnknownPurpose,
    /// The purpose is switched off.
    PurposeOff,
    /// The class of the purpose does not allow to keep anything, and this is kept.
    Class(DataClass),
    /// The purpose rests on consent, and there is none.
    NoConsent,
    /// The data subject has had the processing restricted (GDPR Art. 18).
    Restricted,
    /// It can't be found out; nothing is processed on a guess.
    Unknown,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(decision) => decision.fmt(f),
            Self::Undecided => f.write_str("the policies can't be asked at the moment"),
            Self::Scope => f.write_str("the token by which it is asked for is narrowed to other actions"),
            Self::UnknownPurpose => f.write_str("the organisation has no such purpose"),
            Self::PurposeOff => f.write_str("the purpose is switched off"),
            Self::Class(class) => {
                write!(f, "the purpose is of the class `{class}`, which leads to nothing that is kept")
            }
            Self::NoConsent => {
                f.write_str("the purpose rests on consent, and the data subject has not given it")
            }
            Self::Restricted => f.write_str("the data subject has had the processing restricted"),
            Self::Unknown => f.write_str("whether there is a lawful basis can't be found out at the moment"),
        }
    }
}

/// Why an operation did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was not admitted.
    Denied(Denied),
    /// The basis was gone, or another, when the transaction read it again.
    BasisChanged,
    /// Whoever asked did not wait, or the code that carried it out gave up.
    Abandoned,
    /// It could not be done, and all of it was taken back.
    Failed,
}

impl Reason {
    /// Its name in the ledger.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Denied(Denied::Policy(_)) => "denied.policy",
            Self::Denied(Denied::Scope) => "denied.scope",
            Self::Denied(Denied::Undecided) => "denied.undecided",
            Self::Denied(Denied::UnknownPurpose) => "denied.unknown-purpose",
            Self::Denied(Denied::PurposeOff) => "denied.purpose-off",
            Self::Denied(Denied::Class(_)) => "denied.class",
            Self::Denied(Denied::NoConsent) => "denied.no-consent",
            Self::Denied(Denied::Restricted) => "denied.restricted",
            Self::Denied(Denied::Unknown) => "denied.unknown",
            Self::BasisChanged => "basis-changed",
            Self::Abandoned => "abandoned",
            Self::Failed => "failed",
        }
    }
}

/// An operation that did not happen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked for.
    pub operation: Operation,
    /// What the policies said, where they could be asked.
    pub decision: Option<Decision>,
    /// On which ground, where it got so far.
    pub ground: Option<Ground>,
    /// Why not.
    pub reason: Reason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { action, purpose, .. } = &self.operation;
        write!(f, "`{action}` for `{purpose}` is refused: ")?;
        match &self.reason {
            Reason::Denied(denied) => denied.fmt(f),
            Reason::BasisChanged => f.write_str("its lawful basis changed meanwhile; ask again"),
            Reason::Abandoned => f.write_str("it was given up before it was done"),
            Reason::Failed => f.write_str("it failed, and nothing of it stays"),
        }
    }
}

impl Error for Refusal {}

/// A record could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecorded;

/// The gate: the only place where a passage is made.
#[derive(Debug)]
pub struct Gate<P, B, J> {
    policy: P,
    basis: B,
    journal: J,
}

impl<P: Policy, B: Basis, J: Journal> Gate<P, B, J> {
    /// A gate that asks `policy` and `basis`, and tells `journal`.
    pub const fn new(policy: P, basis: B, journal: J) -> Self {
        Self { policy, basis, journal }
    }

    /// Lets `operation` pass, or refuses it and has that recorded.
    ///
    /// # Errors
    /// When a policy forbids it or it has no lawful basis.
    pub async fn admit(&self, operation: Operation) -> Result<Passage, Refusal> {
        let decision = match self.policy.permit(&operation).await {
            Ok(decision) => decision,
            Err(denied) => return Err(self.refuse(operation, None, denied).await),
        };
        match self.basis.ground(&operation).await {
            Ok(ground) => {
                let journal = self.journal.clone();
                let abandoned = Box::new(move |refusal| journal.abandoned(refusal));
                Ok(Passage::new(operation, decision, ground, abandoned))
            }
            Err(denied) => Err(self.refuse(operation, Some(decision), denied).await),
        }
    }

    /// Asks the policies alone, for what touches no personal data: what they permit leaves nothing behind, and lets nobody touch
    /// any; what they do not is recorded.
    ///
    /// # Errors
    /// When a policy forbids it, or none permits it.
    pub async fn permit(&self, operation: Operation) -> Result<Decision, Refusal> {
        match self.policy.permit(&operation).await {
            Ok(decision) => Ok(decision),
            Err(denied) => Err(self.refuse(operation, None, denied).await),
        }
    }

    /// Refuses `operation`, and has that recorded. `decision` is that of the policies, where they were asked.
    pub async fn refuse(&self, operation: Operation, decision: Option<Decision>, denied: Denied) -> Refusal {
        let decision = match &denied {
            Denied::Policy(decision) => Some(decision.clone()),
            _ => decision,
        };
        let refusal = Refusal { operation, decision, ground: None, reason: Reason::Denied(denied) };
        // What can't be recorded is refused all the same: there is nothing more to take back.
        let _ = self.journal.refused(&refusal).await;
        refusal
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::ready,
        pin::pin,
        sync::{Arc, Mutex},
        task::{Context, Poll, Waker},
    };

    use tacita_domain::{Action, Actor, OperationId, OrganisationId, Timestamp, Trace};

    use super::*;
    use crate::{PolicySetId, Recipient, Sensitive};

    const GROUND: Ground = Ground { version: 3, basis: LawfulBasis::Contract, class: DataClass::Personal };

    struct Allow(Result<Decision, Denied>);

    impl Policy for Allow {
        fn permit(&self, _: &Operation) -> impl Future<Output = Result<Decision, Denied>> + Send {
            ready(self.0.clone())
        }
    }

    struct On(Result<Ground, Denied>);

    impl Basis for On {
        fn ground(&self, _: &Operation) -> impl Future<Output = Result<Ground, Denied>> + Send {
            ready(self.0.clone())
        }
    }

    #[derive(Clone, Debug, Default)]
    struct Noted(Arc<Mutex<Vec<Refusal>>>);

    impl Journal for Noted {
        fn refused(&self, refusal: &Refusal) -> impl Future<Output = Result<(), Unrecorded>> + Send {
            self.abandoned(refusal.clone());
            ready(Ok(()))
        }

        fn abandoned(&self, refusal: Refusal) {
            self.0.lock().unwrap().push(refusal);
        }
    }

    fn operation() -> Operation {
        let at = Timestamp::from_micros(1_790_000_000_000_000);
        Operation {
            id: OperationId::new(at, [1; 10]),
            organisation: OrganisationId::new(at, [2; 10]),
            action: Action::RecordRead,
            purpose: "support".parse().unwrap(),
            subject: None,
            actor: Actor::System("test"),
            trace: Trace::from_bytes([3; 16]).unwrap(),
            at,
        }
    }

    fn decision<const N: usize>(names: [&str; N]) -> Decision {
        Decision::new(names.map(Box::from), PolicySetId::of(&[0xa5; 32]))
    }

    fn permitted() -> Decision {
        decision(["records.member"])
    }

    /// What a gate says to an operation, and what its journal has of it.
    fn admit(
        policy: Result<Decision, Denied>,
        basis: Result<Ground, Denied>,
    ) -> (Result<Passage, Refusal>, Noted) {
        let journal = Noted::default();
        let gate = Gate::new(Allow(policy), On(basis), journal.clone());
        let mut admitted = pin!(gate.admit(operation()));
        match admitted.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => (answer, journal),
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn reasons(journal: &Noted) -> Vec<Reason> {
        journal.0.lock().unwrap().iter().map(|refusal| refusal.reason.clone()).collect()
    }

    #[test]
    fn refuses_what_a_policy_forbids_before_it_asks_for_a_basis() {
        let denied = Denied::Policy(decision(["nights.closed"]));
        let (answer, journal) = admit(Err(denied.clone()), Ok(GROUND));
        let refusal = answer.unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "`record.read` for `support` is refused: the policy `nights.closed` forbids it"
        );
        assert_eq!(refusal.decision, Some(decision(["nights.closed"])));
        assert_eq!(reasons(&journal), [Reason::Denied(denied)]);
    }

    #[test]
    fn what_touches_no_personal_data_is_asked_of_the_policies_alone() {
        let ask = |policy: Result<Decision, Denied>| {
            let journal = Noted::default();
            let gate = Gate::new(Allow(policy), On(Err(Denied::NoConsent)), journal.clone());
            match pin!(gate.permit(operation())).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => (answer, journal),
                Poll::Pending => panic!("nothing here waits"),
            }
        };
        let (answer, journal) = ask(Ok(permitted()));
        assert_eq!(answer, Ok(permitted()));
        assert_eq!(reasons(&journal), [], "what is permitted leaves nothing");
        let (answer, journal) = ask(Err(Denied::Undecided));
        assert_eq!(answer.unwrap_err().reason, Reason::Denied(Denied::Undecided));
        assert_eq!(reasons(&journal), [Reason::Denied(Denied::Undecided)]);
    }

    #[test]
    fn refuses_what_has_no_basis() {
        let (answer, journal) = admit(Ok(permitted()), Err(Denied::NoConsent));
        let refusal = answer.unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "`record.read` for `support` is refused: the purpose rests on consent, and the data subject has not given it"
        );
        assert_eq!(refusal.decision, Some(permitted()));
        assert_eq!(reasons(&journal), [Reason::Denied(Denied::NoConsent)]);
    }

    #[test]
    fn a_passage_that_is_dropped_leaves_a_refusal_and_one_that_ends_none() {
        let (passage, journal) = admit(Ok(permitted()), Ok(GROUND));
        drop(passage.unwrap());
        assert_eq!(reasons(&journal), [Reason::Abandoned]);
        assert_eq!(journal.0.lock().unwrap()[0].ground, Some(GROUND));

        let (passage, journal) = admit(Ok(permitted()), Ok(GROUND));
        let _ = passage.unwrap().committed();
        assert_eq!(reasons(&journal), []);
    }

    #[test]
    fn a_panic_leaves_a_refusal_too() {
        let (passage, journal) = admit(Ok(permitted()), Ok(GROUND));
        let passage = passage.unwrap();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _in_hand = passage;
            panic!("in the middle of it");
        }))
        .unwrap_err();
        assert_eq!(reasons(&journal), [Reason::Abandoned]);
    }

    #[test]
    fn the_account_names_recipients_and_counts_and_no_value() {
        let (passage, _) = admit(Ok(permitted()), Ok(GROUND));
        let mut passage = passage.unwrap();
        passage.found("EMAIL_ADDRESS", 2);
        passage.found("EMAIL_ADDRESS", 1);
        let value = Sensitive::new("mara.lind@example.org".to_owned());
        for name in ["model", "mail", "model"] {
            let egress = passage.egress(Recipient::new(name));
            assert_eq!(value.send(&egress).map(String::as_str), Ok("mara.lind@example.org"));
        }
        assert_eq!(format!("{value:?}"), "[redacted]");
        let body = String::from_utf8(passage.account().body(Some("5a".to_owned()), None)).unwrap();
        assert_eq!(
            body,
            format!(
                r#"{{"version":1,"operation":"{}","at":1790000000000000,"action":"record.read","purpose":"support","purpose_version":3,"basis":"contract","actor":"system:test","trace":"{}","subject":"5a","outcome":"done","findings":{{"EMAIL_ADDRESS":3}},"recipients":["mail","model"],"policies":["records.member"],"policy_set":"a5a5a5a5a5a5a5a5"}}"#,
                operation().id,
                "03".repeat(16)
            )
        );
        assert_eq!(value.release(&passage.committed()).as_deref(), Ok("mara.lind@example.org"));
    }

    #[test]
    fn what_one_operation_has_opened_leaves_by_its_own_account_alone() {
        let passage = |number| {
            let mut other = operation();
            other.id = OperationId::new(other.at, [number; 10]);
            let gate = Gate::new(Allow(Ok(permitted())), On(Ok(GROUND)), Noted::default());
            let mut admitted = pin!(gate.admit(other));
            match admitted.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(passage) => passage.unwrap(),
                Poll::Pending => panic!("nothing here waits"),
            }
        };
        let (first, second) = (passage(1), passage(2));
        let value = Sensitive::opened("Mara Lind".to_owned(), &first).map(|name| name.to_uppercase());
        assert_eq!(value.send(&second.egress(Recipient::new("model"))), Err(crate::Unaccounted));
        assert_eq!(value.send(&first.egress(Recipient::new("model"))).map(String::as_str), Ok("MARA LIND"));
        assert_eq!(value.clone().release(&second.committed()), Err(crate::Unaccounted));
        assert_eq!(value.release(&first.committed()).as_deref(), Ok("MARA LIND"));
    }
}
