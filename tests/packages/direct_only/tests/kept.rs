//! A call has several closures, and one of them gets no trampoline. Then those that C would have kept are dropped again. Each
//! is dropped once, with its captures, and its slot is free.
//!
//! Here slots come to an end, and memory does when a test has it so.

#![cfg(panic = "unwind")]
#![allow(clashing_extern_declarations, reason = "one C function takes what may be NULL and what may not")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use tramp_rt::{Trampoline, UserData, trampoline};

type Call = unsafe extern "C" fn();
type DataCall = unsafe extern "C" fn(UserData);

#[unsafe(no_mangle)]
unsafe extern "C" fn kept_pair(_: Option<Call>, _: Option<Call>) {
    panic!("C is not reached");
}

#[unsafe(no_mangle)]
unsafe extern "C" fn kept_notified(_: Option<DataCall>, _: *mut c_void, _: DataCall, _: Option<Call>) {
    panic!("C is not reached");
}

#[unsafe(no_mangle)]
unsafe extern "C" fn kept_two_notified(
    _: DataCall,
    _: *mut c_void,
    _: DataCall,
    _: DataCall,
    _: *mut c_void,
    _: DataCall,
) {
    panic!("C is not reached");
}

#[trampoline]
unsafe extern "C" {
    #[link_name = "kept_pair"]
    fn both_forever(#[scope(forever)] a: impl Fn() + 'static, #[scope(forever)] b: impl FnMut() + 'static);
    #[link_name = "kept_pair"]
    fn both_once(#[scope(async)] a: impl FnOnce() + 'static, #[scope(async)] b: impl FnOnce() + 'static);
    #[link_name = "kept_pair"]
    fn nullable(
        #[scope(forever)] a: Option<impl FnMut() + 'static>,
        #[scope(async)] b: Option<impl FnOnce() + 'static>,
    );
    #[link_name = "kept_pair"]
    fn forever_and_lent(#[scope(forever)] a: impl Fn() + 'static, b: impl FnMut());
    #[link_name = "kept_pair"]
    fn once_and_lent(#[scope(async)] a: impl FnOnce() + 'static, b: Option<impl Fn()>);
    #[link_name = "kept_pair"]
    fn owned_and_once(#[scope(owned)] a: impl Fn() + 'static, #[scope(async)] b: impl FnOnce() + 'static);
    #[link_name = "kept_notified"]
    fn notified(
        #[scope(notified)] a: Option<impl FnMut(UserData) + 'static>,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
        #[scope(forever)] b: impl Fn() + 'static,
    );
    #[link_name = "kept_notified"]
    fn notified_once(
        #[scope(notified)] a: impl FnOnce(UserData) + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
        b: impl Fn(),
    );
    #[link_name = "kept_two_notified"]
    fn two_notified(
        #[scope(notified)] a: impl Fn(UserData) + 'static,
        a_data: UserData,
        a_destroy: unsafe extern "C" fn(UserData),
        #[scope(notified)] b: impl FnMut(UserData) + 'static,
        b_data: UserData,
        b_destroy: unsafe extern "C" fn(UserData),
    );
}

/// What a closure captures: counted while it is there, and too large to be in a slot.
struct Counted(Rc<Cell<isize>>, [usize; 4]);

impl Counted {
    fn new(count: &Rc<Cell<isize>>) -> Self {
        count.set(count.get() + 1);
        Self(count.clone(), [0; 4])
    }
    fn used(&self) -> usize {
        self.1.len()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The heap, of which a thread can have an end: nothing is had of at least so many bytes.
struct Ending;

thread_local!(static END: Cell<usize> = const { Cell::new(usize::MAX) });

// SAFETY: the system's allocator does it all, or null says that there is no memory.
unsafe impl GlobalAlloc for Ending {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= END.get() {
            return std::ptr::null_mut();
        }
        // SAFETY: the layout has a size, as the system's allocator demands like this one.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `alloc` got it from the same allocator.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Ending = Ending;

/// Leaves one free slot to the types of these tests, has a call fail, and looks at what is left of it.
fn fails(call: impl FnOnce(&Rc<Cell<isize>>)) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let fill = || std::iter::from_fn(|| Trampoline::<Call>::new(|| ()).ok()).collect::<Vec<_>>();
    let mut taken = fill();
    assert_eq!(taken.len(), 4);
    taken.pop();
    let count = Rc::default();
    let failed = catch_unwind(AssertUnwindSafe(|| call(&count)));
    END.set(usize::MAX);
    let message = failed.expect_err("no slot or no memory");
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(message.starts_with("no trampoline could be created"), "{message}");
    assert_eq!(count.get(), 0, "closures that are left, or were dropped twice");
    assert_eq!(fill().len(), 1, "the slot is free again");
}

#[test]
fn what_c_would_have_had_for_ever() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        unsafe { both_forever(move || _ = a.used(), move || _ = b.used()) }
    });
}

#[test]
fn what_c_would_have_called_once() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        unsafe { both_once(move || _ = a.used(), move || _ = b.used()) }
    });
    // In the slot's word; and without bytes, but with a destructor.
    fails(|_| {
        let n = std::hint::black_box(1_u8);
        // SAFETY: C is not reached.
        unsafe { both_once(move || assert_eq!(n, 1), || ()) }
    });
    thread_local!(static DROPS: Cell<u32> = const { Cell::new(0) });
    struct Empty;
    impl Drop for Empty {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    fails(|_| {
        let (a, b) = (Empty, Empty);
        // SAFETY: C is not reached.
        unsafe { both_once(move || drop(a), move || drop(b)) }
    });
    assert_eq!(DROPS.get(), 2);
}

#[test]
fn what_may_be_null() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        unsafe { nullable(Some(move || _ = a.used()), Some(move || _ = b.used())) }
    });
}

#[test]
fn what_is_beside_a_closure_that_is_lent() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        unsafe { forever_and_lent(move || _ = a.used(), || _ = b.used()) }
    });
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        unsafe { once_and_lent(move || _ = a.used(), Some(|| _ = b.used())) }
    });
}

#[test]
fn what_has_an_owner() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        // SAFETY: C is not reached.
        _ = unsafe { owned_and_once(move || _ = a.used(), move || _ = b.used()) };
    });
}

#[test]
fn what_c_would_have_destroyed() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        let _last = Trampoline::<Call>::new(|| ()).expect("the slot");
        // SAFETY: C is not reached.
        unsafe { notified(Some(move || _ = a.used()), move || _ = b.used()) }
    });
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        let _last = Trampoline::<Call>::new(|| ()).expect("the slot");
        // SAFETY: C is not reached.
        unsafe { notified_once(move || _ = a.used(), || _ = b.used()) }
    });
}

#[test]
fn what_memory_does_not_suffice_for() {
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        let large = std::hint::black_box([0_u8; 8 << 10]);
        END.set(large.len());
        // SAFETY: C is not reached.
        unsafe { two_notified(move || _ = a.used(), move || _ = b.used() + large.len()) }
    });
    fails(|count| {
        let (a, b) = (Counted::new(count), Counted::new(count));
        let large = std::hint::black_box([0_u8; 8 << 10]);
        END.set(large.len());
        // SAFETY: C is not reached.
        unsafe { both_once(move || _ = a.used(), move || _ = b.used() + large.len()) }
    });
}
