//! How long C keeps a closure with user data: every scope that outlives the call, and until C destroys it.
//!
//! The C side is `c/scopes.c` and libc.

#![cfg_attr(unix, deny(warnings))] // generated code causes no warnings; on other systems, parts of this file are unused
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of C as it is declared")]
#![allow(clashing_extern_declarations, reason = "a function of C is declared for several scopes")]

use std::any::Any;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
#[cfg(unix)]
use std::mem::MaybeUninit;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tramp_rt::{ThisThread, Trampoline, UserData, trampoline};
use tramp_test_support::Counted;

/// C has one of each.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

static PANICS: AtomicI32 = AtomicI32::new(0);

fn count(_: Box<dyn Any + Send>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
}

#[trampoline]
unsafe extern "C" {
    // An `FnOnce` that C calls once, later.
    #[link_name = "scopes_listen"]
    fn listen_once(
        #[scope(async)] call: impl FnOnce(UserData, i32) -> i32 + Send + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> i32;

    fn scopes_listen(
        #[scope(notified)]
        #[on_panic(return = -9, hook = count)]
        call: impl FnMut(UserData, i32) -> i32 + Send + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(UserData)>,
    ) -> i32;
    #[link_name = "scopes_listen"]
    fn listen_shared(
        #[scope(notified)] call: impl Fn(UserData, i32) -> i32 + Send + Sync + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) -> i32;
    #[link_name = "scopes_listen"]
    fn listen_here(
        #[scope(notified)] call: Option<impl FnMut(UserData, i32) -> i32 + 'static>,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(data: UserData)>,
    );
    #[link_name = "scopes_listen"]
    fn listen_at_most_once(
        #[scope(notified)] call: impl FnOnce(UserData, i32) -> i32 + Send + 'static,
        data: UserData,
        destroy: extern "C" fn(UserData),
    );
    fn scopes_listen_with_reason(
        #[scope(notified)] call: impl Fn(UserData, i32) -> i32 + 'static,
        destroy: unsafe extern "C" fn(reason: i32, data: UserData),
        data: UserData,
    );
    #[link_name = "scopes_listen"]
    fn listen_forever(
        #[scope(forever)] call: impl Fn(UserData, i32) -> i32 + Send + Sync + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> i32;
    #[link_name = "scopes_listen"]
    fn listen_owned(
        #[scope(owned)] call: impl FnMut(UserData, i32) -> i32 + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> i32;

    #[link_name = "scopes_listen"]
    fn listen_once_if_any(
        #[scope(async)] call: Option<impl FnOnce(UserData, i32) -> i32 + Send + 'static>,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> i32;

    safe fn scopes_forget();
    safe fn scopes_forget_elsewhere();
    safe fn scopes_notify(n: i32) -> i32;
    safe fn scopes_notify_elsewhere(n: i32) -> i32;

    #[cfg(unix)]
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        #[scope(async)] run: impl FnOnce(UserData) -> *mut c_void + Send + 'static,
        data: UserData,
    ) -> c_int;
}

#[cfg(unix)]
#[test]
fn a_thread_runs_its_closure_once() {
    let counted = Counted::new();
    let mut threads = Vec::new();
    for n in 0..20_usize {
        let mut thread = MaybeUninit::uninit(); // a number or a pointer, as the C library has it
        let kept = counted.clone();
        let run = move || {
            drop(kept);
            ptr::without_provenance_mut(n * n)
        };
        assert_eq!(unsafe { pthread_create(thread.as_mut_ptr(), ptr::null(), run) }, 0);
        threads.push(unsafe { thread.assume_init() });
    }
    for (n, thread) in threads.into_iter().enumerate() {
        let mut result = ptr::null_mut();
        assert_eq!(unsafe { libc::pthread_join(thread, &raw mut result) }, 0);
        assert_eq!(result.addr(), n * n);
    }
    assert_eq!(counted.others(), 0);
}

#[test]
fn async_is_gone_when_it_was_called() {
    let _alone = alone();
    let counted = Counted::new();
    let kept = counted.clone();
    assert_eq!(
        unsafe {
            listen_once(
                move |n| {
                    drop(kept);
                    n + 1
                },
                None,
            )
        },
        5
    );
    assert_eq!(counted.others(), 1);
    assert_eq!((scopes_notify_elsewhere(1), counted.others()), (2, 0));
    scopes_forget();
}

#[test]
fn notified_goes_when_c_destroys_it() {
    let _alone = alone();
    let counted = Counted::new();
    let (kept, mut sum) = (counted.clone(), 0);
    let call = move |n| {
        let _ = &kept;
        assert!(n < 100, "too large");
        sum += n;
        sum
    };
    assert_eq!(unsafe { scopes_listen(call,) }, 5);
    assert_eq!((scopes_notify(1), scopes_notify_elsewhere(2), counted.others()), (1, 3, 1));
    if cfg!(panic = "unwind") {
        assert_eq!((scopes_notify(200), PANICS.load(Ordering::Relaxed)), (-9, 1));
        assert_eq!(scopes_notify(3), 6);
    }
    scopes_forget_elsewhere();
    assert_eq!((counted.others(), scopes_notify(1)), (0, -1));

    let kept = counted.clone();
    unsafe { listen_shared(move |n| n + i32::try_from(kept.others()).unwrap()) };
    assert_eq!((scopes_notify(1), scopes_notify_elsewhere(2)), (2, 3));
    scopes_forget();
    assert_eq!(counted.others(), 0);
}

#[test]
fn notified_may_be_absent_or_of_this_thread() {
    let _alone = alone();
    let count = Rc::new(Cell::new(0));
    let shared = count.clone();
    unsafe {
        listen_here(Some(move |n| {
            shared.set(shared.get() + n);
            n
        }));
    };
    assert_eq!((scopes_notify(4), scopes_notify(3), count.get()), (4, 3, 7));
    unsafe { listen_here(None::<fn(_) -> _>) };
    assert_eq!((scopes_notify(4), Rc::strong_count(&count)), (-1, 1));
    scopes_forget(); // with NULL, which destroys nothing
}

#[test]
fn notified_may_be_called_once_or_never() {
    let _alone = alone();
    let counted = Counted::new();
    let kept = counted.clone();
    unsafe {
        listen_at_most_once(move |n| {
            drop(kept);
            n
        });
    };
    assert_eq!((scopes_notify(4), counted.others()), (4, 0));
    scopes_forget();
    let kept = counted.clone();
    unsafe {
        listen_at_most_once(move |n| {
            drop(kept);
            n
        });
    };
    assert_eq!(counted.others(), 1);
    scopes_forget();
    assert_eq!(counted.others(), 0);
}

#[test]
fn a_destroy_function_may_have_other_arguments() {
    let _alone = alone();
    let count = Rc::new(());
    let kept = count.clone();
    unsafe {
        scopes_listen_with_reason(move |n| {
            let _ = &kept;
            n
        });
    };
    assert_eq!((scopes_notify(4), Rc::strong_count(&count)), (4, 2));
    scopes_forget();
    assert_eq!(Rc::strong_count(&count), 1);
}

#[test]
fn forever_is_for_ever() {
    let _alone = alone();
    let counted = Counted::new();
    let kept = counted.clone();
    unsafe {
        listen_forever(
            move |n| {
                let _ = &kept;
                n
            },
            None,
        )
    };
    scopes_forget();
    assert_eq!(counted.others(), 1);
}

#[test]
fn owned_comes_back_beside_the_result() {
    let _alone = alone();
    let count = Rc::new(Cell::new(0));
    let shared = count.clone();
    let (result, owner) = unsafe {
        listen_owned(
            move |n| {
                shared.set(n);
                n
            },
            None,
        )
    };
    let owner: Trampoline<listen_owned, ThisThread> = owner;
    assert_eq!((result, scopes_notify(6), count.get()), (5, 6, 6));
    scopes_forget();
    drop(owner);
    assert_eq!(Rc::strong_count(&count), 1);
}

#[test]
fn async_may_be_absent() {
    let _alone = alone();
    let counted = Counted::new();
    let kept = counted.clone();
    let listen = move |n| {
        drop(kept);
        n
    };
    assert_eq!(unsafe { listen_once_if_any(Some(listen), None) }, 5);
    assert_eq!((scopes_notify(6), counted.others()), (6, 0));
    assert_eq!(unsafe { listen_once_if_any(None::<fn(_) -> _>, None) }, 5);
    assert_eq!(scopes_notify(6), -1);
}
