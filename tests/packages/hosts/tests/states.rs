//! tramp works in every state. 20,000 trampolines live, are called and dropped, and all this twice.

use std::path::Path;

use hosts::command::{is_right, try_in};
use hosts::outcome::Outcome;
use hosts::state::{ALL, State};
use hosts::subject::Subject;

fn outcome(subject: Subject, state: &State) -> Outcome {
    try_in(Path::new(env!("CARGO_BIN_EXE_hosts")), subject, state)
}

/// The states in which it is known to do less, and how. A state that is mended has to leave this list.
const PENDING: [(&str, &str); 0] = [];

#[test]
fn tramp_works_in_every_state() {
    let (mut failed, mut skipped) = (0, 0);
    for state in ALL {
        let outcome = outcome(Subject::Tramp, state);
        skipped += usize::from(matches!(outcome, Outcome::Skipped(_)));
        let pending = PENDING.iter().find(|(name, _)| *name == state.name);
        if is_right(state, &outcome) == pending.is_some() {
            failed += 1;
        }
        println!("{}: {outcome}{}", state.name, pending.map_or(String::new(), |(_, why)| format!(", PENDING: {why}")));
    }
    println!("{skipped} skipped");
    assert_eq!(failed, 0);
}

/// The states forbid something, and the watcher sees what happens. So the naive way fails in each of these states.
#[test]
fn the_naive_way_fails_where_it_should() {
    const WRONG: &str = "closure 0 returned 18446744073709551615";
    let expected = [
        ("nothing special", WRONG),
        ("`PR_SET_MDWE`", "Permission denied (os error 13)"),
        ("seccomp kills `mmap`, `mprotect` with W+X", "SIGSYS"),
        ("seccomp: no `memfd_create`", "Operation not permitted (os error 1)"),
        ("seccomp: no `open*`", "Operation not permitted (os error 1)"),
        ("systemd `MemoryDenyWriteExecute=`", "Operation not permitted (os error 1)"),
        ("systemd `SystemCallFilter=@system-service`, `~memfd_create`", "Operation not permitted (os error 1)"),
        ("/proc not mounted", "No such file or directory (os error 2)"),
        ("/proc of a foreign PID namespace", "No such file or directory (os error 2)"),
        ("`chroot` into an empty directory", "No such file or directory (os error 2)"),
        ("no descriptors at first use", "Too many open files (os error 24)"),
    ];
    for (name, how) in expected {
        let state = State::find(name).expect("a state");
        match outcome(Subject::Naive, state) {
            Outcome::Error(why) | Outcome::Dies(why) => assert_eq!(why, how, "{name}"),
            Outcome::Skipped(why) => println!("{name}: skipped: {why}"),
            Outcome::Works(_) => panic!("{name} is not felt"),
        }
    }
}

/// The watcher sees what a child does, whether or not it succeeds.
#[test]
fn what_should_not_be_done_is_seen() {
    use hosts::watch::{Since, watch};
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let naive = (Subject::Naive as u32).to_string();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_hosts"));
    child.args(["--child", &naive, "nothing special"]).arg(scratch);
    let seen = watch(&mut child, Since::Mark).expect("a child can be watched");
    assert!(seen.entered);
    assert_eq!((seen.memfds, seen.descriptors_kept), (1, 1));
    assert!(seen.write_execute >= 2, "the call and the mapping: {seen:?}");
    assert!(!is_right(State::find("nothing special").expect("a state"), &Outcome::Works(seen.notes())));
}
