//! Which threads may call a closure, in every form of the attribute, when C calls from its own threads. An allowed call
//! works, and a forbidden one ends in an abort with a message. Each case has a process of its own, once with direct
//! thunks and once with mapped ones. The C side is `c/callbacks.c`. `ops.rs` has the structs of callbacks.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of c/callbacks.c as it is declared there")]

use std::cell::Cell;
use std::process::exit;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tramp_rt::{Trampoline, trampoline};
use tramp_test_support::{alone, occupy_direct_slots};

const ANOTHER_THREAD: &str = "bound to its creating thread was called from another thread";
const RUNNING: &str = "an FnMut closure was called while it was running";
const TWICE: &str = "an FnOnce closure was called a second time";
const FREED: &str = "a `once` trampoline was called again";

type Visit = unsafe extern "C" fn(i32) -> i32;

unsafe extern "C" {
    /// Makes `count` calls on each of `threads` threads, which have ended when this returns.
    fn callbacks_on_threads(threads: i32, count: i32, visit: Visit) -> i32;
}

/// The same function, with each set of bounds.
#[allow(clashing_extern_declarations, reason = "one function by many names")]
mod blocks {
    use super::trampoline;

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "callbacks_on_threads"]
        pub fn lent(threads: i32, count: i32, visit: impl Fn(i32) -> i32) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn lent_mut(threads: i32, count: i32, visit: impl FnMut(i32) -> i32) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn lent_once(threads: i32, count: i32, visit: impl FnOnce(i32) -> i32) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn lent_any(threads: i32, count: i32, visit: impl Fn(i32) -> i32 + Send + Sync) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn lent_any_mut(threads: i32, count: i32, visit: impl FnMut(i32) -> i32 + Send) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn lent_any_once(threads: i32, count: i32, visit: impl FnOnce(i32) -> i32 + Send) -> i32;

        #[link_name = "callbacks_on_threads"]
        pub fn kept(threads: i32, count: i32, #[scope(forever)] visit: impl Fn(i32) -> i32 + 'static) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn kept_mut(threads: i32, count: i32, #[scope(forever)] visit: impl FnMut(i32) -> i32 + 'static) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn kept_once(threads: i32, count: i32, #[scope(async)] visit: impl FnOnce(i32) -> i32 + 'static) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn kept_any(
            threads: i32,
            count: i32,
            #[scope(forever)] visit: impl Fn(i32) -> i32 + Send + Sync + 'static,
        ) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn kept_any_mut(
            threads: i32,
            count: i32,
            #[scope(forever)] visit: impl FnMut(i32) -> i32 + Send + 'static,
        ) -> i32;
        #[link_name = "callbacks_on_threads"]
        pub fn kept_any_once(
            threads: i32,
            count: i32,
            #[scope(async)] visit: impl FnOnce(i32) -> i32 + Send + 'static,
        ) -> i32;

        // The way of a panic is another, that of a call the same.
        #[link_name = "callbacks_on_threads"]
        pub fn lent_on_panic(threads: i32, count: i32, #[on_panic(return = 0)] visit: impl FnMut(i32) -> i32) -> i32;
    }
}

#[trampoline]
extern "C" fn shared(sum: &AtomicI32, n: i32) -> i32 {
    sum.fetch_add(n, Ordering::Relaxed);
    1
}

#[trampoline]
extern "C" fn exclusive(sum: &mut i32, _: i32) -> i32 {
    *sum = slowly(*sum);
    1
}

#[trampoline]
extern "C" fn once(sum: i32, n: i32) -> i32 {
    sum + n
}

#[trampoline]
extern "C" fn of_one_thread(sum: &mut Rc<Cell<i32>>, n: i32) -> i32 {
    sum.set(sum.get() + n);
    1
}

/// Takes so long that two threads meet.
fn slowly(n: i32) -> i32 {
    sleep(Duration::from_millis(20));
    n.wrapping_add(1)
}

fn on_threads(threads: i32, count: i32, visit: Visit) -> i32 {
    unsafe { callbacks_on_threads(threads, count, visit) }
}

const CASE: &str = "TRAMP_TEST_CHILD";
/// A status that differs from that of a test program without a test of this name.
const ENDED_WELL: i32 = 42;

/// Runs `case` in a child process. If there is a message, the child has to abort and print it. If not, it has to
/// succeed.
fn run(name: &str, message: Option<&str>, case: fn()) {
    if let Ok(kind) = std::env::var(CASE) {
        let _live = (kind == "mapped").then(occupy_direct_slots);
        case();
        exit(ENDED_WELL);
    }
    for kind in ["direct", "mapped"] {
        let child = alone(name).env(CASE, kind).output().expect("a child process");
        let said = String::from_utf8_lossy(&child.stderr);
        if let Some(message) = message {
            assert!(tramp_test_support::has_aborted(child.status), "{kind}: {:?}\n{said}", child.status);
            assert!(said.contains(message), "{kind}: {said}");
        } else {
            assert_eq!(child.status.code(), Some(ENDED_WELL), "{kind}: {:?}\n{said}", child.status);
        }
    }
}

macro_rules! cases {
    (works { $($works:ident: $good:expr;)* } dies { $($dies:ident: $message:ident, $bad:expr;)* }) => {
        $(
            #[test]
            fn $works() {
                run(stringify!($works), None, || $good);
            }
        )*
        $(
            #[test]
            fn $dies() {
                run(stringify!($dies), Some($message), || _ = $bad);
            }
        )*
    };
}

