//! A C struct of callbacks that share one state, which `State::bind(self, ops)` of a `#[trampoline]` `impl` makes.
//!
//! ```text
//!   Ops ──▶ ┌──────────┬───────────────────┬──────────────────┐   on the heap
//!           │ C struct │ a slot each entry │ who is in, state │
//!           └────┬─────┴─────────┬─────────┴───▲──────────────┘
//!                │ open ─────────┼─▶ slot ─────┤   the word in each slot is the address of the state
//!                │ read ─────────┼─▶ slot ─────┘
//!                │ NULL
//! ```
//!
//! Entries that take `&self` may run beside each other. An entry that takes `&mut self` runs alone. If all entries take
//! `&self`, calls are not counted.

use core::any::TypeId;
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use alloc::alloc::{Layout, alloc};
use alloc::boxed::Box;

use crate::closure::access::{Exclusive, Shared};
use crate::closure::callee::Callee;
use crate::closure::lease::Kept;
use crate::closure::threads::{AnyThread, Permits, Threads};
use crate::error::{CreateError, Error};
use crate::misuse;
use crate::signature::Accepts;
use crate::sync::{AtomicUsize, Ordering};
use crate::trampoline::{self, Trampoline};

/// A C struct of function pointers that are bound to one state.
///
/// `bind` or `bind_local` of an [`impl` under `#[trampoline(ops = …)]`][attribute] creates it. `C` is the struct, and `T` says
/// which threads may call: [`AnyThread`] or [`ThisThread`](crate::ThisThread).
///
/// [attribute]: macro@crate::trampoline#structs-of-callbacks
///
/// An `Ops` owns the struct, the state, and a trampoline for each callback. Drop it when C has unregistered the struct. That
/// drops the state and makes the pointers invalid: later calls abort, as with [`Trampoline`](Trampoline#misuse).
///
/// If a callback takes `&mut self`, a callback may drop the `Ops` while it runs, and so may another thread. The struct and
/// the state stay until the last call returns. If all callbacks take `&self`, calls are not counted, and none may be running
/// when the `Ops` is dropped.
///
/// If any thread may call, a call that ends after the owner is gone frees the struct's memory and drops the state. It does not
/// run the destructors of the struct's fields, because the struct need not be `Send`. So put what has a destructor into the
/// state.
///
/// # Misuse
///
/// The rules of [`Trampoline`](Trampoline#misuse) hold. In addition, while a callback that takes `&mut self` runs, C must call no
/// other one, by recursion or on another thread. Each call checks this and aborts otherwise.
#[must_use = "the pointers are valid until this is dropped"]
pub struct Ops<C, T: Threads = AnyThread> {
    c_struct: NonNull<C>,
    owned: NonNull<dyn Owned>,
    /// Invariant in `C`, because the address allows writing.
    types: PhantomData<(*mut C, T)>,
}

// SAFETY: `bind_ops` requires a state that any thread may have. The struct moves and is dropped with the `Ops`.
unsafe impl<C: Send> Send for Ops<C, AnyThread> {}
// SAFETY: `&Ops` gives only an address.
unsafe impl<C> Sync for Ops<C, AnyThread> {}

impl<C, T: Threads> Ops<C, T> {
    /// The address of the struct. Pass it to C, which may keep it. It does not change when the `Ops` moves.
    ///
    /// The struct is valid until the `Ops` is dropped. C may write to it.
    pub fn as_ptr(&self) -> *mut C {
        self.c_struct.as_ptr()
    }

    /// Ends all calls that C has left by `longjmp`, so that C may call the callbacks again and a drop takes effect immediately.
    ///
    /// If a callback takes `&mut self`, a call that C [left by a jump](crate::guide::jumps) never seems to end. C may call no other
    /// callback beside it, and a drop of the `Ops` leaks the struct and the state.
    ///
    /// # Safety
    ///
    /// No call of any callback runs: each call has returned, or C has left it.
    pub unsafe fn end_abandoned(&self) {
        // SAFETY: `bind_ops` leaked this box, which is there at least until its owner is gone.
        unsafe { self.owned.as_ref() }.end_abandoned();
    }

