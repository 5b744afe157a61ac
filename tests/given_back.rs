//! A closure gives everything back when it ends: its memory, with the same layout, and its slot, even if its destructor
//! panics. Only a protected slot that can no longer be written keeps both.

#![allow(clippy::undocumented_unsafe_blocks, reason = "the system's allocator, and calls of live trampolines")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tramp_rt::{CreateError, Trampoline, UserData, trampoline};
use tramp_test_support::{live, with_each_kind};

/// Counts what a thread has allocated and not freed.
struct Tallies;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    blocks: isize,
    bytes: isize,
    /// The sum of the alignments, because a layout has one.
    aligns: isize,
}

thread_local! {
    static TALLY: Cell<Tally> = const { Cell::new(Tally { blocks: 0, bytes: 0, aligns: 0 }) };
    /// How often this thread has allocated.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count(layout: Layout, blocks: isize) {
    let signed = |number: usize| blocks * isize::try_from(number).expect("a layout is smaller");
    // A thread that ends may free when its tally is gone.
    let _ = TALLY.try_with(|tally| {
        let before = tally.get();
        tally.set(Tally {
            blocks: before.blocks + blocks,
            bytes: before.bytes + signed(layout.size()),
            aligns: before.aligns + signed(layout.align()),
        });
    });
}

unsafe impl GlobalAlloc for Tallies {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout, 1);
        let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(layout, -1);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tallies = Tallies;

type Get = unsafe extern "C" fn() -> usize;

/// The same through user data.
#[trampoline]
type DataGet = unsafe extern "C" fn(data: UserData) -> usize;

/// Runs `test` once to have the probe, the caches and the tables, and again to see that it keeps nothing.
fn keeps_nothing(what: &str, mut test: impl FnMut()) {
    test();
    let before = TALLY.get();
    (0..10).for_each(|_| test());
    assert_eq!(TALLY.get(), before, "{what}");
}

/// The first trampoline of a process as well: it is direct, and lies in the frame that lends it.
#[test]
fn lending_to_a_direct_slot_allocates_nothing() {
    const NAME: &str = "lending_to_a_direct_slot_allocates_nothing";
    const CHILD: &str = "TRAMP_TEST_LENDS";
    if std::env::var_os(CHILD).is_none() {
        let child = tramp_test_support::alone(NAME).env(CHILD, "1").output().expect("a child process");
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let (mut calls, captured) = (0, [1_usize; 100]);
    let before = ALLOCATIONS.get();
    let count = || {
        calls += 1;
        captured.iter().sum::<usize>() + calls
    };
    let sum = Trampoline::<Get>::scoped_mut(count, |get| unsafe { get() + get() });
    let after = ALLOCATIONS.get();
    assert_eq!((after - before, sum.expect("a slot")), (0, 203));
}

/// A closure that is too large for a slot, and aligned to more than its header is.
fn large() -> impl Fn() -> usize + Send + Sync + 'static {
    #[repr(align(32))]
    struct Aligned([usize; 4]);
    let aligned = Aligned([1, 2, 3, 4]);
    move || {
        let all = &aligned;
        all.0.iter().sum()
    }
}

#[test]
fn every_block_is_given_back() {
    with_each_kind(&|_| {
        let ten = |get: Get| assert_eq!(unsafe { get() }, 10);
        keeps_nothing("new", || ten(Trampoline::<Get>::new(large()).expect("a slot").as_fn()));
        keeps_nothing("new_mut", || ten(Trampoline::<Get>::new_mut(large()).expect("a slot").as_fn()));
        keeps_nothing("protected", || ten(Trampoline::<Get>::protected(large()).expect("a slot").as_fn()));
        // Its counter and slot rest before they are used again.
        (0..200).for_each(|_| drop(Trampoline::<Get>::counted(large()).expect("a slot")));
        keeps_nothing("counted", || ten(Trampoline::<Get>::counted(large()).expect("a slot").as_fn()));
        keeps_nothing("scoped", || Trampoline::<Get>::scoped(large(), ten).expect("a slot"));
        keeps_nothing("scope", || {
            tramp_rt::scope(|s| {
                ten(s.lend::<Get, _>(large()).expect("a slot"));
                ten(s.lend_once::<Get, _>(large()).expect("a slot"));
                s.lend_once::<Get, _>(large()).expect("a slot");
            });
        });
        keeps_nothing("once", || ten(Trampoline::<Get>::once(large()).expect("a slot")));
        keeps_nothing("local_once", || ten(Trampoline::<Get>::local_once(large()).expect("a slot")));
    });
}

/// A probe of so many bytes needs memory of its own.
#[test]
fn the_memory_of_a_large_probe_is_given_back() {
    #[repr(C)]
    struct Large([u8; 60_000]);
    Trampoline::<unsafe extern "C" fn(Large)>::reserve(1).expect("a slot"); // so that the table is there
    let before = TALLY.get();
    Trampoline::<unsafe extern "C" fn(Large) -> u32>::reserve(1).expect("a slot");
    Trampoline::<unsafe extern "C" fn(Large) -> u64>::reserve(1).expect("a slot");
    assert_eq!(TALLY.get(), before);
}

