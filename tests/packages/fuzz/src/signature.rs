//! Every constructor for every signature. They make closures and call them as C does.

#![allow(clippy::redundant_closure, reason = "an `FnMut` that is called is `mut` in every signature")]

use std::any::Any;
use std::ffi::c_int;
use std::mem::ManuallyDrop;
use std::ptr;

use tramp_rt::{CreateError, Error, Signature, Threads, Trampoline, UserData, trampoline};

use crate::actor::{self, body};
use crate::fail;
use crate::state::{Id, State, Whole};

/// What becomes of a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panics {
    /// The process aborts.
    Abort,
    /// It unwinds into the caller.
    Unwind,
    /// C gets [`FALLBACK`], and a hook or the scope the panic.
    Caught,
}

/// How a closure is kept. The variants are in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    New,
    NewMut,
    Once,
    Local,
    LocalMut,
    LocalOnce,
    Protected,
    Counted,
    LocalCounted,
    Scoped,
    ScopedMut,
    ScopedOnce,
    ScopedAny,
    ScopedAnyMut,
    ScopedAnyOnce,
}

impl How {
    pub(crate) const KEPT: [Self; 9] = [
        Self::New,
        Self::NewMut,
        Self::Once,
        Self::Local,
        Self::LocalMut,
        Self::LocalOnce,
        Self::Protected,
        Self::Counted,
        Self::LocalCounted,
    ];
    pub(crate) const LENT: [Self; 6] =
        [Self::Scoped, Self::ScopedMut, Self::ScopedOnce, Self::ScopedAny, Self::ScopedAnyMut, Self::ScopedAnyOnce];

    /// An `FnMut`, which is not called while it runs.
    pub(crate) fn is_exclusive(self) -> bool {
        matches!(self, Self::NewMut | Self::LocalMut | Self::ScopedMut | Self::ScopedAnyMut)
    }

    /// An `FnOnce`.
    pub(crate) fn is_once(self) -> bool {
        matches!(self, Self::Once | Self::LocalOnce | Self::ScopedOnce | Self::ScopedAnyOnce)
    }

    pub(crate) fn is_lent(self) -> bool {
        Self::LENT.contains(&self)
    }

    /// Only the creating thread may call it.
    pub(crate) fn is_local(self) -> bool {
        matches!(
            self,
            Self::Local
                | Self::LocalMut
                | Self::LocalOnce
                | Self::LocalCounted
                | Self::Scoped
                | Self::ScopedMut
                | Self::ScopedOnce
        )
    }

    pub(crate) fn is_counted(self) -> bool {
        matches!(self, Self::Counted | Self::LocalCounted)
    }

    /// Its owner may be dropped while it runs.
    pub(crate) fn may_end_inside(self) -> bool {
        matches!(self, Self::NewMut | Self::LocalMut) || self.is_counted()
    }
}

/// What owns a closure.
pub(crate) trait Owned {
    fn leak(self: Box<Self>);
    /// Which kind of slot it has, if it has one.
    fn is_direct(&self) -> Option<bool>;
}

impl<S: Signature, T: Threads> Owned for Trampoline<S, T> {
    fn leak(self: Box<Self>) {
        (*self).leak();
    }
    fn is_direct(&self) -> Option<bool> {
        Some(Trampoline::is_direct(self))
    }
}

pub(crate) enum Owner {
    /// Any thread may drop it.
    Any(Box<dyn Owned + Send>),
    /// Only the creating thread may drop it.
    Local(Box<dyn Owned>),
}

impl Owner {
    pub(crate) fn leak(self) {
        match self {
            Self::Any(owned) => owned.leak(),
            Self::Local(owned) => owned.leak(),
        }
    }

    pub(crate) fn is_direct(&self) -> Option<bool> {
        match self {
            Self::Any(owned) => owned.is_direct(),
            Self::Local(owned) => owned.is_direct(),
        }
    }
}

/// A C function pointer, and its user data if there is any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Callable {
    words: [*mut (); 2],
    call: unsafe fn([*mut (); 2], u64) -> u64,
}