    /// Takes the state back, and drops the struct and makes the pointers invalid, as a drop of the `Ops` does.
    ///
    /// Call it when C has unregistered the struct. `X` is the type of the state.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tramp_rt::{Ops, trampoline};
    /// #[repr(C)]
    /// pub struct counter_ops {
    ///     add: Option<unsafe extern "C" fn(n: i32)>,
    /// }
    ///
    /// struct Counter(i32);
    ///
    /// #[trampoline(ops = counter_ops)]
    /// impl Counter {
    ///     extern "C" fn add(&mut self, n: i32) {
    ///         self.0 += n;
    ///     }
    /// }
    ///
    /// let ops: Ops<counter_ops> = Counter(0).bind(counter_ops { add: None })?;
    /// unsafe { (*ops.as_ptr()).add.unwrap()(42) };
    /// let counter = ops.into_state::<Counter>().expect("a `Counter`");
    /// assert_eq!(counter.0, 42);
    /// # Ok::<(), tramp_rt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the `Ops` unchanged if its state is no `X`, if a call runs that is counted, or if the last call has taken the
    /// state. If all callbacks take `&self`, calls are not counted, and none may be running.
    pub fn into_state<X: 'static>(self) -> Result<X, Self> {
        // SAFETY: `bind_ops` leaked this box, which is there at least until its owner is gone.
        let owned = unsafe { self.owned.as_ref() };
        if owned.state_type() != Some(TypeId::of::<X>()) || !owned.close() {
            return Err(self);
        }
        let block = core::mem::ManuallyDrop::new(self).owned;
        let mut state = MaybeUninit::<X>::uninit();
        // SAFETY: `bind_ops` leaked this box, and its owner is forgotten. No call runs, and none can begin. The type of the
        // state is `X`.
        unsafe {
            Box::from_raw(block.as_ptr()).take_state(state.as_mut_ptr().cast());
            Ok(state.assume_init())
        }
    }

    /// Gives everything to C, whose last call frees it: the call of a callback that [takes
    /// `self`](macro@crate::trampoline#structs-of-callbacks). If any thread may call, this does not run [the destructors of the
    /// struct's fields](Self).
    ///
    /// The struct is valid until this call returns. If C still reads it later, use [`leak`](Self::leak), which frees the state
    /// only. If no callback takes `self`, this does the same as `leak`.
    pub fn give(self) -> *mut C {
        let this = core::mem::ManuallyDrop::new(self);
        let (c_struct, owned) = (this.as_ptr(), this.owned);
        // SAFETY: `bind_ops` leaked this box, which is there at least until its owner is gone.
        let inside = unsafe { owned.as_ref() }.give();
        // From here on the last call, on another thread, may drop it all. SAFETY: the block is there until then.
        if inside.is_some_and(|inside| is_left(unsafe { inside.as_ref() }.fetch_or(GIVEN, Ordering::AcqRel))) {
            // SAFETY: `bind_ops` leaked this box. The last call has returned, and left it to the owner.
            drop(unsafe { Box::from_raw(owned.as_ptr()) });
        }
        c_struct
    }

    /// Leaks everything, so that the struct and its callbacks are valid for the rest of the process.
    pub fn leak(self) -> *mut C {
        core::mem::ManuallyDrop::new(self).as_ptr()
    }
}

impl<C, T: Threads> Drop for Ops<C, T> {
    fn drop(&mut self) {
        // SAFETY: `bind_ops` leaked this box, which is there at least until its owner is gone.
        let inside = unsafe { self.owned.as_ref() }.orphan();
        // From here on a call that runs on another thread may be the last, and drop it all. SAFETY: the block is there until then.
        if inside.is_some_and(|inside| runs(unsafe { inside.as_ref() }.fetch_add(ORPHANED, Ordering::AcqRel))) {
            return; // the last running call will drop it all
        }
        // SAFETY: `bind_ops` leaked this box. No call runs, and no further call can begin.
        drop(unsafe { Box::from_raw(self.owned.as_ptr()) });
    }
}

