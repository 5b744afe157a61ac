//! Closures that C reaches through its own user data: no slot, no thunk, no probe.
//!
//! ```text
//!   C calls entry(a, data, b)
//!                     │        ┌───────┬────────┬────────┐
//!                     └──────▶ │ start │ header │ keeper │    on the heap, or in the frame of a scope
//!                              └───────┴────────┴────────┘
//! ```
//!
//! The block begins with the two words of a slot, so that a call does with them what it does with a direct slot's, and an
//! owner needs to know one kind of address only. What a slot has on top of that is gone here: a block is freed, and a call
//! that comes later is not seen.

use ::alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::{MaybeUninit, offset_of};
use core::ptr::NonNull;

use crate::call::{Call, DataCall};
use crate::claim::Claimed;
use crate::error::{CreateError, Error};
use crate::keeper::{Keeper, Stamped, Threads};
use crate::kept::Header;
use crate::misuse;
use crate::signature::Entry;
use crate::slot::Slot;
use crate::sync::Ordering;

/// C's user data, in a signature: where it stands, C passes what leads to the closure, which does not see it.
///
/// Elsewhere it is what it says, a `void *`.
///
/// ```
/// # use std::ffi::{c_int, c_void};
/// use tramp_rt::{Trampoline, UserData, trampoline};
///
/// // typedef int (*visit_fn)(void *data, int value);
/// #[trampoline]
/// type Visit = unsafe extern "C" fn(data: UserData, value: c_int) -> c_int;
/// # unsafe extern "C" fn each(visit: Visit, data: *mut c_void) { unsafe { visit.0(data, 40); visit.0(data, 2); } }
///
/// let mut sum = 0;
/// let visit = |value| { sum += value; 0 };
/// Trampoline::<Visit>::scoped_mut(visit, |(visit, data)| unsafe { each(Visit(visit), data) })?;
/// assert_eq!(sum, 42);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// See [`#[trampoline]`](macro@crate::trampoline#user-data).
#[doc(alias = "user data")]
#[doc(alias = "void pointer")]
#[doc(alias = "userdata")]
#[doc(alias = "context")]
pub type UserData = *mut c_void;

/// What every block begins with.
#[repr(C, align(8))] // leaves as many bits of an address free as `Claimed` needs
pub(crate) struct Start {
    /// `handler` is the state, one of a direct slot's; `context` leads to the header.
    slot: Slot,
    entry: *const (),
}

/// What user data leads to.
#[repr(C)]
struct Block<K> {
    start: Start,
    header: Header,
    keeper: K,
}

impl<K: Keeper> Block<K> {
    fn new(entry: *const (), keeper: K) -> Self {
        let slot = Slot::new();
        slot.handler.store(DataCall::BOUND, Ordering::Relaxed);
        Self { start: Start { slot, entry }, header: Header { drop: Self::drop_owned }, keeper }
    }

    /// # Safety
    /// `header` is that of a block made by [`keep`], which nothing has dropped.
    unsafe fn drop_owned(header: NonNull<Header>) {
        // SAFETY: the header's block is one allocation, and the caller vouches for its life.
        unsafe { drop_block(header.byte_sub(offset_of!(Self, header)).cast::<Self>()) }
    }
}

/// Drops what the calls have left, and frees the block also if that unwinds.
///
/// # Safety
/// `block` came from [`keep`]; no call comes any more, and nothing else drops it.
unsafe fn drop_block<K: Keeper>(block: NonNull<Block<K>>) {
    struct Free<K>(NonNull<Block<K>>);
    impl<K> Drop for Free<K> {
        fn drop(&mut self) {
            // SAFETY: as the caller of `drop_block` promises.
            unsafe { free(self.0) }
        }
    }
    let block = Free(block);
    let inside = block.0.as_ptr();
    // SAFETY: the block is initialised, and the keeper not used again.
    unsafe { K::drop_left(&raw mut (*inside).keeper, &(*inside).start.slot) }
}