// SAFETY: function pointers and addresses. The model decides which thread may call.
unsafe impl Send for Callable {}
// SAFETY: a shared one is only copied, and never written.
unsafe impl Sync for Callable {}

impl Callable {
    /// Calls it as C does.
    ///
    /// # Safety
    /// Its closure may be called now, or else the call ends the process with a message.
    pub(crate) unsafe fn call(self, n: u64) -> u64 {
        // SAFETY: the words are of the type that `call` takes, since `new` had both; the closure may be called, or dies by name.
        unsafe { (self.call)(self.words, n) }
    }

    fn new<P: Copy>(pointer: P, call: unsafe fn([*mut (); 2], u64) -> u64) -> Self {
        const { assert!(size_of::<P>() <= size_of::<[*mut (); 2]>()) }
        let mut words = [ptr::null_mut(); 2];
        // SAFETY: there is room for it.
        unsafe { (&raw mut words).cast::<P>().write_unaligned(pointer) }
        Self { words, call }
    }
}

/// Reads what [`Callable::new`] wrote.
///
/// # Safety
/// It was of this type.
unsafe fn restored<P: Copy>(words: [*mut (); 2]) -> P {
    // SAFETY: `new` wrote a value of this type there, without alignment.
    unsafe { (&raw const words).cast::<P>().read_unaligned() }
}

/// A closure that C has.
pub(crate) struct Made {
    /// There is none if it ends itself.
    pub(crate) owner: Option<Owner>,
    pub(crate) callable: Callable,
    /// A second function of the same state, for `&mut self`.
    pub(crate) change: Option<Callable>,
    pub(crate) slots: u32,
}

type Call = unsafe fn([*mut (); 2], u64) -> u64;

fn any<S, T, F>(made: Result<Trampoline<S, T>, CreateError<F>>, call: Call) -> Result<Made, Refused>
where
    S: Signature + 'static,
    T: Threads + 'static,
    Trampoline<S, T>: Send,
    F: 'static,
{
    let made = made.map_err(refused)?;
    let callable = Callable::new(made.as_fn(), call);
    Ok(Made { owner: Some(Owner::Any(Box::new(made))), callable, change: None, slots: 1 })
}

fn local<S, T, F>(made: Result<Trampoline<S, T>, CreateError<F>>, call: Call) -> Result<Made, Refused>
where
    S: Signature + 'static,
    T: Threads + 'static,
    F: 'static,
{
    let made = made.map_err(refused)?;
    let callable = Callable::new(made.as_fn(), call);
    Ok(Made { owner: Some(Owner::Local(Box::new(made))), callable, change: None, slots: 1 })
}

fn once<P: Copy, F: 'static>(made: Result<P, CreateError<F>>, call: Call) -> Result<Made, Refused> {
    made.map_err(refused).map(|made| Made { owner: None, callable: Callable::new(made, call), change: None, slots: 1 })
}

/// A closure for which a trampoline was refused, and the reason.
pub(crate) struct Refused {
    /// It comes back and is dropped.
    pub(crate) closure: Option<Box<dyn Any>>,
    pub(crate) error: Error,
}

fn refused<F: 'static>(failed: CreateError<F>) -> Refused {
    Refused { closure: Some(Box::new(failed.closure)), error: failed.error }
}

/// A signature.
pub(crate) trait Sign {
    const PANICS: Panics;
    const SLOTS: u32 = 1;
    /// Whether it has the constructors that only slots allow.
    const HAS_SLOT: bool = true;

    /// Makes a closure that C keeps.
    fn keep<S: State>(how: How, id: Id) -> Result<Made, Refused>;
    /// Lends one for as long as `body` runs.
    fn lend<S: State>(how: How, id: Id, body: &mut dyn FnMut(Callable)) -> Result<(), Error>;
    fn reserve(count: usize) -> Result<(), Error>;
}

/// What C gets if the closure panics.
pub(crate) const FALLBACK: u64 = u64::MAX - 5;