#[test]
fn every_block_that_user_data_leads_to_is_given_back() {
    let ten = |(get, data): (unsafe extern "C" fn(UserData) -> usize, UserData)| assert_eq!(unsafe { get(data) }, 10);
    keeps_nothing("new", || ten(Trampoline::<DataGet>::new(large()).expect("memory").as_fn()));
    keeps_nothing("scope", || tramp_rt::scope(|s| ten(s.lend_mut::<DataGet, _>(large()).expect("memory"))));
    keeps_nothing("local_mut", || ten(Trampoline::<DataGet>::local_mut(large()).expect("memory").as_fn()));
    keeps_nothing("once", || ten(Trampoline::<DataGet>::once(large()).expect("memory")));
    keeps_nothing("local_once", || ten(Trampoline::<DataGet>::local_once(large()).expect("memory")));
}

#[test]
#[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
fn a_closure_whose_destructor_panics_gives_its_slot_and_its_block_back() {
    struct Panics([usize; 4]);
    impl Drop for Panics {
        fn drop(&mut self) {
            resume_unwind(Box::new(self.0[0]));
        }
    }
    fn panicking() -> impl Fn() -> usize + Send + Sync + 'static {
        let panics = Panics([7; 4]);
        move || {
            let all = &panics;
            all.0[3]
        }
    }
    fn seven(end: impl FnOnce()) {
        let panic = catch_unwind(AssertUnwindSafe(end)).expect_err("the destructor panics");
        assert_eq!(panic.downcast_ref(), Some(&7_usize));
    }
    fn called(get: Get) -> usize {
        unsafe { get() }
    }
    fn done<R, F>(result: Result<R, CreateError<F>>) {
        assert!(result.is_ok());
        drop(result);
    }
    with_each_kind(&|kind| {
        let before = live(kind);
        let freed = |what: &str, end: &dyn Fn()| {
            keeps_nothing(what, || seven(end));
            assert_eq!(live(kind), before, "{what}");
        };
        freed("new", &|| done(Trampoline::<Get>::new(panicking())));
        freed("new_mut", &|| done(Trampoline::<Get>::new_mut(panicking())));
        freed("scoped", &|| done(Trampoline::<Get>::scoped(panicking(), called)));
        freed("scoped_mut", &|| done(Trampoline::<Get>::scoped_mut(panicking(), called)));
        freed("scoped_once", &|| done(Trampoline::<Get>::scoped_once(panicking(), |_| ())));
        freed("scoped, by user data", &|| done(Trampoline::<DataGet>::scoped(panicking(), |_| ())));
        freed("new, by user data", &|| done(Trampoline::<DataGet>::new(panicking())));
    });
}

#[cfg(target_os = "linux")] // by seccomp(2)
mod refused {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const CHILD: &str = "TRAMP_TEST_GIVEN_BACK";

    /// From here on `mprotect` fails.
    fn refuse_mprotect() {
        // The first word of `struct seccomp_data` is the number: seccomp(2).
        let code = |bits: u32| u16::try_from(bits).expect("it fits");
        let number = u32::try_from(libc::SYS_mprotect).expect("a number");
        let statement = |bits, k| libc::sock_filter { code: code(bits), jt: 0, jf: 0, k };
        let mut filter = [
            statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
            libc::sock_filter { code: code(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K), jt: 0, jf: 1, k: number },
            statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs()),
            statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
        let (one, zero) = (1 as libc::c_ulong, 0 as libc::c_ulong);
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, zero, zero, zero) }, 0);
        let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, zero, zero) }, 0);
    }

    /// The slot stays bound, so a call finds the closure whole.
    #[test]
    fn a_protected_slot_that_cannot_be_written_keeps_its_closure() {
        static DROPS: AtomicUsize = AtomicUsize::new(0);
        struct Witness(Vec<usize>);
        impl Drop for Witness {
            fn drop(&mut self) {
                self.0.fill(0);
                DROPS.fetch_add(1, Ordering::Relaxed);
            }
        }
        const NAME: &str = "refused::a_protected_slot_that_cannot_be_written_keeps_its_closure";
        if std::env::var_os(CHILD).is_none() {
            if std::env::var_os("TRAMP_TEST_RUNNER").is_some() {
                eprintln!("{NAME}: skipped, emulators have no filters");
                return;
            }
            let child = tramp_test_support::alone(NAME).env(CHILD, "1").output().expect("a child process");
            assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
            return;
        }
        let witness = Witness(vec![1, 2, 3]);
        let sum = Trampoline::<Get>::protected(move || witness.0.iter().sum()).expect("a slot");
        let call = sum.as_fn();
        refuse_mprotect();
        drop(sum);
        assert_eq!((DROPS.load(Ordering::Relaxed), unsafe { call() }), (0, 6));
    }
}