/// # Safety
/// `block` came from [`keep`], and its keeper is dropped or moved out.
unsafe fn free<K>(block: NonNull<Block<K>>) {
    // SAFETY: `keep` allocated the block with this layout.
    unsafe { dealloc(block.as_ptr().cast(), Layout::new::<Block<K>>()) }
}

/// Puts the keeper, made of `parts` when nothing can fail any more, where `entry` finds it through user data.
pub(crate) fn keep<K: Keeper, P>(entry: *const (), parts: P, make: impl FnOnce(P) -> K) -> Result<Claimed, (Error, P)> {
    let layout = Layout::new::<Block<K>>();
    // SAFETY: the layout holds a slot at least, so its size is not zero.
    let Some(block) = NonNull::new(unsafe { alloc(layout) }.cast::<Block<K>>()) else {
        return Err((Error::Heap { bytes: layout.size() }, parts));
    };
    // SAFETY: freshly allocated for this very type.
    unsafe { block.write(Block::new(entry, make(parts))) };
    let claimed = Claimed::by_data(block.cast());
    // SAFETY: inside the block.
    claimed.bind(unsafe { block.byte_add(offset_of!(Block<K>, header)) }.as_ptr().cast());
    Ok(claimed.owned())
}

/// The function that C calls with this user data.
pub(crate) fn entry(start: NonNull<Start>) -> *const () {
    // SAFETY: a claim's block is there for as long as the claim is.
    unsafe { (*start.as_ptr()).entry }
}

/// There is nothing to give back. But what runs cannot go.
pub(crate) fn release(slot: &Slot) {
    if slot.handler.load(Ordering::Acquire) == DataCall::running() {
        misuse::destroyed_while_running();
    }
}

/// Lends a keeper, in the frame of this call, for as long as `body` runs with the user data that leads to it.
pub(crate) fn lend<K: Keeper, R>(keeper: K, body: impl FnOnce(UserData) -> R) -> R {
    // C reaches the block while this holds the frame.
    struct Loan<K: Keeper>(UnsafeCell<MaybeUninit<Block<K>>>);
    impl<K: Keeper> Drop for Loan<K> {
        fn drop(&mut self) {
            let block = self.0.get().cast::<Block<K>>();
            // SAFETY: written below; the scope is over, so no call comes any more.
            unsafe { K::drop_left(&raw mut (*block).keeper, &(*block).start.slot) }
        }
    }
    let loan = Loan(UnsafeCell::new(MaybeUninit::new(Block::new(core::ptr::null(), keeper))));
    body(loan.0.get().cast())
}

/// The keeper of a call that came with user data.
///
/// # Safety
/// `start` begins a block with a keeper of type `K`.
#[inline(always)] // on the path of every call: an addition
pub(crate) unsafe fn locate<K: Keeper>(start: NonNull<Slot>) -> NonNull<K> {
    // SAFETY: inside the block, as the caller promises.
    unsafe { start.byte_add(offset_of!(Block<K>, keeper)).cast() }
}

/// Frees the block of a keeper whose closure was moved out.
///
/// # Safety
/// `start` begins a block from [`keep`] with a keeper of type `K`, whose closure is moved out.
pub(crate) unsafe fn forget<K: Keeper>(start: NonNull<Slot>) {
    // SAFETY: as the caller promises.
    unsafe { free(start.cast::<Block<K>>()) }
}

/// A C type of functions that destroy user data, made by `#[trampoline]`.
pub trait Destroy {
    /// The function pointer.
    type Pointer;
    /// The function for a closure in the keeper `K`.
    fn of<K: Keeper>() -> Self::Pointer;
}

/// What C is given, or the closure again.
type Given<P, D, F> = Result<(P, D), CreateError<F>>;

