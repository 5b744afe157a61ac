//! Owners that are dropped while a call of their closure runs. The closure itself drops them, or another thread does.
//! The drop takes effect when the call returns or unwinds.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a trampoline that is live or running")]
#![allow(clashing_extern_declarations, reason = "a function of C is declared for several owners")]

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use tramp_rt::{Signature, ThisThread, Threads, Trampoline, UserData, trampoline};
use tramp_test_support::{Kind, live, with_each_kind};

type Call = unsafe extern "C" fn(c_int) -> c_int;
type Unwinding = unsafe extern "C-unwind" fn(c_int) -> c_int;
/// More integers than any processor has argument registers. So the slot's address travels on the stack.
type Wide = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64;

/// The same through user data.
#[trampoline]
type DataCall = unsafe extern "C" fn(n: c_int, data: UserData) -> c_int;

/// Counts its drops, and has values that code would not find after a drop.
struct Witness {
    drops: Rc<Cell<usize>>,
    text: String,
}

const TEXT: &str = "what the closure has captured";

impl Witness {
    fn new() -> (Self, Rc<Cell<usize>>) {
        let drops = Rc::new(Cell::new(0));
        (Self { drops: drops.clone(), text: TEXT.into() }, drops)
    }

    fn is_whole(&self) -> bool {
        self.drops.get() == 0 && self.text == TEXT
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.text.clear();
        self.drops.set(self.drops.get() + 1);
    }
}

/// The place of an owner that its own closure drops.
type Place<O> = Rc<RefCell<Option<O>>>;

/// Acts as C and calls a closure that drops its own trampoline. Returns whether the slot came back.
fn unregister_inside<S: Signature, T: Threads>(
    kind: Kind,
    make: impl FnOnce(Place<Trampoline<S, T>>) -> Trampoline<S, T>,
    call: impl FnOnce(S::Pointer),
) {
    let before = live(kind);
    let owner = Place::default();
    let trampoline = make(owner.clone());
    assert_eq!(live(kind), before + 1);
    let pointer = trampoline.as_fn();
    owner.replace(Some(trampoline));
    call(pointer);
    assert!(owner.borrow().is_none());
    assert_eq!(live(kind), before, "{kind:?}");
}

#[test]
fn a_closure_drops_its_own_trampoline() {
    with_each_kind(&|kind| {
        let (witness, drops) = Witness::new();
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Call, ThisThread>>| {
                let mut calls = 0;
                Trampoline::<Call>::local_mut(move |n| {
                    drop(owner.take());
                    assert!(witness.is_whole(), "what runs is whole");
                    calls += n;
                    calls
                })
                .expect("a slot")
            },
            |call| assert_eq!(unsafe { call(7) }, 7),
        );
        assert_eq!(drops.get(), 1, "dropped once, when the call returned");
    });
}

#[test]
fn in_a_later_call_too() {
    with_each_kind(&|kind| {
        let (witness, drops) = Witness::new();
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Call, ThisThread>>| {
                Trampoline::<Call>::local_mut(move |n| {
                    (n == 3).then(|| drop(owner.take()));
                    c_int::from(witness.is_whole())
                })
                .expect("a slot")
            },
            |call| assert_eq!(unsafe { [call(1), call(2), call(3)] }, [1; 3]),
        );
        assert_eq!(drops.get(), 1);
    });
}