impl<C, T: Threads> fmt::Debug for Ops<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ops").field(&self.c_struct).finish()
    }
}

/// The block that an [`Ops`] owns, without the type of its state.
///
/// As soon as the owner has given the block up, another thread may free it. So the owner must not have a reference to the block
/// at that moment. These methods return the address of the number of calls, and the owner changes this number.
trait Owned {
    /// Keeps new calls out of entries, because the owner is dropped. Returns where to add [`ORPHANED`], if calls are counted.
    fn orphan(&self) -> Option<NonNull<AtomicUsize>>;
    /// Forgets all calls that were counted.
    fn end_abandoned(&self);
    /// Returns where to add [`GIVEN`], if there is a last call to which everything can be left.
    fn give(&self) -> Option<NonNull<AtomicUsize>>;
    /// The type of the state, if it borrows nothing.
    fn state_type(&self) -> Option<TypeId>;
    /// Keeps all calls out that are counted. Returns whether none runs.
    fn close(&self) -> bool;
    /// Moves the state to `to`, and drops everything else.
    ///
    /// # Safety
    /// `to` is valid for writes of the state's type. No call runs.
    unsafe fn take_state(self: Box<Self>, to: *mut ());
    /// Drops everything at the end of a call, except a struct that this thread may not have.
    fn drop_in_call(self: Box<Self>);
}

/// `N` entries bound to a state. The order of the fields is the order in which they are dropped: the slots first, so that
/// a call by a destructor, of the struct or the state, meets the poison.
struct Bound<C, X, T: Threads, const N: usize, const CALLS: u8> {
    entries: [Option<Trampoline<()>>; N],
    ops: UnsafeCell<C>,
    state_type: Option<TypeId>,
    state: State<X, T, CALLS>,
}

impl<C, X, T: Threads, const N: usize, const CALLS: u8> Owned for Bound<C, X, T, N, CALLS> {
    fn orphan(&self) -> Option<NonNull<AtomicUsize>> {
        if CALLS == SHARED {
            return None; // calls are not counted
        }
        if self.state.inside.load(Ordering::Relaxed) != 0 {
            for entry in self.entries.iter().flatten() {
                entry.claimed.orphan(T::ONLY_ONE);
            }
        }
        Some(NonNull::from(&self.state.inside))
    }

    fn end_abandoned(&self) {
        self.state.inside.fetch_and(SPENT, Ordering::Relaxed);
    }

    fn give(&self) -> Option<NonNull<AtomicUsize>> {
        (CALLS == LAST).then(|| NonNull::from(&self.state.inside))
    }

    fn state_type(&self) -> Option<TypeId> {
        self.state_type
    }