/// A closure that stays until C destroys it: what C calls, and with what it destroys.
///
/// # Errors
/// If there is no memory. The closure comes back.
pub fn notified<S, K, D>(closure: K::Closure) -> Given<S::Pointer, D::Pointer, K::Closure>
where
    S: Entry<K>,
    K: Keeper<Threads: Stamped>,
    D: Destroy,
{
    let entry = <S as Entry<K>>::ENTRY_POINTS.handler;
    match keep(entry, closure, |closure| K::with_stamp(closure, K::Threads::stamp())) {
        // SAFETY: the block was made for this entry point of this signature.
        Ok(claimed) => Ok((unsafe { S::pointer(entry, claimed.user_data()) }, D::of::<K>())),
        Err((error, closure)) => Err(CreateError { closure, error }),
    }
}

/// As [`notified`], of a closure that may be absent: C gets NULL for it and its user data then.
///
/// # Errors
/// As [`notified`].
pub fn notified_nullable<S, K, D>(closure: Option<K::Closure>) -> Given<Option<S::Pointer>, D::Pointer, K::Closure>
where
    S: Entry<K>,
    K: Keeper<Threads: Stamped>,
    D: Destroy,
{
    match closure {
        Some(closure) => notified::<S, K, D>(closure).map(|(pointer, destroy)| (Some(pointer), destroy)),
        None => Ok((None, D::of::<K>())),
    }
}

/// Ends a [`notified`] closure. Without user data, as C passes it where there is no closure, there is nothing to do.
///
/// # Safety
/// `data` is null or came from `notified` for this `K`; no call comes any more, and this one does not come again.
pub unsafe fn destroy<K: Keeper>(data: UserData) {
    let Some(block) = NonNull::new(data.cast::<Block<K>>()) else {
        return;
    };
    let inside = block.as_ptr();
    // SAFETY: the block is initialised; the stamp is only ever read.
    K::Threads::admit(unsafe { &*K::stamp(&raw const (*inside).keeper) });
    // SAFETY: as above.
    release(unsafe { &(*inside).start.slot });
    // SAFETY: as the caller promises.
    unsafe { drop_block(block) }
}

/// The two parts of what a closure that may be absent is reached by.
pub fn split<P>(pair: Option<(P, UserData)>) -> (Option<P>, UserData) {
    match pair {
        Some((pointer, data)) => (Some(pointer), data),
        None => (None, core::ptr::null_mut()),
    }
}