/// Every way of keeping a closure: in the slot, only as a destructor, and on the heap.
#[test]
fn however_the_closure_is_kept() {
    thread_local! {
        static OWNER: RefCell<Option<Trampoline<Call, ThisThread>>> = const { RefCell::new(None) };
        static DROPS: Cell<usize> = const { Cell::new(0) };
    }
    struct WithoutBytes;
    impl Drop for WithoutBytes {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    fn run(kind: Kind, closure: impl FnMut(c_int) -> c_int + 'static) {
        let before = live(kind);
        let owner = Trampoline::<Call>::local_mut(closure).expect("a slot");
        let call = owner.as_fn();
        OWNER.set(Some(owner));
        assert_eq!(unsafe { [call(1), call(-1)] }, [1, 0]);
        assert_eq!(live(kind), before, "{kind:?}");
    }
    fn unregister(n: c_int) {
        (n < 0).then(|| drop(OWNER.take()));
    }
    with_each_kind(&|kind| {
        let mut sum = 0_u16;
        run(kind, move |n| {
            unregister(n);
            sum = sum.wrapping_add_signed(n.try_into().expect("small"));
            sum.into()
        });
        DROPS.set(0);
        let without_bytes = WithoutBytes;
        run(kind, move |n| {
            unregister(n);
            let _ = &without_bytes;
            n.max(0) + c_int::try_from(DROPS.get()).expect("few")
        });
        assert_eq!(DROPS.get(), 1);
        let (mut sum, large) = (0, [0_u64; 100]);
        run(kind, move |n| {
            unregister(n);
            sum += n + c_int::try_from(large[50]).expect("small");
            sum
        });
    });
}

#[test]
fn with_the_slot_on_the_stack() {
    with_each_kind(&|kind| {
        let (witness, drops) = Witness::new();
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Wide, ThisThread>>| {
                let mut calls = 0;
                let sum = move |a, b, c, d, e, f, g, h, i, j, k| {
                    drop(owner.take());
                    assert!(witness.is_whole());
                    calls += 1;
                    calls + a + b + c + d + e + f + g + h + i + j + k
                };
                Trampoline::<Wide>::local_mut(sum).expect("a slot")
            },
            |sum| assert_eq!(unsafe { sum(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) }, 67),
        );
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn a_call_that_unwinds_ends_what_it_unregistered() {
    with_each_kind(&|kind| {
        let (witness, drops) = Witness::new();
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Unwinding, ThisThread>>| {
                Trampoline::<Unwinding>::local_mut(move |n| {
                    drop(owner.take());
                    assert!(witness.is_whole() && n == 1);
                    resume_unwind(Box::new("a panic of the closure"))
                })
                .expect("a slot")
            },
            |call| {
                let panic = catch_unwind(|| unsafe { call(1) }).expect_err("a panic");
                assert_eq!(panic.downcast_ref(), Some(&"a panic of the closure"));
            },
        );
        assert_eq!(drops.get(), 1);
    });
}

/// The slot is released before the destructor runs, and the other captures are dropped.
#[test]
fn a_destructor_that_panics_loses_nothing() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            resume_unwind(Box::new("a panic of the destructor"));
        }
    }
    with_each_kind(&|kind| {
        let (witness, drops) = Witness::new();
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Unwinding, ThisThread>>| {
                let panics = Panics;
                Trampoline::<Unwinding>::local_mut(move |n| {
                    drop(owner.take());
                    let _ = &panics;
                    n + c_int::from(witness.is_whole())
                })
                .expect("a slot")
            },
            |call| {
                let panic = catch_unwind(|| unsafe { call(1) }).expect_err("a panic");
                assert_eq!(panic.downcast_ref(), Some(&"a panic of the destructor"));
            },
        );
        assert_eq!(drops.get(), 1);
    });
}

/// A trampoline that the destructor creates may get the slot.
#[test]
fn the_slot_is_free_when_the_destructor_runs() {
    with_each_kind(&|kind| {
        struct Counts(Rc<Cell<usize>>, Kind);
        impl Drop for Counts {
            fn drop(&mut self) {
                self.0.set(live(self.1));
            }
        }
        let (seen, before) = (Rc::new(Cell::new(usize::MAX)), live(kind));
        let counts = Counts(seen.clone(), kind);
        unregister_inside(
            kind,
            |owner: Place<Trampoline<Call, ThisThread>>| {
                let mut calls = 0;
                Trampoline::<Call>::local_mut(move |n| {
                    drop(owner.take());
                    let _ = &counts;
                    calls += n;
                    calls
                })
                .expect("a slot")
            },
            |call| assert_eq!(unsafe { call(1) }, 1),
        );
        assert_eq!(seen.get(), before);
    });
}

