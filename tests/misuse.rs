//! Misuse ends in an abort that names it. Each case runs in a process of its own, once through a direct thunk and once
//! through a mapped one.

#![allow(clippy::undocumented_unsafe_blocks, reason = "the calls are the misuse that is tested")]

use std::cell::Cell;
use std::process::exit;

use tramp_rt::{Ops, Threads, Trampoline, UserData, trampoline};
use tramp_test_support::{has_aborted, occupy_direct_slots};

type Call = unsafe extern "C" fn(u32) -> u32;
type Other = unsafe extern "C" fn() -> u64;

/// The same through user data.
#[trampoline]
type DataCall = unsafe extern "C" fn(n: u32, data: UserData) -> u32;

type Pair = (unsafe extern "C" fn(u32, UserData) -> u32, UserData);

fn call_data((callee, data): Pair) -> u32 {
    unsafe { std::hint::black_box(callee)(1, data) }
}

/// A C function that calls at most once and destroys. The argument says in which order.
mod notified {
    use super::*;

    #[unsafe(no_mangle)]
    unsafe extern "C" fn misuse_keep(
        call: unsafe extern "C" fn(u32, UserData) -> u32,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) {
        KEPT.set(Some(((call, data), destroy)));
    }

    type Kept = (Pair, unsafe extern "C" fn(UserData));

    thread_local!(static KEPT: Cell<Option<Kept>> = const { Cell::new(None) });

    pub(super) fn kept() -> Kept {
        KEPT.get().expect("a closure")
    }

    pub(super) fn destroy(((_, data), destroy): Kept) {
        unsafe { destroy(data) }
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "misuse_keep"]
        pub(super) safe fn keep(
            #[scope(notified)] call: impl FnMut(u32, UserData) -> u32 + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
        #[link_name = "misuse_keep"]
        pub(super) safe fn keep_once(
            #[scope(notified)] call: impl FnOnce(u32, UserData) -> u32 + Send + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
    }
}

/// Moves a value to another thread that the other thread must not have.
struct Sent<T>(T);
unsafe impl<T> Send for Sent<T> {}
impl<T> Sent<T> {
    fn into_inner(self) -> T {
        self.0
    }
}

const CASE: &str = "TRAMP_TEST_MISUSE";

/// Runs `misuse` in a child process. The child has to abort, print `message`, and say where that is explained.
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
        // A panic has Rust's own message.
        let mut ours = stderr.lines().filter(|line| line.starts_with("tramp: "));
        assert!(ours.all(|line| line.contains("; aborting, see tramp_rt::guide::faq#")), "{kind}: {stderr}");
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

thread_local!(static DATA_AGAIN: Cell<Option<Pair>> = const { Cell::new(None) });

/// Calls what was put into `AGAIN`, from inside a closure.
fn again(n: u32) -> u32 {
    AGAIN.get().map_or(n, |again| unsafe { again(n + 1) })
}

/// Calls what is in `AGAIN` when it is dropped.
struct CallsAgain;

impl Drop for CallsAgain {
    fn drop(&mut self) {
        again(0);
    }
}

/// Calls what is in `DATA_AGAIN` when it is dropped.
struct CallsDataAgain;

impl Drop for CallsDataAgain {
    fn drop(&mut self) {
        let _ = DATA_AGAIN.get().map(call_data);
    }
}

/// A closure whose destructor calls what is in `AGAIN`.
fn calls_again() -> impl Fn(u32) -> u32 + Send + Sync + 'static {
    let (last, offset) = (CallsAgain, 1);
    move |n| {
        let _captured = &last;
        n + offset
    }
}

/// A closure whose destructor calls what is in `DATA_AGAIN`.
fn calls_data_again() -> impl Fn(u32) -> u32 + Send + Sync + 'static {
    let last = CallsDataAgain;
    move |n| {
        let _captured = &last;
        n
    }
}

/// Drops an owner while its closure calls itself.
fn end<T: Threads>(owner: Trampoline<Call, T>) {
    AGAIN.set(Some(owner.as_fn()));
    drop(owner);
}

/// A C struct of callbacks that has a destructor.
mod table {
    use super::*;

    #[repr(C)]
    pub(super) struct Table {
        pub(super) read: Option<Call>,
        pub(super) last: Option<CallsAgain>,
    }

    pub(super) struct Reads(pub(super) Option<CallsAgain>);