/// Makes a type a [`Signature`] with user data: with an entry point for each keeper, and without thunks.
#[doc(hidden)]
#[macro_export]
macro_rules! __data_signature {
    (
        generics: [$($declared:tt)*] [$($name:ident,)*];
        type: $self:ty;
        pointer: $pointer:ty;
        declared: $as_declared:ty;
        $(on_panic: $on_panic:tt;)?
        fn: for<$($lifetime:lifetime,)*> extern $abi:literal fn(
            $($before:ident: $before_type:ty,)* [$data:ident: $data_type:ty] $($after:ident: $after_type:ty,)*
        ) -> $return:ty;
    ) => {
        $crate::__private::contained! { @value [$($on_panic)?] [$($declared)*] [$self] [$($lifetime,)*] -> $return }
        // SAFETY: both pointer types are those of the entry points below.
        unsafe impl<$($declared)*> $crate::__private::Signature for $self {
            type Pointer = ($pointer, $crate::UserData);
            type Declared = ($as_declared, $crate::UserData);
            type Waiting = $crate::__private::contained!(@waiting $($on_panic)?);
            const VIA: $crate::__private::Via = $crate::__private::Via::UserData;
            #[inline]
            unsafe fn pointer(entry: *const (), data: $crate::UserData) -> Self::Pointer {
                // SAFETY: the caller passes an entry point of this signature.
                (unsafe { $crate::__private::transmute::<*const (), $pointer>(entry) }, data)
            }
            #[inline]
            unsafe fn declared(entry: *const (), data: $crate::UserData) -> Self::Declared {
                // SAFETY: the caller passes an entry point of this signature, valid for ever.
                (unsafe { $crate::__private::transmute::<*const (), $as_declared>(entry) }, data)
            }
        }
        $crate::__private::data_entry! { Shared Fn (__closure => *__closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
        $crate::__private::data_entry! { Exclusive FnMut (__closure => *__closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
        $crate::__private::data_entry! { Once FnOnce (__closure => __closure)
            [$($declared)*] [$($name,)*] [$self] [$($on_panic)?] [$($lifetime,)*] $abi
            ($($before: $before_type,)*) [$data: $data_type] ($($after: $after_type,)*) -> $return }
    };
}

/// The entry point of a signature with user data for one keeper.
#[doc(hidden)]
#[macro_export]
macro_rules! __data_entry {
    (
        $keeper:ident $trait:ident ($closure:ident => $callee:expr)
        [$($declared:tt)*] [$($name:ident,)*] [$self:ty] [$($on_panic:tt)?] [$($lifetime:lifetime,)*] $abi:literal
        ($($before:ident: $before_type:ty,)*) [$data:ident: $data_type:ty] ($($after:ident: $after_type:ty,)*)
        -> $return:ty
    ) => {
        // SAFETY: the function has the signature's arguments and result; it runs what the user data leads to, which is a
        // keeper of this type because the block was made with this entry point.
        unsafe impl<$($declared)* __F, __T> $crate::__private::Entry<$crate::__private::$keeper<__F, __T>> for $self
        where
            __F: for<$($lifetime,)*> $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
            __T: $crate::__private::Threads,
        {
            type Owner = ();
            const ENTRY_POINTS: &'static $crate::__private::EntryPoints = {
                #[allow(improper_ctypes_definitions, reason = "rustc checks the user's declaration, not this one")]
                #[allow(unused_mut, reason = "only an exclusive closure is borrowed mutably")]
                unsafe extern $abi fn __entry<$($lifetime,)* $($declared)* __F, __T>(
                    $($before: $before_type,)* $data: $data_type, $($after: $after_type,)*
                ) -> $return
                where
                    __F: $crate::__private::$trait($($before_type,)* $($after_type,)*) -> $return,
                    __T: $crate::__private::Threads,
                {
                    // SAFETY: C passes the user data that it was given with this function.
                    let __call = unsafe { $crate::__private::DataCall::new($data) };
                    $crate::__private::contained! {
                        [$self] $($on_panic)?
                        // SAFETY: the user data leads to this keeper.
                        unsafe { <$crate::__private::$keeper<__F, __T> as $crate::__private::Keeper>::pending(__call) },
                        {
                            // SAFETY: as above.
                            let mut $closure = unsafe { $crate::__private::$keeper::<__F, __T>::enter(__call) };
                            ($callee)($($before,)* $($after,)*)
                        }
                    }
                }
                &$crate::__private::EntryPoints::without_thunks(__entry::<$($name,)* __F, __T> as *const ())
            };
        }
    };
}

/// Makes a type a [`Destroy`].
#[doc(hidden)]
#[macro_export]
macro_rules! __destroy {
    (
        type: $self:ty;
        pointer: $pointer:ty;
        data: $data:ident;
        fn: extern $abi:literal fn($($arg:ident: $type:ty,)*);
    ) => {
        impl $crate::__private::Destroy for $self {
            type Pointer = $pointer;
            fn of<__K: $crate::__private::Keeper>() -> $pointer {
                #[allow(unused_variables, reason = "only the user data is of use")]
                unsafe extern $abi fn __destroy<__K: $crate::__private::Keeper>($($arg: $type,)*) {
                    // SAFETY: C passes the user data that it was given with this function, when it is done with it.
                    unsafe { $crate::__private::destroy::<__K>($data) }
                }
                __destroy::<__K>
            }
        }
    };
}