    fn close(&self) -> bool {
        CALLS == SHARED || self.state.inside.compare_exchange(0, ALONE, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    unsafe fn take_state(self: Box<Self>, to: *mut ()) {
        let Self { entries, ops, state, .. } = *self;
        drop(entries); // first, so that a call by a destructor meets the poison
        drop(ops); // before the state leaves the block, so that the state is dropped if this unwinds
        let state = state.value.into_inner().expect("no last call has begun");
        // SAFETY: `to` is valid for this type: the condition of `take_state`.
        unsafe { to.cast::<X>().write(state) };
    }

    fn drop_in_call(self: Box<Self>) {
        let Self { entries, ops, state, .. } = *self;
        drop(entries);
        if T::ONLY_ONE {
            drop(ops);
        } else {
            core::mem::forget(ops); // this may not be the owner's thread, and the struct need not be `Send`
        }
        drop(state);
    }
}

/// The state and the calls in it. `CALLS` says what entries take: [`SHARED`], [`COUNTED`] or [`LAST`].
struct State<X, T: Threads, const CALLS: u8> {
    thread: T::Thread,
    /// The number of calls with `&self`; or [`ALONE`] and the number of calls that were refused beside it. Plus [`ORPHANED`].
    inside: AtomicUsize,
    /// The block that the last call drops if the owner is gone.
    whole: NonNull<dyn Owned>,
    /// Absent after the last call.
    value: UnsafeCell<Option<X>>,
}

/// One call runs, with `&mut self`. A call that is refused is counted before it aborts, which may take a while. The value is so
/// large that no number of refused calls makes the state look free.
const ALONE: usize = 1 << (usize::BITS - 1);

/// The owner was dropped while calls ran.
const ORPHANED: usize = ALONE >> 1;

/// The last call has begun, and has the state. If [`ALONE`] is absent, it has returned.
const SPENT: usize = ALONE >> 2;

/// The owner gave everything to the last call.
const GIVEN: usize = ALONE >> 3;

/// Whether calls run, according to this value of [`State::inside`].
fn runs(inside: usize) -> bool {
    inside & !SPENT != 0
}

/// Whether the last call has returned and has left the rest to the owner, according to this value of [`State::inside`].
fn is_left(inside: usize) -> bool {
    inside & (SPENT | ALONE) == SPENT
}

/// All entries take `&self`: calls are not counted.
pub const SHARED: u8 = 0;
/// Some entry takes `&mut self`.
pub const COUNTED: u8 = 1;
/// Some entry takes `self`.
pub const LAST: u8 = 2;

// When a call has left, another thread may free the state. So the functions by which a call leaves get a reference only to the
// number of calls.
impl<X, T: Threads, const CALLS: u8> State<X, T, CALLS> {
    #[inline(always)] // on the path of every call
    fn enter_shared(&self) {
        T::check_thread(&self.thread);
        if CALLS == SHARED {
            return;
        }
        let before = if T::ONLY_ONE {
            let before = self.inside.load(Ordering::Relaxed);
            self.inside.store(before.wrapping_add(1), Ordering::Relaxed);
            before
        } else {
            self.inside.fetch_add(1, Ordering::Acquire)
        };
        if before >= SPENT {
            refuse(before);
        }
    }

    /// Returns whether this was the last call and the owner is gone.
    #[inline(always)] // on the path of every call
    fn leave_shared(inside: &AtomicUsize) -> bool {
        if CALLS == SHARED {
            return false;
        }
        if T::ONLY_ONE {
            let left = inside.load(Ordering::Relaxed) - 1;
            inside.store(left, Ordering::Relaxed);
            left == ORPHANED
        } else {
            let before = inside.fetch_sub(1, Ordering::Release);
            before == ORPHANED + 1 && inside.load(Ordering::Acquire) == ORPHANED
        }
    }

    #[inline(always)] // on the path of every call
    fn enter_alone(&self) {
        const { assert!(CALLS != SHARED, "no entry takes `&mut self`") };
        T::check_thread(&self.thread);
        if T::ONLY_ONE {
            let before = self.inside.load(Ordering::Relaxed);
            if before & !Self::free(before) != 0 {
                refuse(before);
            }
            self.inside.store(before | ALONE, Ordering::Relaxed);
            return;
        }
        let mut free = if CALLS == LAST { Self::free(self.inside.load(Ordering::Relaxed)) } else { 0 };
        while let Err(before) = self.inside.compare_exchange(free, free | ALONE, Ordering::Acquire, Ordering::Relaxed) {
            // The owner may have given it away in between, which keeps no call out.
            if before & !Self::free(before) != 0 || CALLS != LAST {
                refuse(before);
            }
            free = before;
        }
    }

    /// The value of a state in which no call runs, and which may be entered.
    #[inline(always)]
    fn free(before: usize) -> usize {
        if CALLS == LAST { before & GIVEN } else { 0 }
    }

    /// Returns whether the owner is gone.
    #[inline(always)] // on the path of every call
    fn leave_alone(inside: &AtomicUsize) -> bool {
        if CALLS == LAST {
            return inside.fetch_sub(ALONE, Ordering::AcqRel) & ORPHANED != 0;
        }
        if T::ONLY_ONE {
            let is_orphan = inside.load(Ordering::Relaxed) != ALONE;
            if !is_orphan {
                inside.store(0, Ordering::Relaxed);
            }
            is_orphan
        } else {
            let left = inside.compare_exchange(ALONE, 0, Ordering::Release, Ordering::Acquire);
            left.is_err_and(|now| now & ORPHANED != 0)
        }
    }

    /// Begins the last call, which takes the state.
    fn enter_last(&self) -> X {
        const { assert!(CALLS == LAST, "no entry takes `self`") };
        self.enter_alone();
        // From here on no call gets in, even if C leaves this one by a jump.
        self.inside.fetch_or(SPENT, Ordering::Relaxed);
        // SAFETY: no other call can begin, so nothing else uses the value.
        let value = unsafe { &mut *self.value.get() }.take();
        value.expect("only one call gets here")
    }

    /// Returns whether nobody owns the rest. Otherwise its owner may drop it at once.
    fn leave_last(inside: &AtomicUsize) -> bool {
        let left = inside.compare_exchange(ALONE | SPENT, SPENT, Ordering::AcqRel, Ordering::Acquire);
        left.is_err_and(|now| now & (ORPHANED | GIVEN) != 0)
    }

    /// Drops everything that the owner left to the last call.
    ///
    /// # Safety
    /// The owner is gone, this was the last call, and nothing uses the state any more.
    #[cold]
    #[inline(never)]
    unsafe fn drop_whole(this: *const Self) {
        // SAFETY: `bind_ops` leaked this box. Its owner left it to this call, which is the only one that has it.
        unsafe { Box::from_raw((*this).whole.as_ptr()) }.drop_in_call();
    }
}

/// Ends the process, because a call may not run beside those that do.
#[cold]
#[inline(never)]
fn refuse(before: usize) -> ! {
    let is_over = before & ORPHANED != 0 || before & (SPENT | ALONE) == SPENT;
    if is_over { misuse::called_after_drop() } else { misuse::called_while_state_is_borrowed() }
}

/// The address of the state, which the closure of each entry captures.
///
/// It lies in the entry's slot. A call that drops everything releases the slot while the closure runs, and another closure may get
/// it. The cell says that the word may change although the closure is borrowed.
pub struct Handle<X, T: Threads, const CALLS: u8>(UnsafeCell<NonNull<State<X, T, CALLS>>>);

// SAFETY: a handle is an address. The bounds of its `unsafe` methods say which threads may use it, and each method checks its
// thread.
unsafe impl<X, T: Threads, const CALLS: u8> Send for Handle<X, T, CALLS> {}
// SAFETY: nothing writes to a handle, and `&Handle` gives only a copy of the address.
unsafe impl<X, T: Threads, const CALLS: u8> Sync for Handle<X, T, CALLS> {}

impl<X, T: Threads, const CALLS: u8> Handle<X, T, CALLS> {
    /// The state of a call.
    ///
    /// # Safety
    /// * The conditions of [`shared`](Self::shared) hold.
    #[inline(always)] // on the path of every call
    unsafe fn state<'call>(&self) -> &'call State<X, T, CALLS> {
        // SAFETY: nothing has released the entry's slot yet, so the word still is the state's address. A state outlives its
        // entries, because `Bound` drops them first.
        unsafe { (*self.0.get()).as_ref() }
    }

    /// Begins a call that takes `&self`.
    ///
    /// # Safety
    /// * The closure of an entry of this state calls this, for one call that lasts for `'call`.
    /// * The entry is bound, and stays bound during that call.
    #[inline(always)] // on the path of every call
    pub unsafe fn shared<'call>(&self) -> Inside<'call, X, T, CALLS>
    where
        T: Permits<X, Shared>,
    {
        // SAFETY: an entry's closure calls this, which is bound: the conditions of this method.
        let state: &'call State<X, T, CALLS> = unsafe { self.state() };
        state.enter_shared();
        Inside(state)
    }

    /// Begins a call that takes `&mut self`.
    ///
    /// # Safety
    /// * The conditions of [`shared`](Self::shared) hold.
    #[inline(always)] // on the path of every call
    pub unsafe fn alone<'call>(&self) -> Alone<'call, X, T, CALLS>
    where
        T: Permits<X, Exclusive>,
    {
        // SAFETY: an entry's closure calls this, which is bound: the conditions of this method.
        let state: &'call State<X, T, CALLS> = unsafe { self.state() };
        state.enter_alone();
        Alone(state)
    }
}

impl<X, T: Threads, const CALLS: u8> Handle<X, T, CALLS> {
    /// Begins the last call, which takes `self`.
    ///
    /// # Safety
    /// * The conditions of [`shared`](Self::shared) hold.
    pub unsafe fn last<'call>(&self) -> (X, Last<'call, X, T, CALLS>)
    where
        T: Permits<X, Exclusive>,
    {
        // SAFETY: an entry's closure calls this, which is bound: the conditions of this method.
        let state: &'call State<X, T, CALLS> = unsafe { self.state() };
        (state.enter_last(), Last(state))
    }
}

impl<X, T: Threads, const CALLS: u8> fmt::Debug for Handle<X, T, CALLS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// The state during a call that takes `&self`. Its drop ends the call, even if the call unwinds.
pub struct Inside<'call, X, T: Threads, const CALLS: u8>(&'call State<X, T, CALLS>);