    #[trampoline(ops = Table)]
    impl Reads {
        pub(super) extern "C" fn read(&self, n: u32) -> u32 {
            n + u32::from(self.0.is_some())
        }
    }

    pub(super) struct Alters(pub(super) Option<CallsAgain>);

    #[trampoline(ops = Table)]
    impl Alters {
        pub(super) extern "C" fn read(&mut self, n: u32) -> u32 {
            n + u32::from(self.0.is_some())
        }
    }

    /// Drops a bound struct whose entry is called meanwhile.
    pub(super) fn end<T: Threads>(ops: Ops<Table, T>) {
        AGAIN.set(unsafe { (*ops.as_ptr()).read });
        drop(ops);
    }
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

    call_after_a_scope_of_several: "called after its trampoline was dropped", || {
        let word = 7;
        let (first, last) = tramp_rt::scope(|s| {
            let first = s.lend::<Call, _>(|n| n + word).expect("a slot");
            (first, s.lend_mut::<Call, _>(|n| n).expect("a slot"))
        });
        assert!(first as usize != last as usize);
        call(first);
    };

    call_by_a_destructor_of_a_scope: "called after its trampoline was dropped", || {
        tramp_rt::scope(|s| {
            let again = calls_again();
            AGAIN.set(Some(s.lend::<Call, _>(again).expect("a slot")));
        });
    };

    data_call_by_a_destructor_of_a_scope: "called after its trampoline was dropped", || {
        tramp_rt::scope(|s| {
            let again = calls_data_again();
            DATA_AGAIN.set(Some(s.lend_mut::<DataCall, _>(again).expect("memory")));
        });
    };

    recursion_in_a_scope: "an FnMut closure was called while it was running", || {
        let mut sum = 0;
        tramp_rt::scope(|s| {
            let exclusive = s.lend_mut::<Call, _>(|n| { sum += n; again(sum) }).expect("a slot");
            AGAIN.set(Some(exclusive));
            call(exclusive)
        });
    };

    called_twice_in_a_scope: "an FnOnce closure was called a second time", || {
        tramp_rt::scope(|s| {
            let once = s.lend_once::<Call, _>(|n| n).expect("a slot");
            call(once) + call(once)
        });
    };

    called_from_another_thread_in_a_scope: "bound to its creating thread was called from another thread", || {
        tramp_rt::scope(|s| {
            let lent = s.lend::<Call, _>(|n| n).expect("a slot");
            let _ = std::thread::spawn(move || call(lent)).join();
        });
    };

    call_of_an_inferred_loan_after_it: "called after its trampoline was dropped", || {
        let late = tramp_rt::lend(|pointer: Call| pointer, |n| n).expect("a slot");
        call(late);
    };