cases! {
    works {
        lent_to_any: {
            let sum = AtomicI32::new(0);
            let calls = unsafe { blocks::lent_any(4, 1_000, |_| { sum.fetch_add(1, Ordering::Relaxed); 1 }) };
            assert_eq!((calls, sum.into_inner()), (4_000, 4_000));
        };
        lent_to_any_one_at_a_time: {
            let mut sum = 0;
            assert_eq!(unsafe { blocks::lent_any_mut(1, 1_000, |n| { sum += n; 1 }) }, 1_000);
            assert_eq!(sum, 499_500);
        };
        lent_to_any_once: {
            let text = String::from("moved");
            assert_eq!(unsafe { blocks::lent_any_once(1, 1, |_| i32::try_from(text.into_bytes().len()).unwrap()) }, 5);
        };
        kept_for_any: assert_eq!(unsafe { blocks::kept_any(4, 1_000, |_| 1) }, 4_000);
        kept_for_any_one_at_a_time: {
            let mut sum = 0;
            assert_eq!(unsafe { blocks::kept_any_mut(1, 3, move |n| { sum += n; sum }) }, 1 + 3);
        };
        kept_for_any_once: {
            let text = String::from("moved");
            assert_eq!(unsafe { blocks::kept_any_once(1, 1, |_| i32::try_from(text.into_bytes().len()).unwrap()) }, 5);
        };
        trampolines_for_any: {
            let (sum, mut last) = (AtomicI32::new(0), 0);
            let calls = Trampoline::<Visit>::scoped_any(|n| sum.fetch_add(n, Ordering::Relaxed), |visit| {
                on_threads(4, 1_000, visit);
            });
            calls.expect("a slot");
            assert_eq!(sum.into_inner(), 4 * 499_500);
            Trampoline::<Visit>::scoped_any_mut(|n| { last = n; n }, |visit| on_threads(1, 10, visit)).expect("a slot");
            assert_eq!(last, 9);
            let once = String::from("moved");
            let once = Trampoline::<Visit>::scoped_any_once(|n| { drop(once); n + 1 }, |visit| on_threads(1, 1, visit));
            assert_eq!(once.expect("a slot"), 1);
        };
        handlers_for_any: {
            assert_eq!(on_threads(4, 1_000, shared::bind(AtomicI32::new(0)).expect("a slot").as_fn()), 4_000);
            assert_eq!(on_threads(1, 2, exclusive::bind(0).expect("a slot").as_fn()), 2);
            assert_eq!(on_threads(1, 1, once::bind(5).expect("a slot")), 5);
        };
        handlers_on_their_thread: {
            let sum = Rc::new(Cell::new(0));
            let local = of_one_thread::bind_local(sum.clone()).expect("a slot");
            assert_eq!(unsafe { (local.as_fn())(3) + sum.get() }, 4);
        };
    }
    dies {
        lent: ANOTHER_THREAD, unsafe { blocks::lent(1, 1, |n| n) };
        lent_mut: ANOTHER_THREAD, unsafe { let mut sum = 0; blocks::lent_mut(1, 1, |n| { sum += n; sum }) };
        lent_once: ANOTHER_THREAD, unsafe { let sum = Rc::new(1); blocks::lent_once(1, 1, move |n| n + *sum) };
        lent_on_panic: ANOTHER_THREAD, unsafe { let mut sum = 0; blocks::lent_on_panic(1, 1, |n| { sum += n; sum }) };
        lent_any_mut: RUNNING, unsafe { let mut sum = 0; blocks::lent_any_mut(2, 50, |_| { sum = slowly(sum); sum }) };
        lent_any_once: TWICE, unsafe { let sum = vec![1]; blocks::lent_any_once(1, 2, |_| sum.into_iter().sum()) };
        kept: ANOTHER_THREAD, unsafe { blocks::kept(1, 1, |n| n) };
        kept_mut: ANOTHER_THREAD, unsafe { let mut sum = 0; blocks::kept_mut(1, 1, move |n| { sum += n; sum }) };
        kept_once: ANOTHER_THREAD, unsafe { let sum = Rc::new(1); blocks::kept_once(1, 1, move |n| n + *sum) };
        kept_any_mut: RUNNING, unsafe { let mut n = 0; blocks::kept_any_mut(2, 50, move |_| { n = slowly(n); n }) };
        kept_any_once: FREED, unsafe { blocks::kept_any_once(1, 2, |n| n) };
        scoped: ANOTHER_THREAD, Trampoline::<Visit>::scoped(|n| n, |visit| on_threads(1, 1, visit));
        scoped_mut: ANOTHER_THREAD, Trampoline::<Visit>::scoped_mut(|n| n, |visit| on_threads(1, 1, visit));
        scoped_once: ANOTHER_THREAD, Trampoline::<Visit>::scoped_once(|n| n, |visit| on_threads(1, 1, visit));
        scoped_any_mut: RUNNING, Trampoline::<Visit>::scoped_any_mut(slowly, |visit| on_threads(2, 50, visit));
        scoped_any_once: TWICE, Trampoline::<Visit>::scoped_any_once(|n| n, |visit| on_threads(1, 2, visit));
        handler_of_one_thread:
            ANOTHER_THREAD, on_threads(1, 1, of_one_thread::bind_local(Rc::default()).expect("a slot").as_fn());
        shared_handler_of_one_thread:
            ANOTHER_THREAD, on_threads(1, 1, shared::bind_local(AtomicI32::new(0)).expect("a slot").as_fn());
        once_handler_of_one_thread: ANOTHER_THREAD, on_threads(1, 1, once::bind_local(1).expect("a slot"));
        exclusive_handler: RUNNING, on_threads(2, 50, exclusive::bind(0).expect("a slot").as_fn());
        once_handler: FREED, on_threads(1, 2, once::bind(1).expect("a slot"));
    }
}