impl<X, T: Threads, const CALLS: u8> Deref for Inside<'_, X, T, CALLS> {
    type Target = X;
    #[inline(always)]
    fn deref(&self) -> &X {
        // SAFETY: while this call is counted, no call can begin that would have `&mut` to it. The value is there, because no
        // last call has begun.
        unsafe { (*self.0.value.get()).as_ref().unwrap_unchecked() }
    }
}

impl<X, T: Threads, const CALLS: u8> Drop for Inside<'_, X, T, CALLS> {
    #[inline(always)]
    fn drop(&mut self) {
        if State::<X, T, CALLS>::leave_shared(&self.0.inside) {
            // SAFETY: the owner is gone, and this was the last call.
            unsafe { State::drop_whole(self.0) }
        }
    }
}

impl<X, T: Threads, const CALLS: u8> fmt::Debug for Inside<'_, X, T, CALLS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inside").finish_non_exhaustive()
    }
}

/// The state during a call that takes `&mut self`. Its drop ends the call, even if the call unwinds.
pub struct Alone<'call, X, T: Threads, const CALLS: u8>(&'call State<X, T, CALLS>);

impl<X, T: Threads, const CALLS: u8> Deref for Alone<'_, X, T, CALLS> {
    type Target = X;
    #[inline(always)]
    fn deref(&self) -> &X {
        // SAFETY: no other call can begin while this one runs. The value is there, because no last call has begun.
        unsafe { (*self.0.value.get()).as_ref().unwrap_unchecked() }
    }
}