/// Writes a signature. `$closure` is how it calls `$run`, whose argument and result are a number.
macro_rules! signature {
    ($name:ident, $type:ty, $panics:expr, $slots:tt, |$run:ident| $closure:expr, |$pointer:ident, $n:ident| $call:expr) => {
        pub(crate) struct $name;

        impl $name {
            unsafe fn call(words: [*mut (); 2], $n: u64) -> u64 {
                // SAFETY: only called with words of this type.
                let $pointer = unsafe { restored::<<$type as Signature>::Pointer>(words) };
                #[allow(clippy::undocumented_unsafe_blocks, reason = "as the caller promises")]
                unsafe { $call }
            }
        }

        impl Sign for $name {
            const PANICS: Panics = $panics;
            signature!(@ slots $slots);

            fn keep<S: State>(how: How, id: Id) -> Result<Made, Refused> {
                let (state, mut calls) = (S::new(id), 0_u32);
                let mut made = match how {
                    How::New => {
                        let $run = move |n| body(&state, n);
                        any(Trampoline::<$type>::new($closure), Self::call)
                    }
                    How::NewMut => {
                        let mut $run = move |n| counted(&state, &mut calls, n);
                        any(Trampoline::<$type>::new_mut($closure), Self::call)
                    }
                    How::Once => {
                        let $run = move |n| consumed(state, n);
                        once(Trampoline::<$type>::once($closure), Self::call)
                    }
                    How::Local => {
                        let $run = move |n| body(&state, n);
                        local(Trampoline::<$type>::local($closure), Self::call)
                    }
                    How::LocalMut => {
                        let mut $run = move |n| counted(&state, &mut calls, n);
                        local(Trampoline::<$type>::local_mut($closure), Self::call)
                    }
                    How::LocalOnce => {
                        let $run = move |n| consumed(state, n);
                        once(Trampoline::<$type>::local_once($closure), Self::call)
                    }
                    other => signature!(@ with_slot $slots, $type, state, other, $run, $closure),
                }?;
                made.slots = Self::SLOTS;
                Ok(made)
            }

            fn lend<S: State>(how: How, id: Id, within: &mut dyn FnMut(Callable)) -> Result<(), Error> {
                let (state, mut calls) = (S::new(id), 0_u32);
                let within = |pointer| within(Callable::new(pointer, Self::call));
                match how {
                    How::Scoped => {
                        let $run = move |n| body(&state, n);
                        Trampoline::<$type>::scoped($closure, within).map_err(Error::from)
                    }
                    How::ScopedMut => {
                        let mut $run = move |n| counted(&state, &mut calls, n);
                        Trampoline::<$type>::scoped_mut($closure, within).map_err(Error::from)
                    }
                    How::ScopedOnce => {
                        let $run = move |n| consumed(state, n);
                        Trampoline::<$type>::scoped_once($closure, within).map_err(Error::from)
                    }
                    How::ScopedAny => {
                        let $run = move |n| body(&state, n);
                        Trampoline::<$type>::scoped_any($closure, within).map_err(Error::from)
                    }
                    How::ScopedAnyMut => {
                        let mut $run = move |n| counted(&state, &mut calls, n);
                        Trampoline::<$type>::scoped_any_mut($closure, within).map_err(Error::from)
                    }
                    How::ScopedAnyOnce => {
                        let $run = move |n| consumed(state, n);
                        Trampoline::<$type>::scoped_any_once($closure, within).map_err(Error::from)
                    }
                    other => fail!("{other:?} is no scope"),
                }
            }

            fn reserve(count: usize) -> Result<(), Error> {
                Trampoline::<$type>::reserve(count)
            }
        }
    };
    (@ slots slot) => {};
    (@ slots data) => {
        const SLOTS: u32 = 0;
        const HAS_SLOT: bool = false;
    };
    (@ with_slot slot, $type:ty, $state:ident, $how:expr, $run:ident, $closure:expr) => {
        match $how {
            How::Protected => {
                let $run = move |n| body(&$state, n);
                any(Trampoline::<$type>::protected($closure), Self::call)
            }
            How::Counted => {
                let $run = move |n| body(&$state, n);
                any(Trampoline::<$type>::counted($closure), Self::call)
            }
            How::LocalCounted => {
                let $run = move |n| body(&$state, n);
                local(Trampoline::<$type>::local_counted($closure), Self::call)
            }
            other => fail!("{other:?} is a scope"),
        }
    };
    (@ with_slot data, $type:ty, $state:ident, $how:expr, $run:ident, $closure:expr) => {{
        drop($state);
        fail!("{:?} needs a slot", $how)
    }};
}

