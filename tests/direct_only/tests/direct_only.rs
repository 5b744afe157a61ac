//! Without the feature `mapped` the direct slots serve, and past them every constructor says why there is no more. The
//! crate has no std in here unless the feature `std` is on; this program does.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use tramp_rt::{Error, Trampoline, Unsupported, trampoline};

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