impl<X, T: Threads, const CALLS: u8> DerefMut for Alone<'_, X, T, CALLS> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut X {
        // SAFETY: no other call can begin while this one runs. The value is there, because no last call has begun.
        unsafe { (*self.0.value.get()).as_mut().unwrap_unchecked() }
    }
}

impl<X, T: Threads, const CALLS: u8> Drop for Alone<'_, X, T, CALLS> {
    #[inline(always)]
    fn drop(&mut self) {
        if State::<X, T, CALLS>::leave_alone(&self.0.inside) {
            // SAFETY: the owner is gone, and no other call runs.
            unsafe { State::drop_whole(self.0) }
        }
    }
}

impl<X, T: Threads, const CALLS: u8> fmt::Debug for Alone<'_, X, T, CALLS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alone").finish_non_exhaustive()
    }
}

/// The last call, which takes the state. Its drop ends the call, even if the call unwinds.
pub struct Last<'call, X, T: Threads, const CALLS: u8>(&'call State<X, T, CALLS>);

impl<X, T: Threads, const CALLS: u8> Drop for Last<'_, X, T, CALLS> {
    fn drop(&mut self) {
        if State::<X, T, CALLS>::leave_last(&self.0.inside) {
            // SAFETY: nobody owns the block, and this was the last call.
            unsafe { State::drop_whole(self.0) }
        }
    }
}

