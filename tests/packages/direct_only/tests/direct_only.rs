//! Without the feature `mapped` the direct slots serve, and past them every constructor says why there is no more. The
//! crate has no std in here unless the feature `std` is on; this program does.

use std::any::TypeId;
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use tramp_rt::{AnyThread, Error, Signature, ThisThread, Threads, Trampoline, Unsupported, trampoline};

type Get = unsafe extern "C" fn() -> usize;
type Add = unsafe extern "C" fn(usize) -> usize;

/// As many direct thunks as there can be.
#[trampoline(direct = 8)]
type GetOfEight = unsafe extern "C" fn() -> usize;

/// Each test needs more slots than are left beside another.
fn alone() -> impl Sized {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn direct_slots_serve_and_then_an_error_says_so() {
    let _alone = alone();
    let live: Vec<_> = (0..8).map(|n| Trampoline::<GetOfEight>::new(move || n).expect("a direct slot")).collect();
    for (n, get) in live.iter().enumerate() {
        // SAFETY: the trampoline is alive.
        assert_eq!(unsafe { (get.as_fn())() }, n);
    }

    let text = String::from("comes back");
    let failed = Trampoline::<Get>::new(move || text.len()).expect_err("no slot is left");
    assert!(matches!(failed.error, Error::Unsupported(Unsupported::Feature)));
    assert!(failed.to_string().contains("feature `mapped`"), "{failed}");

    drop(live);
    let get = Trampoline::<Get>::new(failed.closure).expect("a direct slot, now");
    // SAFETY: the trampoline is alive.
    assert_eq!(unsafe { (get.as_fn())() }, 10);
}

#[test]
fn every_constructor_has_direct_slots() {
    let _alone = alone();
    let offset = String::from("three").len() - 2;
    let new = Trampoline::<Add>::new(move |n| n + offset).expect("a slot");
    let mut sum = 0;
    let mut_ = Trampoline::<Add>::new_mut(move |n| {
        sum += n;
        sum
    })
    .expect("a slot");
    let text = String::from("once");
    let once = Trampoline::<Add>::once(move |n| text.len() + n).expect("a slot");
    // SAFETY: the trampolines are alive, and one is called once.
    unsafe {
        assert_eq!((new.as_fn())(4), 7);
        assert_eq!([1, 2, 3].map(|n| (mut_.as_fn())(n)), [1, 3, 6]);
        assert_eq!(once(5), 9);
    }
    drop((new, mut_));

    let count = Cell::new(0);
    let counted = |n| {
        count.set(count.get() + n);
        count.get()
    };
    // SAFETY: the calls come from this thread, in the scope.
    let last = Trampoline::<Add>::scoped(counted, |add| unsafe { add(2) + add(3) }).expect("a slot");
    assert_eq!((last, count.get()), (7, 5));
    let not_send = std::rc::Rc::new(1);
    let local = Trampoline::<Add>::local(move |n| n + *not_send).expect("a slot");
    // SAFETY: the trampoline is alive and its thread is this.
    assert_eq!(unsafe { (local.as_fn())(1) }, 2);
}

mod blocks {
    use super::*;
    use std::ffi::{c_int, c_void};

    #[trampoline]
    unsafe extern "C" {
        fn qsort(
            base: *mut c_void,
            count: usize,
            size: usize,
            compare: impl FnMut(*const c_void, *const c_void) -> c_int,
        );
    }

    #[test]
    fn the_c_library_sorts_by_a_closure() {
        let _alone = alone();
        let mut numbers = [5, 3, 4, 1, 2];
        let mut comparisons = 0;
        // SAFETY: five elements of four bytes; `qsort` calls back with pointers to two of them.
        unsafe {
            qsort(numbers.as_mut_ptr().cast(), 5, 4, |a, b| {
                comparisons += 1;
                (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int
            });
        }
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert!(comparisons >= 4);
    }
}

/// A state with a C struct of callbacks.
mod ops {
    use super::*;

    #[repr(C)]
    #[derive(Default)]
    struct Counter {
        add: Option<unsafe extern "C" fn(usize) -> usize>,
        get: Option<unsafe extern "C" fn() -> usize>,
    }

    struct Count(usize);

    #[trampoline(ops = Counter)]
    impl Count {
        unsafe extern "C" fn add(&mut self, n: usize) -> usize {
            self.0 += n;
            self.0
        }
        unsafe extern "C" fn get(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn structs_of_callbacks_share_their_state() {
        let _alone = alone();
        let ops = Count(1).bind(Counter::default()).expect("two slots");
        // SAFETY: the struct and its callbacks are alive.
        unsafe {
            let counter = &*ops.as_ptr();
            assert_eq!((counter.add.expect("an entry"))(2), 3);
            assert_eq!((counter.get.expect("an entry"))(), 3);
        }
    }
}

/// What is safe because a call checks its thread is not there where nothing checks it.
mod safe {
    use super::*;

    type Safe = extern "C" fn() -> usize;

    #[test]
    fn leaked_closures_of_one_thread_are_unsafe_to_call_where_no_thread_is_checked() {
        fn leaked<S: Signature, T: Threads, P: 'static>(_: fn(Trampoline<S, T>) -> P) -> TypeId {
            TypeId::of::<P>()
        }
        let checked = if cfg!(feature = "std") { TypeId::of::<Safe>() } else { TypeId::of::<Get>() };
        assert_eq!(leaked(Trampoline::<Safe, ThisThread>::leak), checked);
        assert_eq!(leaked(Trampoline::<Safe, AnyThread>::leak), TypeId::of::<Safe>());
        assert_eq!(leaked(Trampoline::<Get, ThisThread>::leak), TypeId::of::<Get>());
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn direct_only_each(f: Option<unsafe extern "C" fn(usize)>) {
        for n in 1..=3 {
            // SAFETY: the closure is lent.
            f.inspect(|f| unsafe { f(n) });
        }
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "direct_only_each"]
        safe fn each(f: Option<impl FnMut(usize) + Send>);
    }

    #[test]
    fn safe_functions_take_closures_of_any_thread() {
        let _alone = alone();
        let mut sum = 0;
        each(Some(|n| sum += n));
        assert_eq!(sum, 6);
    }

    #[cfg(all(not(feature = "std"), target_arch = "x86_64", target_env = "gnu", unix, not(miri)))] // it starts the compiler
    #[test]
    fn safe_code_cannot_have_a_closure_called_on_a_thread_that_it_is_not_for() {
        /// Messages differ between compilers.
        const COMPILER: &str = "rustc 1.95.";
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = std::process::Command::new(compiler).arg("--version").output().expect("a compiler");
        if String::from_utf8_lossy(&version.stdout).starts_with(COMPILER) {
            trybuild::TestCases::new().compile_fail("ui/*.rs");
        }
    }
}