#[test]
fn a_closure_for_any_thread_drops_its_own_trampoline() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let (owner, dropped) = (Arc::new(Mutex::new(None)), Arc::new(()));
        let (place, held) = (owner.clone(), dropped.clone());
        let trampoline = Trampoline::<Call>::new_mut(move |n| {
            drop(place.lock().expect("no panic").take());
            n + c_int::try_from(Arc::strong_count(&held)).expect("few")
        })
        .expect("a slot");
        let call = trampoline.as_fn();
        *owner.lock().expect("no panic") = Some(trampoline);
        assert_eq!(unsafe { call(40) }, 42);
        assert_eq!((Arc::strong_count(&dropped), live(kind)), (1, before));
    });
}

#[test]
fn another_thread_drops_what_runs() {
    with_each_kind(&|kind| {
        let before = live(kind);
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let dropped = Arc::new(());
        let held = dropped.clone();
        let trampoline = Trampoline::<Call>::new_mut(move |n| {
            started.send(()).expect("a receiver");
            may_go_on.recv().expect("a sender");
            n + c_int::try_from(Arc::strong_count(&held)).expect("few")
        })
        .expect("a slot");
        let call = trampoline.as_fn();
        let running = std::thread::spawn(move || unsafe { call(40) });
        has_started.recv().expect("a sender");
        drop(trampoline);
        assert_eq!(Arc::strong_count(&dropped), 2, "it runs");
        go_on.send(()).expect("the receiver that runs");
        assert_eq!(running.join().expect("no panic"), 42);
        assert_eq!((Arc::strong_count(&dropped), live(kind)), (1, before));
    });
}

/// The drop meets the call at every moment. Whichever comes last ends the closure, and only one of them does.
#[test]
fn a_drop_and_the_end_of_a_call_race() {
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let rounds = if cfg!(debug_assertions) { 2_000 } else { 10_000 };
    with_each_kind(&|kind| {
        let before = live(kind);
        let drops = Arc::new(AtomicUsize::new(0));
        let (to_call, calls) = mpsc::sync_channel::<(usize, Arc<AtomicBool>, usize)>(0);
        let together = Arc::new(Barrier::new(2));
        let caller = std::thread::spawn({
            let together = together.clone();
            move || {
                for (entry, begun, spin) in calls {
                    let call: Call = unsafe { std::mem::transmute(std::ptr::with_exposed_provenance::<()>(entry)) };
                    assert_eq!(unsafe { call(spin.try_into().expect("small")) }, 0);
                    assert!(begun.load(Ordering::Relaxed));
                    together.wait();
                }
            }
        });
        for round in 0..rounds {
            let begun = Arc::new(AtomicBool::new(false));
            let (seen, counts) = (begun.clone(), Counts(drops.clone()));
            let trampoline = Trampoline::<Call>::new_mut(move |n| {
                seen.store(true, Ordering::Release);
                (0..n).for_each(|_| std::hint::spin_loop());
                let Counts(drops) = &counts;
                c_int::from(drops.load(Ordering::Relaxed) != round)
            })
            .expect("a slot");
            to_call
                .send(((trampoline.as_fn() as *const ()).expose_provenance(), begun.clone(), round % 16))
                .expect("alive");
            while !begun.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            (0..round / 16 % 16).for_each(|_| std::hint::spin_loop());
            drop(trampoline);
            together.wait();
            assert_eq!(drops.load(Ordering::Relaxed), round + 1);
        }
        drop(to_call);
        caller.join().expect("no panic");
        assert_eq!(live(kind), before);
    });
}

#[test]
fn behind_user_data() {
    let (witness, drops) = Witness::new();
    let owner = Place::default();
    let place = owner.clone();
    let mut calls = 0;
    let trampoline = Trampoline::<DataCall>::local_mut(move |n| {
        drop(place.take());
        assert!(witness.is_whole());
        calls += n;
        calls
    })
    .expect("memory");
    let (call, data) = trampoline.as_fn();
    owner.replace(Some(trampoline));
    assert_eq!(unsafe { call(7, data) }, 7);
    assert_eq!(drops.get(), 1);

    let (owner, dropped) = (Arc::new(Mutex::new(None)), Arc::new(()));
    let (place, held) = (owner.clone(), dropped.clone());
    let trampoline = Trampoline::<DataCall>::new_mut(move |n| {
        drop(place.lock().expect("no panic").take());
        n + c_int::try_from(Arc::strong_count(&held)).expect("few")
    })
    .expect("memory");
    let (call, data) = trampoline.as_fn();
    *owner.lock().expect("no panic") = Some(trampoline);
    assert_eq!(unsafe { call(40, data) }, 42);
    assert_eq!(Arc::strong_count(&dropped), 1);
}

