//! Each source of tables alone: 20,000 live trampolines, and no page that is or can be made writable and executable.

mod common;

use std::fs;

use common::{Get, alone, call, narrow};
use tramp_rt::{Source, Trampoline, set_sources};
use tramp_test_support::occupy_direct_slots;

fn works_alone(source: Source) {
    set_sources(&[source]).expect("nothing is mapped yet");
    let _occupied = occupy_direct_slots();
    let live: Vec<_> = (0..20_000).map(narrow).collect();
    for (n, get) in (0..).zip(&live) {
        assert_eq!(call(get), n);
    }
    for line in fs::read_to_string("/proc/self/maps").expect("/proc").lines() {
        let permissions = line.split(' ').nth(1).expect("permissions");
        assert!(!(permissions.contains('w') && permissions.contains('x')), "{line}");
    }
}

/// The kernel lets no code become writable: EACCES of a shared mapping of a file that is open for reading, EPERM of a
/// sealed one, see `mprotect(2)` and `mseal(2)`.
fn stays_as_it_is() {
    let _occupied = occupy_direct_slots(); // theirs are pages of the program
    let get: Trampoline<Get> = narrow(7);
    let page = (get.as_fn() as *const ()).map_addr(|address| address & !4095).cast_mut().cast();
    for protection in [libc::PROT_WRITE, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC] {
        // SAFETY: if it succeeds, the test has failed.
        assert_eq!(unsafe { libc::mprotect(page, 4096, protection) }, -1, "code can be made writable");
    }
    assert_eq!(call(&get), 7);
}

#[test]
fn the_file() {
    alone("the_file", 60, || {
        works_alone(Source::File);
        stays_as_it_is();
    });
}

#[test]
fn the_text() {
    alone("the_text", 60, || {
        works_alone(Source::Text);
        stays_as_it_is();
    });
}

#[test]
fn a_memfd() {
    alone("a_memfd", 60, || {
        works_alone(Source::Memfd);
        stays_as_it_is();
    });
}

#[test]
fn a_temporary_file() {
    alone("a_temporary_file", 60, || {
        works_alone(Source::Temporary);
        stays_as_it_is();
    });
}
