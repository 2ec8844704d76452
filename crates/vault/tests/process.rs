//! What changes a whole process: each case runs in a process of its own, which is this program again.

#![cfg(target_os = "linux")]

use std::{
    env,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
};

use rustix::process::{DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, setrlimit};
use tacita_domain::{OrganisationId, SubjectId};
use tacita_vault::{KeyKind, KeyName, Protection, SecureMemory, SubjectKey, harden, system_random};

const CHILD: &str = "TACITA_VAULT_TEST_CHILD";

/// Runs the test of this name in a process of its own; there it is told so.
fn in_a_process_of_its_own(test: &str) -> Option<Output> {
    if env::var_os(CHILD).is_some() {
        return None;
    }
    let mut again = Command::new(env::current_exe().expect("a program has a path"));
    again.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
    Some(again.output().expect("it starts again"))
}

fn keys(memory: &SecureMemory, count: usize) -> Vec<SubjectKey> {
    let organisation = OrganisationId::from_bytes([1; 16]);
    let name = KeyName { organisation, subject: SubjectId::from_bytes([2; 16]), kind: KeyKind::Subject };
    (0..count).map(|_| SubjectKey::generate(name, memory, &mut system_random)).collect()
}

#[test]
fn a_hardened_process_leaves_no_core_and_is_read_by_no_other() {
    let Some(output) = in_a_process_of_its_own("a_hardened_process_leaves_no_core_and_is_read_by_no_other")
    else {
        // Dumps are allowed first, so that it is `harden` that forbids them.
        let maximum = getrlimit(Resource::Core).maximum;
        setrlimit(Resource::Core, Rlimit { current: maximum, maximum }).unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
        let before = getrlimit(Resource::Memlock).current;
        let hardening = harden();
        assert!(hardening.problems.is_empty(), "{:?}", hardening.problems);
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let none = getrlimit(Resource::Core);
        assert_eq!((none.current, none.maximum), (Some(0), Some(0)));
        assert_eq!(hardening.lockable, getrlimit(Resource::Memlock).current);
        let as_number = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        assert!(as_number(hardening.lockable) >= as_number(before));
        std::process::abort();
    };
    let shown = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "{shown}");
    assert!(!output.status.core_dumped());
}

#[test]
fn without_locked_memory_keys_work_and_that_is_said() {
    let Some(output) = in_a_process_of_its_own("without_locked_memory_keys_work_and_that_is_said") else {
        give_up_locking();
        let room = 64 * 1024;
        setrlimit(Resource::Memlock, Rlimit { current: Some(room), maximum: Some(room) }).unwrap();
        let memory = SecureMemory::new();
        let few = keys(&memory, 10);
        println!("few: {:?}", memory.protection());
        let many = keys(&memory, 5_000);
        assert!(few.iter().chain(&many).all(|key| key.audit_reference(b"x").is_ok()));
        assert_eq!(memory.protection(), Protection::Ordinary);
        return;
    };
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    assert!(out.contains("few: Secret") || out.contains("few: Locked"), "{out}");
}

/// Who administers the machine may lock as much as they like, unless they give that up.
fn give_up_locking() {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
    let mut sets = capabilities(None).expect("a thread may read its own");
    for set in [&mut sets.effective, &mut sets.permitted] {
        set.remove(CapabilitySet::IPC_LOCK);
    }
    sets.inheritable = CapabilitySet::empty();
    set_capabilities(None, sets).expect("a thread may give up its own");
}
