//! After a `fork(2)`, parent and child both go on, no matter what the parent's threads were doing.

mod common;

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use common::{alone, call, create_call_and_drop, fork, join, narrow, wide};
use tramp_rt::Trampoline;
use tramp_test_support::occupy_direct_slots;

#[test]
fn a_thousand_forks_among_threads_that_create_call_and_drop() {
    alone("a_thousand_forks_among_threads_that_create_call_and_drop", 300, || {
        const FORKS: u64 = 1_000;
        const THREADS: u64 = 3;
        let (stop, busy) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for thread in 1..=THREADS {
                let (stop, busy) = (&stop, &busy);
                scope.spawn(move || {
                    create_call_and_drop(thread, 200);
                    busy.fetch_add(1, Ordering::Relaxed);
                    while !stop.load(Ordering::Relaxed) {
                        create_call_and_drop(thread, 50);
                    }
                });
            }
            while busy.load(Ordering::Relaxed) < THREADS {
                thread::yield_now();
            }
            let inherited: Vec<_> = (0..100).map(|n| if n % 2 == 0 { narrow(n) } else { wide(n) }).collect();
            let mut kept = Vec::new();
            for n in 0..FORKS {
                let child = fork(|| {
                    for (n, get) in (0..).zip(&inherited) {
                        assert_eq!(call(get), n);
                    }
                    create_call_and_drop(1_000 + n, 300);
                    drop(kept.pop()); // the parent keeps it
                    create_call_and_drop(2_000 + n, 300);
                });
                create_call_and_drop(3_000 + n, 50);
                join(child);
                for (n, get) in (0..).zip(&inherited) {
                    assert_eq!(call(get), n);
                }
                for (n, get) in (0..).zip(&kept) {
                    assert_eq!(call(get), n);
                }
                kept.push(narrow(n));
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// Protected slots have a lock. A thread that the child does not have may have held it.
#[test]
fn forks_among_threads_that_hold_the_lock_of_protected_slots() {
    alone("forks_among_threads_that_hold_the_lock_of_protected_slots", 300, || {
        const FORKS: u64 = 300;
        let create_call_and_drop = |tag: u64| {
            let get = Trampoline::<unsafe extern "C" fn() -> u64>::protected(move || tag).expect("a slot");
            // SAFETY: live.
            assert_eq!(unsafe { get.as_fn()() }, tag);
        };
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for thread in 1..=3 {
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        create_call_and_drop(thread);
                    }
                });
            }
            for n in 0..FORKS {
                let child = fork(|| (0..20).for_each(|round| create_call_and_drop(n + round)));
                create_call_and_drop(n);
                join(child);
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn parent_and_child_go_on_a_thousand_times_each() {
    alone("parent_and_child_go_on_a_thousand_times_each", 300, || {
        let live: Vec<_> = (0..2_000).map(wide).collect();
        let go_on = |tag| {
            for (round, get) in (0..).zip(&live[..1_000]) {
                create_call_and_drop(tag + round, 40);
                assert_eq!(call(get), round);
            }
        };
        let child = fork(|| go_on(0x10_0000));
        go_on(0x20_0000);
        join(child);
    });
}

#[test]
fn a_child_drops_all_and_its_parent_has_all() {
    alone("a_child_drops_all_and_its_parent_has_all", 300, || {
        let mut live: Vec<_> = (0..20_000).map(wide).collect();
        let child = fork(|| {
            drop(std::mem::take(&mut live));
            create_call_and_drop(9, 20_000); // in the same slots
        });
        join(child);
        for (n, get) in (0..).zip(&live) {
            assert_eq!(call(get), n);
        }
    });
}

#[test]
fn generations_of_forks() {
    fn generation(left: u64) {
        create_call_and_drop(left, 500);
        if left > 0 {
            let child = fork(|| generation(left - 1));
            create_call_and_drop(left + 1, 500);
            join(child);
        }
    }
    alone("generations_of_forks", 300, || generation(20));
}

/// As with vfork(2), the child runs in the parent's memory while the parent waits. It may only do what is async-signal-safe. A
/// call of a trampoline is.
#[test]
fn a_child_in_the_parents_memory_calls_and_executes() {
    extern "C" fn child(get: *mut c_void) -> c_int {
        // SAFETY: the address of a live trampoline's pointer.
        let get = unsafe { *get.cast::<common::Get>() };
        let arguments = [c"true".as_ptr(), std::ptr::null()];
        // SAFETY: live; then a program and its arguments, or the end.
        unsafe {
            if get() == 7 {
                libc::execv(c"/bin/true".as_ptr(), arguments.as_ptr());
            }
            libc::_exit(1)
        }
    }
    alone("a_child_in_the_parents_memory_calls_and_executes", 300, || {
        let _occupied = occupy_direct_slots();
        let mut stack = vec![0_u128; 4_096];
        for _ in 0..100 {
            let get = narrow(7);
            let mut pointer = get.as_fn();
            let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
            // SAFETY: the stack and the pointer live until the child executes another program or ends.
            let process = unsafe {
                libc::clone(child, stack.as_mut_ptr_range().end.cast(), flags, (&raw mut pointer).cast::<c_void>())
            };
            assert_ne!(process, -1, "clone(2)");
            join(process);
            create_call_and_drop(1, 300);
        }
    });
}

#[test]
fn programs_are_spawned_among_threads_that_create_and_drop() {
    alone("programs_are_spawned_among_threads_that_create_and_drop", 300, || {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for thread in 0..2 {
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        create_call_and_drop(thread, 300);
                    }
                });
            }
            for _ in 0..200 {
                let arguments = [c"true".as_ptr().cast_mut(), std::ptr::null_mut()];
                let (mut process, null) = (0, std::ptr::null());
                // SAFETY: a path, arguments, and no environment that would end anywhere but at once.
                let error = unsafe {
                    let environment = arguments.as_ptr().add(1);
                    libc::posix_spawn(
                        &raw mut process,
                        c"/bin/true".as_ptr(),
                        null,
                        null.cast(),
                        arguments.as_ptr(),
                        environment,
                    )
                };
                assert_eq!(error, 0, "posix_spawn(3)");
                join(process);
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// The handlers create and drop trampolines, before the fork and in both processes.
#[test]
fn handlers_of_forks_are_trampolines() {
    static RUNS: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
    alone("handlers_of_forks_are_trampolines", 300, || {
        const FORKS: usize = 100;
        let handler = |index: usize| {
            Trampoline::<unsafe extern "C" fn()>::new(move || {
                create_call_and_drop(index as u64, 100);
                RUNS[index].fetch_add(1, Ordering::Relaxed);
            })
            .expect("a slot")
            .leak()
        };
        let _occupied = occupy_direct_slots();
        // SAFETY: the handlers are never dropped.
        let error = unsafe { libc::pthread_atfork(Some(handler(0)), Some(handler(1)), Some(handler(2))) };
        assert_eq!(error, 0, "pthread_atfork(3)");
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    create_call_and_drop(7, 100);
                }
            });
            for n in 0..FORKS {
                let child = fork(|| {
                    let runs = RUNS.each_ref().map(|runs| runs.load(Ordering::Relaxed));
                    assert_eq!(runs, [n + 1, n, 1], "before, in the parent, in the child");
                    create_call_and_drop(8, 100);
                });
                join(child);
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(RUNS.each_ref().map(|runs| runs.load(Ordering::Relaxed)), [FORKS, FORKS, 0]);
    });
}
