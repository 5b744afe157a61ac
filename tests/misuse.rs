//! Misuse ends in an abort that names it. Each case runs in a process of its own, once through a direct thunk and once
//! through a mapped one.

#![allow(clippy::undocumented_unsafe_blocks, reason = "the calls are the misuse that is tested")]

use std::cell::Cell;
use std::process::exit;

use tramp_rt::Trampoline;
use tramp_test_support::{has_aborted, occupy_direct_slots};

type Call = unsafe extern "C" fn(u32) -> u32;
type Other = unsafe extern "C" fn() -> u64;

const CASE: &str = "TRAMP_TEST_MISUSE";

/// Runs `misuse` in a child process, which has to die of an abort and say `message`.
fn dies(name: &str, message: &str, misuse: fn()) {
    if let Ok(kind) = std::env::var(CASE) {
        let _live = (kind == "mapped").then(occupy_direct_slots);
        misuse();
        exit(0);
    }
    for kind in ["direct", "mapped"] {
        let child = tramp_test_support::alone(name).env(CASE, kind).output().expect("a child process");
        let stderr = String::from_utf8_lossy(&child.stderr);
        assert!(has_aborted(child.status), "{kind}: {:?}\n{stderr}", child.status);
        assert!(stderr.contains(message), "{kind}: {stderr}");
    }
}

macro_rules! dies {
    ($($(#[$attribute:meta])* $name:ident: $message:literal, $misuse:expr;)*) => { $(
        $(#[$attribute])*
        #[test]
        fn $name() {
            dies(stringify!($name), $message, $misuse);
        }
    )* };
}

fn call(callee: Call) -> u32 {
    unsafe { std::hint::black_box(callee)(1) }
}

thread_local!(static AGAIN: Cell<Option<Call>> = const { Cell::new(None) });

/// Calls what was put into `AGAIN`, from inside a closure.
fn again(n: u32) -> u32 {
    AGAIN.get().map_or(n, |again| unsafe { again(n + 1) })
}

dies! {
    dying_waits_for_no_lock: "called after its trampoline was dropped", || {
        let (sender, held) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _lock = std::io::stderr().lock();
            sender.send(()).expect("a receiver");
            std::thread::sleep(std::time::Duration::from_secs(20));
            exit(0);
        });
        held.recv().expect("a sender");
        let late = Trampoline::<Call>::new(|n| n).expect("a slot").as_fn();
        call(late);
    };
    call_of_a_protected_slot_after_drop: "called after its trampoline was dropped", || {
        let trampoline = Trampoline::<Call>::protected(|n| n).expect("a slot");
        let late = trampoline.as_fn();
        assert_eq!(call(late), 1);
        drop(trampoline);
        call(late);
    };
    call_after_drop: "called after its trampoline was dropped", || {
        let trampoline = Trampoline::<Call>::new(|n| n).expect("a slot");
        let late = trampoline.as_fn();
        assert_eq!(call(late), 1);
        drop(trampoline);
        call(late);
    };

    call_after_drop_when_closures_of_other_types_came_after: "called after its trampoline was dropped", || {
        let trampoline = Trampoline::<Call>::new(|n| n).expect("a slot");
        let late = trampoline.as_fn();
        drop(trampoline);
        let word = 7_u64;
        let _others: Vec<_> = (0..40).map(|_| Trampoline::<Other>::new(move || word).expect("a slot")).collect();
        call(late);
    };

    call_after_scope: "called after its trampoline was dropped", || {
        let late = Trampoline::<Call>::scoped(|n| n, |pointer| pointer).expect("a slot");
        call(late);
    };

    once_called_twice: "`once` trampoline was called again", || {
        let once = Trampoline::<Call>::once(|n| n).expect("a slot");
        assert_eq!(call(once), 1);
        call(once);
    };

    once_called_while_it_runs: "`once` trampoline was called again", || {
        let once = Trampoline::<Call>::local_once(again).expect("a slot");
        AGAIN.set(Some(once));
        call(once);
    };

    scoped_once_called_twice: "an FnOnce closure was called a second time", || {
        let text = String::from("moved out");
        let _ = Trampoline::<Call>::scoped_once(
            |n| n + u32::try_from(String::into_bytes(text).len()).expect("short"),
            |once| call(once) + call(once),
        );
    };

    scoped_once_without_captures_called_twice: "an FnOnce closure was called a second time", || {
        let _ = Trampoline::<Call>::scoped_once(|n| n, |once| call(once) + call(once));
    };

    exclusive_recursion: "an FnMut closure was called while it was running", || {
        let exclusive = Trampoline::<Call>::new_mut(again).expect("a slot");
        AGAIN.set(Some(exclusive.as_fn()));
        call(exclusive.as_fn());
    };

    local_exclusive_recursion: "an FnMut closure was called while it was running", || {
        let mut sum = 0;
        let exclusive = Trampoline::<Call>::local_mut(move |n| { sum += n; again(sum) }).expect("a slot");
        AGAIN.set(Some(exclusive.as_fn()));
        call(exclusive.as_fn());
    };

    scoped_exclusive_recursion: "an FnMut closure was called while it was running", || {
        let mut sum = 0;
        let _ = Trampoline::<Call>::scoped_mut(|n| { sum += n; again(sum) }, |exclusive| {
            AGAIN.set(Some(exclusive));
            call(exclusive)
        });
    };

    exclusive_called_by_two_threads: "an FnMut closure was called while it was running", || {
        let mut sum = 0_u32;
        let exclusive = Trampoline::<Call>::new_mut(move |n| {
            sum = sum.wrapping_add(n);
            std::thread::sleep(std::time::Duration::from_millis(20));
            sum
        })
        .expect("a slot");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| for _ in 0..100 { call(exclusive.as_fn()); });
            }
        });
    };

    local_called_from_another_thread: "bound to its creating thread was called from another thread", || {
        let local = Trampoline::<Call>::local(|n| n).expect("a slot");
        let pointer = local.as_fn();
        assert_eq!(call(pointer), 1);
        let _ = std::thread::spawn(move || call(pointer)).join();
    };

    local_called_from_another_thread_that_has_locals: "called from another thread", || {
        let local = Trampoline::<Call>::local_mut(|n| n).expect("a slot");
        let pointer = local.as_fn();
        let _ = std::thread::spawn(move || {
            let own = Trampoline::<Call>::local_mut(|n| n).expect("a slot");
            assert_eq!(call(own.as_fn()), 1);
            call(pointer)
        })
        .join();
    };

    panic_in_extern_c: "the panic's own words", || {
        let panics = Trampoline::<Call>::new(|_| panic!("the panic's own words")).expect("a slot");
        call(panics.as_fn());
    };
}