impl<X, T: Threads, const CALLS: u8> fmt::Debug for Last<'_, X, T, CALLS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Last").finish_non_exhaustive()
    }
}

/// Makes the entries of a state, which is already in its final place. The entries live for at most `'bound`.
pub struct Binder<'a, 'bound, X, T: Threads, const CALLS: u8> {
    state: NonNull<State<X, T, CALLS>>,
    entries: core::slice::IterMut<'a, Option<Trampoline<()>>>,
    /// Invariant, so that no closure that borrows for less gets in.
    bound: PhantomData<fn(&'bound ()) -> &'bound ()>,
}

impl<'bound, X, T: Threads, const CALLS: u8> Binder<'_, 'bound, X, T, CALLS> {
    /// The handle that a closure captures.
    pub fn state(&self) -> Handle<X, T, CALLS> {
        Handle(UnsafeCell::new(self.state))
    }

    /// Creates a function pointer that runs `closure`, which captures the state's handle.
    ///
    /// # Errors
    /// Returns an error if there is no slot.
    ///
    /// # Panics
    /// Panics if there are more entries than announced.
    pub fn entry<S, F>(&mut self, closure: F) -> Result<S::Pointer, Error>
    where
        // The state checks the thread, so the entries need not: one number serves all, and each slot needs one word.
        F: Send + Sync + 'bound,
        S: Accepts<Callee<F, Shared, AnyThread>>,
    {
        // SAFETY: the entries are dropped within `'bound`, for which the closure lives: `bind_while_alive` says so.
        let entry =
            unsafe { trampoline::own_while_alive::<S, F, Shared, AnyThread, Kept, F>(closure, |closure| closure) };
        let entry = entry.map_err(|failed| failed.error)?;
        let pointer = entry.as_fn();
        *self.entries.next().expect("a place for each entry") = Some(entry.without_signature());
        Ok(pointer)
    }
}

impl<X, T: Threads, const CALLS: u8> fmt::Debug for Binder<'_, '_, X, T, CALLS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binder").finish_non_exhaustive()
    }
}

/// Binds `N` entries to `state`. `fill` makes the entries, and then puts them all into the struct.
///
/// # Errors
/// Returns the error of `fill`, or one for exhausted memory. It contains the state and the struct.
pub fn bind_ops<C, X, T, const N: usize, const CALLS: u8>(
    state: X,
    ops: C,
    fill: impl FnOnce(&mut Binder<'_, 'static, X, T, CALLS>, &mut C) -> Result<(), Error>,
) -> Result<Ops<C, T>, CreateError<(X, C)>>
where
    C: 'static,
    X: 'static,
    T: Permits<X, Exclusive>,
{
    // SAFETY: neither the state nor the struct borrows anything, and so neither do entries for `'static`.
    unsafe { bind_while_alive::<C, X, T, N, CALLS>(state, Some(TypeId::of::<X>()), ops, fill) }
}