/// The closure of an `FnMut`. The result of each call is larger by one.
fn counted(state: &dyn Whole, calls: &mut u32, n: u64) -> u64 {
    *calls += 1;
    body(state, n).wrapping_add(u64::from(*calls))
}

/// The closure of an `FnOnce`, which drops what it has captured.
#[allow(clippy::needless_pass_by_value, reason = "it is consumed")]
fn consumed(state: impl State, n: u64) -> u64 {
    body(&state, n)
}

type PlainFn = unsafe extern "C" fn(u64) -> u64;
type UnwindingFn = unsafe extern "C-unwind" fn(u64) -> u64;
/// It has more integers than any processor has argument registers. So the slot's address is on the stack.
type WideFn = unsafe extern "C-unwind" fn(u64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> u64;
type MixedFn = unsafe extern "C-unwind" fn(f64, u64, *const u8, f32) -> Large;

/// A result for which the caller passes a place.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Large([u64; 5]);

#[trampoline]
#[on_panic(return = FALLBACK, hook = actor::hook)]
type HookedFn = unsafe extern "C" fn(n: u64) -> u64;

#[trampoline]
type DataFn = unsafe extern "C-unwind" fn(n: u64, data: UserData) -> u64;

signature!(Plain, PlainFn, Panics::Abort, slot, |run| move |n| run(n), |pointer, n| pointer(n));
signature!(Unwinding, UnwindingFn, Panics::Unwind, slot, |run| move |n| run(n), |pointer, n| pointer(n));
signature!(Hooked, HookedFn, Panics::Caught, slot, |run| move |n| run(n), |pointer, n| pointer(n));
signature!(Data, DataFn, Panics::Unwind, data, |run| move |n| run(n), |pointer, n| {
    let (function, data) = pointer;
    function(n, data)
});
signature!(
    Wide,
    WideFn,
    Panics::Unwind,
    slot,
    |run| move |n, b, c, d, e, f, g, h, i, j, k| {
        if [b, c, d, e, f, g, h, i, j, k] != [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] {
            fail!("arguments on the stack have changed");
        }
        run(n)
    },
    |pointer, n| pointer(n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
);
signature!(
    Mixed,
    MixedFn,
    Panics::Unwind,
    slot,
    |run| move |double: f64, n, null: *const u8, float: f32| {
        if double.to_bits() != 1.5_f64.to_bits() || !null.is_null() || float.to_bits() != 2.5_f32.to_bits() {
            fail!("arguments have changed");
        }
        Large([run(n); 5])
    },
    |pointer, n| {
        let large = pointer(1.5, n, ptr::null(), 2.5);
        if large != Large([large.0[4]; 5]) {
            fail!("a result has changed");
        }
        large.0[4]
    }
);

/// The number of signatures that [`with_sign`] knows.
pub(crate) const SIGNS: u32 = 6;

/// Puts the signature of a number where `$sign` stands in an expression.
macro_rules! with_sign {
    ($number:expr, $sign:ident => $expression:expr) => {
        match $number % $crate::signature::SIGNS {
            0 => with_sign!(@ Plain, $sign, $expression),
            1 => with_sign!(@ Unwinding, $sign, $expression),
            2 => with_sign!(@ Hooked, $sign, $expression),
            3 => with_sign!(@ Data, $sign, $expression),
            4 => with_sign!(@ Wide, $sign, $expression),
            _ => with_sign!(@ Mixed, $sign, $expression),
        }
    };
    (@ $type:ident, $sign:ident, $expression:expr) => {{
        type $sign = $crate::signature::$type;
        $expression
    }};
}
pub(crate) use with_sign;

/// A C struct of callbacks with one state.
#[repr(C)]
struct Callbacks {
    look: Option<unsafe extern "C-unwind" fn(n: u64) -> u64>,
    change: Option<unsafe extern "C-unwind" fn(n: u64) -> u64>,
    version: c_int,
}

struct Table<S> {
    state: S,
    changes: u32,
}

#[trampoline(ops = Callbacks)]
impl<S: State> Table<S> {
    extern "C-unwind" fn look(&self, n: u64) -> u64 {
        body(&self.state, n)
    }
    extern "C-unwind" fn change(&mut self, n: u64) -> u64 {
        self.changes += 1;
        body(&self.state, n).wrapping_add(u64::from(self.changes))
    }
}

impl<T: Threads> Owned for tramp_rt::Ops<Callbacks, T> {
    fn leak(self: Box<Self>) {
        (*self).leak();
    }
    fn is_direct(&self) -> Option<bool> {
        None
    }
}

/// Binds a struct of callbacks to one state.
pub(crate) fn table<S: State>(local: bool, id: Id) -> Result<Made, Refused> {
    let empty = Callbacks { look: None, change: None, version: 3 };
    let table = Table { state: S::new(id), changes: 0 };
    let (owner, pointer) = if local {
        let ops = table.bind_local(empty).map_err(refused)?;
        let pointer = ops.as_ptr();
        (Owner::Local(Box::new(ops)), pointer)
    } else {
        let ops = table.bind(empty).map_err(refused)?;
        let pointer = ops.as_ptr();
        (Owner::Any(Box::new(ops)), pointer)
    };
    // SAFETY: the owner has it.
    let (look, change) = unsafe { ((*pointer).look, (*pointer).change) };
    let (Some(look), Some(change)) = (look, change) else { fail!("an entry is NULL") };
    let callable = |entry: UnwindingFn| Callable::new(entry, Unwinding::call);
    Ok(Made { owner: Some(owner), callable: callable(look), change: Some(callable(change)), slots: 2 })
}

/// A closure that C destroys by a function.
struct Notified {
    data: UserData,
    destroy: unsafe extern "C" fn(UserData),
}

impl Owned for Notified {
    fn leak(self: Box<Self>) {
        let _ = ManuallyDrop::new(self);
    }
    fn is_direct(&self) -> Option<bool> {
        None
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        // SAFETY: once, as C does.
        unsafe { (self.destroy)(self.data) }
    }
}

type NotifiedFn = unsafe extern "C-unwind" fn(u64, UserData) -> u64;
type Kept = (NotifiedFn, UserData, unsafe extern "C" fn(UserData));

thread_local!(static KEPT: std::cell::Cell<Option<Kept>> = const { std::cell::Cell::new(None) });

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn fuzz_keep(call: NotifiedFn, data: UserData, destroy: unsafe extern "C" fn(UserData)) {
    KEPT.set(Some((call, data, destroy)));
}

#[trampoline]
unsafe extern "C-unwind" {
    #[link_name = "fuzz_keep"]
    safe fn keep(
        #[scope(notified)] call: impl FnMut(u64, UserData) -> u64 + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    );
}

/// Gives C a closure with its destroy function.
pub(crate) fn notified<S: State>(id: Id) -> Made {
    let (state, mut calls) = (S::new(id), 0_u32);
    keep(move |n| counted(&state, &mut calls, n));
    let Some((call, data, destroy)) = KEPT.take() else { fail!("C was not called") };
    let callable = Callable::new((call, data), Data::call);
    Made { owner: Some(Owner::Local(Box::new(Notified { data, destroy }))), callable, change: None, slots: 0 }
}