    call_as_declared_after_drop: "called after its trampoline was dropped", || {
        let trampoline = Trampoline::<extern "C" fn(u32) -> u32>::new(|n| n).expect("a slot");
        let late = unsafe { trampoline.as_declared() };
        drop(trampoline);
        std::hint::black_box(late)(1);
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

    data_exclusive_recursion: "an FnMut closure was called while it was running", || {
        let mut sum = 0;
        let _ = Trampoline::<DataCall>::scoped_mut(|n| { sum += n; DATA_AGAIN.get().map_or(0, call_data) }, |exclusive| {
            DATA_AGAIN.set(Some(exclusive));
            call_data(exclusive)
        });
    };

    data_exclusive_called_by_two_threads: "an FnMut closure was called while it was running", || {
        let mut sum = 0_u32;
        let exclusive = Trampoline::<DataCall>::new_mut(move |n| {
            sum = sum.wrapping_add(n);
            std::thread::sleep(std::time::Duration::from_millis(20));
            sum
        })
        .expect("memory");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| for _ in 0..100 { call_data(exclusive.as_fn()); });
            }
        });
    };

    data_scoped_once_called_twice: "an FnOnce closure was called a second time", || {
        let _ = Trampoline::<DataCall>::scoped_once(|n| n, |once| call_data(once) + call_data(once));
    };

    data_called_from_another_thread: "bound to its creating thread was called from another thread", || {
        let local = Trampoline::<DataCall>::local(|n| n).expect("memory");
        let pair = Sent(local.as_fn());
        let _ = std::thread::spawn(move || call_data(pair.into_inner())).join();
    };

    data_lent_called_from_another_thread: "bound to its creating thread was called from another thread", || {
        let _ = Trampoline::<DataCall>::scoped(|n| n, |pair| {
            let pair = Sent(pair);
            let _ = std::thread::spawn(move || call_data(pair.into_inner())).join();
        });
    };

    call_after_the_drop_inside_a_call: "called after its trampoline was dropped", || {
        let owner = std::rc::Rc::new(Cell::new(None));
        let own = owner.clone();
        let exclusive = Trampoline::<Call>::local_mut(move |n| { drop(own.take()); n }).expect("a slot");
        let late = exclusive.as_fn();
        owner.set(Some(exclusive));
        assert_eq!(call(late), 1);
        call(late);
    };

    recursion_after_the_drop_inside_a_call: "called after its trampoline was dropped", || {
        let owner = std::rc::Rc::new(Cell::new(None));
        let own = owner.clone();
        let exclusive = Trampoline::<Call>::local_mut(move |n| { drop(own.take()); again(n) }).expect("a slot");
        AGAIN.set(Some(exclusive.as_fn()));
        owner.set(Some(exclusive));
        call(AGAIN.get().expect("a pointer"));
    };

    call_from_another_thread_after_the_drop_inside_a_call: "called after its trampoline was dropped", || {
        let owner = std::sync::Arc::new(std::sync::Mutex::new(None));
        let own = owner.clone();
        let exclusive = Trampoline::<Call>::new_mut(move |n| {
            let late = own.lock().expect("no panic").take().map(|owner: Trampoline<Call>| owner.as_fn());
            let late = late.expect("an owner");
            let _ = std::thread::spawn(move || call(late)).join();
            n
        })
        .expect("a slot");
        let pointer = exclusive.as_fn();
        *owner.lock().expect("no panic") = Some(exclusive);
        call(pointer);
    };

    data_recursion_after_the_drop_inside_a_call: "called after its trampoline was dropped", || {
        let owner = std::rc::Rc::new(Cell::new(None));
        let own = owner.clone();
        let exclusive = Trampoline::<DataCall>::local_mut(move |_| {
            drop(own.take());
            DATA_AGAIN.get().map_or(0, call_data)
        })
        .expect("memory");
        DATA_AGAIN.set(Some(exclusive.as_fn()));
        owner.set(Some(exclusive));
        call_data(DATA_AGAIN.get().expect("a pointer"));
    };

    notified_destroyed_by_another_thread: "bound to its creating thread was called from another thread", || {
        notified::keep(|n| n);
        let kept = Sent(notified::kept());
        let _ = std::thread::spawn(move || notified::destroy(kept.into_inner())).join();
    };

    notified_once_called_twice: "an FnOnce closure was called a second time", || {
        notified::keep_once(|n| n);
        call_data(notified::kept().0);
        call_data(notified::kept().0);
    };

    data_panic_in_extern_c: "the panic's own words", || {
        let panics = Trampoline::<DataCall>::new(|_| panic!("the panic's own words")).expect("memory");
        call_data(panics.as_fn());
    };

    call_by_the_destructor_of_a_lent_closure: "called after its trampoline was dropped", || {
        let _ = Trampoline::<Call>::scoped(calls_again(), |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_lent_closure_without_bytes: "called after its trampoline was dropped", || {
        let last = CallsAgain;
        let _ = Trampoline::<Call>::scoped_any(move |n| { let _captured = &last; n }, |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_lent_exclusive_closure: "called after its trampoline was dropped", || {
        let _ = Trampoline::<Call>::scoped_mut(calls_again(), |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_lent_exclusive_closure_of_any_thread: "called after its trampoline was dropped", || {
        let _ = Trampoline::<Call>::scoped_any_mut(calls_again(), |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_lent_once_closure: "called after its trampoline was dropped", || {
        let _ = Trampoline::<Call>::scoped_once(calls_again(), |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_lent_once_closure_of_any_thread: "called after its trampoline was dropped", || {
        let _ = Trampoline::<Call>::scoped_any_once(calls_again(), |lent| AGAIN.set(Some(lent)));
    };

    call_by_the_destructor_of_a_shared_closure: "called after its trampoline was dropped", || {
        end(Trampoline::<Call>::new(calls_again()).expect("a slot"));
    };

    call_by_the_destructor_of_a_local_closure_without_bytes: "called after its trampoline was dropped", || {
        let last = CallsAgain;
        end(Trampoline::<Call>::local(move |n| { let _captured = &last; n }).expect("a slot"));
    };

    call_by_the_destructor_of_an_exclusive_closure: "called after its trampoline was dropped", || {
        end(Trampoline::<Call>::new_mut(calls_again()).expect("a slot"));
    };

    call_by_the_destructor_of_a_local_exclusive_closure: "called after its trampoline was dropped", || {
        end(Trampoline::<Call>::local_mut(calls_again()).expect("a slot"));
    };

    call_by_the_destructor_of_a_counted_closure: "called after its trampoline was dropped", || {
        end(Trampoline::<Call>::counted(calls_again()).expect("a slot"));
    };

    call_by_the_destructor_of_a_protected_closure: "called after its trampoline was dropped", || {
        end(Trampoline::<Call>::protected(calls_again()).expect("a slot"));
    };

    call_by_the_destructor_of_a_once_closure: "`once` trampoline was called again", || {
        let once = Trampoline::<Call>::once(calls_again()).expect("a slot");
        AGAIN.set(Some(once));
        call(once);
    };

    call_by_a_destructor_that_the_call_was_left_with: "called after its trampoline was dropped", || {
        let owner = std::rc::Rc::new(Cell::new(None));
        let (own, last) = (owner.clone(), CallsAgain);
        let exclusive = Trampoline::<Call>::local_mut(move |n| {
            let _captured = &last;
            drop(own.take());
            n
        })
        .expect("a slot");
        let pointer = exclusive.as_fn();
        AGAIN.set(Some(pointer));
        owner.set(Some(exclusive));
        call(pointer);
    };

    call_by_a_destructor_that_a_counted_call_was_left_with: "called after its trampoline was dropped", || {
        let owner = std::rc::Rc::new(Cell::new(None));
        let (own, last) = (owner.clone(), CallsAgain);
        let counted = Trampoline::<Call>::local_counted(move |n| {
            let _captured = &last;
            drop(own.take());
            n
        })
        .expect("a slot");
        let pointer = counted.as_fn();
        AGAIN.set(Some(pointer));
        owner.set(Some(counted));
        call(pointer);
    };

    call_by_the_destructor_of_a_bound_state: "called after its trampoline was dropped", || {
        let ops = table::Reads(Some(CallsAgain)).bind(table::Table { read: None, last: None });
        table::end(ops.expect("a slot"));
    };

    call_by_the_destructor_of_a_struct_of_callbacks: "called after its trampoline was dropped", || {
        let ops = table::Reads(None).bind(table::Table { read: None, last: Some(CallsAgain) });
        table::end(ops.expect("a slot"));
    };

    call_by_the_destructor_of_a_bound_state_that_is_altered: "called after its trampoline was dropped", || {
        let ops = table::Alters(Some(CallsAgain)).bind_local(table::Table { read: None, last: None });
        table::end(ops.expect("a slot"));
    };

    data_call_by_the_destructor_of_a_lent_exclusive_closure: "called after its trampoline was dropped", || {
        let _ = Trampoline::<DataCall>::scoped_mut(calls_data_again(), |lent| DATA_AGAIN.set(Some(lent)));
    };

    data_call_by_the_destructor_of_a_lent_once_closure: "called after its trampoline was dropped", || {
        let _ = Trampoline::<DataCall>::scoped_once(calls_data_again(), |lent| DATA_AGAIN.set(Some(lent)));
    };

    data_call_by_the_destructor_of_an_exclusive_closure: "called after its trampoline was dropped", || {
        let exclusive = Trampoline::<DataCall>::local_mut(calls_data_again()).expect("memory");
        DATA_AGAIN.set(Some(exclusive.as_fn()));
        drop(exclusive);
    };

    data_call_by_the_destructor_of_a_notified_closure: "called after its trampoline was dropped", || {
        notified::keep(calls_data_again());
        DATA_AGAIN.set(Some(notified::kept().0));
        notified::destroy(notified::kept());
    };

    data_call_by_the_destructor_of_a_notified_once_closure: "called after its trampoline was dropped", || {
        notified::keep_once(calls_data_again());
        DATA_AGAIN.set(Some(notified::kept().0));
        notified::destroy(notified::kept());
    };
}
