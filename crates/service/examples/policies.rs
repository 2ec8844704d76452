//! What a decision of the policies costs, for sets of several sizes: as the gate asks them, and by Cedar alone, which looks at each
//! policy. Run it optimised: `cargo xtask bench policies`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures, and talks to the terminal")]
#![allow(clippy::expect_used, reason = "a benchmark that can't run says why")]

use std::{
    fmt::Write,
    hint::black_box,
    time::{Duration, Instant},
};

use tacita_corridor::Operation;
use tacita_domain::{Action, Actor, OperationId, OrganisationId, Role, SubjectId, Timestamp, TokenId, Trace};
use tacita_service::Policies;

/// Policies of an operator, beside those that are built in: with which the sets are about as large as said.
const SETS: [usize; 3] = [11, 101, 1_001];
/// How long each is measured, and how often; the best counts.
const ROUND: Duration = Duration::from_millis(300);
const ROUNDS: usize = 5;

fn main() {
    println!("{:>18} {:>12} {:>12}", "policies", "as asked µs", "by Cedar µs");
    for count in SETS {
        let policies =
            Policies::with(vec![("operator.cedar".to_owned(), operators(count))]).expect("they fit");
        let sliced = measure(|operation| drop(black_box(policies.decide(operation))));
        let alone = measure(|operation| drop(black_box(policies.decide_unsliced(operation))));
        let built_in = policies.count() - count;
        println!("{:>18} {:>12.1} {:>12.1}", format!("{built_in} + {count}"), sliced, alone);
    }
}

/// So many policies, as an operator may have them: some are about everybody, most about one program, one role or one action.
fn operators(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let action = Action::ALL[number % Action::ALL.len()];
        let role = Role::ALL[number % Role::ALL.len()];
        let token = TokenId::new(Timestamp::from_micros(0), [u8::try_from(number % 251).unwrap_or(0); 10]);
        let scope = match number % 10 {
            0 => "principal, action, resource".to_owned(),
            1..=3 => format!("principal == Token::\"{token}\", action, resource"),
            4..=6 => format!("principal in Role::\"{role}\", action == Action::\"{action}\", resource"),
            _ => format!("principal is Token in Role::\"{role}\", action in Action::\"records\", resource"),
        };
        writeln!(
            text,
            "@id(\"p{number}\") forbid ({scope}) when {{ context.purpose == \"purpose-{number}\" }};"
        )
        .expect("memory is writable");
    }
    text
}

/// Microseconds for a decision.
fn measure(decide: impl Fn(&Operation)) -> f64 {
    let subject = SubjectId::new(Timestamp::from_micros(0), [9; 10]);
    let operations: Vec<_> = Role::ALL
        .iter()
        .flat_map(|role| Action::ALL.iter().map(move |action| (*role, *action)))
        .map(|(role, action)| Operation {
            id: OperationId::new(Timestamp::from_micros(0), [1; 10]),
            organisation: OrganisationId::new(Timestamp::from_micros(0), [2; 10]),
            action,
            purpose: "support".parse().expect("it is a name"),
            subject: action.touches_what_is_kept().then_some(subject),
            actor: Actor::Service(TokenId::new(Timestamp::from_micros(0), [3; 10]), role),
            trace: Trace::from_bytes([4; 16]).expect("it is not zero"),
            at: Timestamp::from_micros(0),
        })
        .collect();
    let round = || {
        let (start, mut count) = (Instant::now(), 0.0);
        while start.elapsed() < ROUND {
            operations.iter().for_each(&decide);
            count += 1.0;
        }
        start.elapsed().as_secs_f64() * 1e6 / count
    };
    let one = f64::from(u32::try_from(operations.len()).unwrap_or(u32::MAX));
    (0..ROUNDS).map(|_| round() / one).fold(f64::INFINITY, f64::min)
}