/// Lends `N` entries that are bound to `state` while `body` runs, which gets the address of the struct.
///
/// # Errors
/// Returns the error of `fill`, or one for exhausted memory. It contains the struct. Then `body` does not run.
pub fn lend_ops<'state, C, X, T, const N: usize, const CALLS: u8, R>(
    state: &'state mut X,
    ops: C,
    fill: impl FnOnce(&mut Binder<'_, 'state, &'state mut X, T, CALLS>, &mut C) -> Result<(), Error>,
    body: impl FnOnce(*mut C) -> R,
) -> Result<R, CreateError<C>>
where
    T: Permits<&'state mut X, Exclusive>,
{
    /// Ends the loan, even if `body` unwinds.
    struct End<C, T: Threads>(Ops<C, T>);
    impl<C, T: Threads> Drop for End<C, T> {
        fn drop(&mut self) {
            // SAFETY: the loan is over, so no call runs. A call that seems to was left by a jump.
            unsafe { self.0.end_abandoned() };
        }
    }
    // SAFETY: the owner is dropped below, while the state is borrowed, and no call that runs keeps the block.
    let bound = unsafe { bind_while_alive::<C, &'state mut X, T, N, CALLS>(state, None, ops, fill) };
    match bound {
        Ok(ops) => {
            let end = End(ops);
            Ok(body(end.0.as_ptr()))
        }
        Err(CreateError { closure: (_, ops), error }) => Err(CreateError { closure: ops, error }),
    }
}

/// Does the same as [`bind_ops`] for a state that may borrow.
///
/// # Safety
/// The owner is dropped, and no call runs any more, while what the state and the struct borrow and `'bound` last.
unsafe fn bind_while_alive<'bound, C, X, T, const N: usize, const CALLS: u8>(
    state: X,
    state_type: Option<TypeId>,
    ops: C,
    fill: impl FnOnce(&mut Binder<'_, 'bound, X, T, CALLS>, &mut C) -> Result<(), Error>,
) -> Result<Ops<C, T>, CreateError<(X, C)>>
where
    T: Permits<X, Exclusive>,
{
    let layout = Layout::new::<Bound<C, X, T, N, CALLS>>();
    // SAFETY: the layout holds at least a counter, so its size is not zero.
    let Some(block) = NonNull::new(unsafe { alloc(layout) }.cast::<Bound<C, X, T, N, CALLS>>()) else {
        return Err(CreateError { closure: (state, ops), error: Error::Heap { bytes: layout.size() } });
    };
    // The block drops itself, or its owner does, and both only while the state is there. So its type needs no lifetime.
    let whole: NonNull<dyn Owned + '_> = block;
    // SAFETY: both are the same pointer, and the state outlives the block: the condition of `bind_while_alive`.
    let whole: NonNull<dyn Owned> = unsafe { core::mem::transmute(whole) };
    let state =
        State { thread: T::this_thread(), inside: AtomicUsize::new(0), whole, value: UnsafeCell::new(Some(state)) };
    // SAFETY: freshly allocated for this very type.
    unsafe { block.write(Bound { ops: UnsafeCell::new(ops), entries: [const { None }; N], state_type, state }) };
    let bound = block.as_ptr();
    // From here on the block has an owner, which drops it if `fill` unwinds.
    let bound_ops = Ops {
        // SAFETY: a field of the block is not at address 0; C writes to the struct through its cell.
        c_struct: unsafe { NonNull::new_unchecked((*bound).ops.get()) },
        owned: whole,
        types: PhantomData,
    };
    let filled = {
        // SAFETY: the block is initialised, and nothing else has its address. The addresses are taken one by one, because
        // what is made of them outlives every reference to the whole.
        let (state, entries, ops) = unsafe { (&raw mut (*bound).state, &mut (*bound).entries, (*bound).ops.get()) };
        // SAFETY: a field of the block is not at address 0, and nothing else uses the struct yet.
        let (state, ops) = unsafe { (NonNull::new_unchecked(state), &mut *ops) };
        fill(&mut Binder { state, entries: entries.iter_mut(), bound: PhantomData }, ops)
    };
    match filled {
        Ok(()) => Ok(bound_ops),
        Err(error) => {
            core::mem::forget(bound_ops);
            // SAFETY: the global allocator allocated it for this type. It is initialised, and nothing else owns it any more.
            let Bound { entries, ops, state, .. } = *unsafe { Box::from_raw(bound) };
            drop(entries);
            let state = state.value.into_inner().expect("no call has begun");
            Err(CreateError { closure: (state, ops.into_inner()), error })
        }
    }
}

/// A field of a C struct that takes the function pointer `P`.
#[diagnostic::on_unimplemented(
    message = "the field of the C struct does not take this callback",
    label = "the field has another type",
    note = "the callback is a `{P}`",
    note = "a field takes it that is of this type or an `Option` of it; a safe function pointer must be valid for ever"
)]
pub trait Field<P> {
    /// The field's value.
    fn of(pointer: P) -> Self;
}

impl<P> Field<P> for P {
    fn of(pointer: P) -> Self {
        pointer
    }
}

impl<P> Field<P> for Option<P> {
    fn of(pointer: P) -> Self {
        Some(pointer)
    }
}