/// A C function that calls and destroys as the test tells it.
mod notified {
    use super::*;

    type Kept = (unsafe extern "C" fn(c_int, UserData) -> c_int, UserData, unsafe extern "C" fn(UserData));

    thread_local!(static KEPT: Cell<Option<Kept>> = const { Cell::new(None) });

    #[unsafe(no_mangle)]
    unsafe extern "C" fn dropped_while_running_keep(
        call: unsafe extern "C" fn(c_int, UserData) -> c_int,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) {
        KEPT.set(Some((call, data, destroy)));
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "dropped_while_running_keep"]
        safe fn keep(
            #[scope(notified)] call: impl FnMut(c_int, UserData) -> c_int + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
        #[link_name = "dropped_while_running_keep"]
        safe fn keep_any(
            #[scope(notified)] call: impl FnMut(c_int, UserData) -> c_int + Send + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
        #[link_name = "dropped_while_running_keep"]
        safe fn keep_once(
            #[scope(notified)] call: impl FnOnce(c_int, UserData) -> c_int + 'static,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        );
    }

    fn call(n: c_int) -> c_int {
        let (call, data, _) = KEPT.get().expect("a closure");
        unsafe { call(n, data) }
    }

    fn destroy() {
        let (_, data, destroy) = KEPT.take().expect("a closure");
        unsafe { destroy(data) }
    }

    #[test]
    fn c_destroys_the_user_data_inside_the_call() {
        let (witness, drops) = Witness::new();
        keep(move |n| {
            (n == 2).then(destroy);
            assert!(witness.is_whole());
            n
        });
        assert_eq!((call(1), call(2), drops.get()), (1, 2, 1));

        let dropped = Arc::new(());
        let held = dropped.clone();
        keep_any(move |n| {
            destroy();
            n + c_int::try_from(Arc::strong_count(&held)).expect("few")
        });
        assert_eq!((call(40), Arc::strong_count(&dropped)), (42, 1));

        let (witness, drops) = Witness::new();
        keep_once(move |n| {
            destroy();
            assert!(witness.is_whole());
            n
        });
        assert_eq!((call(3), drops.get()), (3, 1));
    }
}

/// Owners of other kinds contain a trampoline and drop it.
mod owners {
    use tramp_rt::Installed;

    use super::*;

    type Handler = Option<Call>;

    thread_local!(static HANDLER: Cell<Handler> = const { Cell::new(None) });

    #[unsafe(no_mangle)]
    unsafe extern "C" fn dropped_while_running_set(handler: Handler) -> Handler {
        HANDLER.replace(handler)
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "dropped_while_running_set"]
        #[restore]
        fn set(#[scope(owned)] handler: impl FnMut(c_int) -> c_int + 'static) -> Handler;
    }

    mod registered {
        use super::*;

        #[trampoline]
        unsafe extern "C" {
            #[link_name = "dropped_while_running_set"]
            pub(super) fn register(#[scope(owned)] handler: impl FnMut(c_int) -> c_int + 'static);
        }
    }

    #[test]
    fn an_installed_handler_drops_itself() {
        with_each_kind(&|kind| {
            let before = live(kind);
            let (witness, drops) = Witness::new();
            let place: Place<Installed<set, ThisThread, Handler>> = Place::default();
            let own = place.clone();
            let installed = unsafe {
                set(move |n| {
                    drop(own.take());
                    assert!(witness.is_whole() && HANDLER.get().is_none(), "the handler before is back at once");
                    n
                })
            };
            place.replace(Some(installed));
            let handler = HANDLER.get().expect("a handler");
            assert_eq!(unsafe { handler(5) }, 5);
            assert_eq!((drops.get(), live(kind)), (1, before));
        });
    }

    #[test]
    fn what_a_wrapper_returned_is_dropped_inside() {
        with_each_kind(&|kind| {
            let before = live(kind);
            let (witness, drops) = Witness::new();
            let place: Place<Trampoline<registered::register, ThisThread>> = Place::default();
            let own = place.clone();
            let owner = unsafe {
                registered::register(move |n| {
                    drop(own.take());
                    assert!(witness.is_whole());
                    n
                })
            };
            place.replace(Some(owner));
            let handler = HANDLER.take().expect("a handler");
            assert_eq!(unsafe { handler(5) }, 5);
            assert_eq!((drops.get(), live(kind)), (1, before));
        });
    }

    /// `once` has no owner that the closure could drop. The slot is free before the closure runs.
    #[test]
    fn once_has_its_slot_released_before_it_runs() {
        with_each_kind(&|kind| {
            let before = live(kind);
            let (witness, drops) = Witness::new();
            let once = Trampoline::<Call>::local_once(move |n| {
                assert!(witness.is_whole() && live(kind) == before);
                n
            })
            .expect("a slot");
            assert_eq!((unsafe { once(1) }, drops.get()), (1, 1));
        });
    }
}

/// Structs of callbacks with an entry that takes `&mut self`.
mod ops {
    use tramp_rt::Ops;

    use super::*;

    #[repr(C)]
    struct callbacks {
        change: Option<unsafe extern "C-unwind" fn(n: c_int) -> c_int>,
        look: Option<unsafe extern "C-unwind" fn(n: c_int) -> c_int>,
        version: c_int,
    }

    const EMPTY: callbacks = callbacks { change: None, look: None, version: 3 };

    type Owner = Ops<callbacks, ThisThread>;

    struct State {
        owner: Place<Owner>,
        witness: Witness,
        changes: c_int,
    }

    #[trampoline(ops = callbacks)]
    impl State {
        /// Drops the owner if `n` is negative, and panics if it is less than that.
        extern "C-unwind" fn change(&mut self, n: c_int) -> c_int {
            self.changes += 1;
            if n < 0 {
                let owner = self.owner.take().expect("an owner");
                let ops = owner.as_ptr();
                drop(owner);
                assert_eq!(unsafe { (*ops).version }, 3, "C's struct stays as well");
            }
            assert!(self.witness.is_whole());
            if n < -1 {
                resume_unwind(Box::new("a panic of the callback"));
            }
            self.changes
        }

        /// Calls itself inside itself `n` times. The innermost call drops the owner.
        extern "C-unwind" fn look(&self, n: c_int) -> c_int {
            let inner = if n > 0 {
                let look =
                    unsafe { (*self.owner.borrow().as_ref().expect("an owner").as_ptr()).look.expect("an entry") };
                unsafe { look(n - 1) }
            } else {
                drop(self.owner.take());
                0
            };
            assert!(self.witness.is_whole());
            inner + 1
        }
    }

    fn unregister_inside(call: impl Fn(&callbacks)) {
        with_each_kind(&|kind| {
            let before = live(kind);
            let ((witness, drops), owner) = (Witness::new(), Place::default());
            let ops = State { owner: owner.clone(), witness, changes: 0 }.bind_local(EMPTY).expect("slots");
            assert_eq!(live(kind), before + 2);
            let entries = unsafe { ops.as_ptr().read() };
            owner.replace(Some(ops));
            call(&entries);
            assert_eq!((drops.get(), live(kind), Rc::strong_count(&owner)), (1, before, 1), "{kind:?}");
        });
    }

    #[test]
    fn an_entry_that_is_alone_drops_its_own_struct() {
        unregister_inside(|ops| {
            let change = ops.change.expect("an entry");
            assert_eq!(unsafe { (change(1), change(-1)) }, (1, 2));
        });
    }

    #[test]
    fn the_last_of_several_entries_drops_the_struct() {
        unregister_inside(|ops| assert_eq!(unsafe { ops.look.expect("an entry")(2) }, 3));
    }

    #[test]
    fn an_entry_that_unwinds_drops_the_struct() {
        unregister_inside(|ops| {
            let change = ops.change.expect("an entry");
            let panic = catch_unwind(|| unsafe { change(-2) }).expect_err("a panic");
            assert_eq!(panic.downcast_ref(), Some(&"a panic of the callback"));
        });
    }

    /// Reports that it is in, and leaves when it is told to.
    struct Waits {
        inside: mpsc::Sender<()>,
        go_on: Mutex<mpsc::Receiver<()>>,
        alive: Arc<()>,
    }

    impl Waits {
        fn wait(&self, n: c_int) -> c_int {
            self.inside.send(()).expect("a receiver");
            self.go_on.lock().expect("no panic").recv().expect("a sender");
            n + c_int::try_from(Arc::strong_count(&self.alive)).expect("few")
        }
    }

    #[trampoline(ops = callbacks)]
    impl Waits {
        extern "C-unwind" fn change(&mut self, n: c_int) -> c_int {
            self.wait(n)
        }
        extern "C-unwind" fn look(&self, n: c_int) -> c_int {
            self.wait(n)
        }
    }

    #[test]
    fn another_thread_drops_the_struct() {
        with_each_kind(&|kind| {
            for calls in [1, 3] {
                let before = live(kind);
                let (inside, is_inside) = mpsc::channel();
                let (go_on, may_go_on) = mpsc::channel();
                let alive = Arc::new(());
                let state = Waits { inside, go_on: Mutex::new(may_go_on), alive: alive.clone() };
                let ops = Waits::bind(state, EMPTY).expect("slots");
                let entries = unsafe { ops.as_ptr().read() };
                let entry = if calls == 1 { entries.change } else { entries.look }.expect("an entry");
                let running: Vec<_> = (0..calls).map(|_| std::thread::spawn(move || unsafe { entry(40) })).collect();
                (0..calls).for_each(|_| is_inside.recv().expect("a sender"));
                drop(ops);
                assert_eq!(Arc::strong_count(&alive), 2, "it runs");
                (0..calls).for_each(|_| go_on.send(()).expect("a receiver that runs"));
                for call in running {
                    assert_eq!(call.join().expect("no panic"), 42);
                }
                assert_eq!((Arc::strong_count(&alive), live(kind)), (1, before));
            }
        });
    }

    /// Two calls end and the owner is dropped, in every order. Whichever comes last drops the state, and only one of
    /// them does.
    #[test]
    fn a_drop_and_the_end_of_calls_race() {
        struct Spins(Arc<AtomicUsize>, Arc<AtomicUsize>);
        impl Drop for Spins {
            fn drop(&mut self) {
                self.1.fetch_add(1, Ordering::Relaxed);
            }
        }
        #[trampoline(ops = callbacks)]
        impl Spins {
            extern "C-unwind" fn change(&mut self, n: c_int) -> c_int {
                n
            }
            extern "C-unwind" fn look(&self, n: c_int) -> c_int {
                self.0.fetch_add(1, Ordering::Release);
                (0..n).for_each(|_| std::hint::spin_loop());
                n
            }
        }
        let rounds = if cfg!(debug_assertions) { 500 } else { 2_000 };
        with_each_kind(&|kind| {
            let (before, drops) = (live(kind), Arc::new(AtomicUsize::new(0)));
            for round in 0..rounds {
                let inside = Arc::new(AtomicUsize::new(0));
                let ops = Spins(inside.clone(), drops.clone()).bind(EMPTY).expect("slots");
                let entries = unsafe { ops.as_ptr().read() };
                let look = entries.look.expect("an entry");
                std::thread::scope(|scope| {
                    for call in 0..2 {
                        scope.spawn(move || unsafe { look((round * (call + 1)) % 64) });
                    }
                    while inside.load(Ordering::Acquire) != 2 {
                        std::thread::yield_now();
                    }
                    (0..round / 16 % 64).for_each(|_| std::hint::spin_loop());
                    drop(ops);
                });
                assert_eq!(drops.load(Ordering::Relaxed), usize::try_from(round).expect("small") + 1);
            }
            assert_eq!(live(kind), before);
        });
    }
}
