//! Several closures that are lent to C at once.
//!
//! ```text
//!   scope ──▶ last ──▶ ┌────────┐      ┌────────┐
//!                      │ before ┼────▶ │ before ┼────▶ none
//!                      │ end    │      │ end    │
//!                      │ callee │      │ callee │       on the heap, because a function lends them that has returned
//!                      └────────┘      └────────┘
//! ```
//!
//! Users get pointers without lifetimes, and calling one is `unsafe`. So there is nothing to forget: the scope has all closures,
//! and ends them when its body returns or unwinds, whatever became of the pointers.

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::{NonNull, drop_in_place};

use crate::claim::{self, Claim, direct};
use crate::closure::access::{Access, Exclusive, Once, Shared};
use crate::closure::callee::Callee;
use crate::closure::lease::{Lease, Lent};
use crate::closure::storage::{DataFrame, Frame, Free, allocate, no_memory};
use crate::closure::threads::{AnyThread, Permits, ThisThread, Threads};
use crate::error::CreateError;
use crate::signature::panic::{Panics, PendingPanic};
use crate::signature::{Accepts, Delivery};
use crate::trampoline::lend::Loan;

/// A scope in which closures are lent to C, several at once. [`scope`] makes it.
///
/// `S` is the type of the C function pointer, as for [`Trampoline`](crate::Trampoline). The methods correspond to the `scoped`
/// constructors there, and each returns the pointer for C.
///
/// A closure may borrow what lives outside of the scope, `'env`, as with [`std::thread::scope`]. It may also have the scope
/// itself, to lend more closures while it runs. The scope stays on its thread, also if another thread may call the closures.
///
/// # Misuse
///
/// The rules of [`Trampoline`](crate::Trampoline#misuse) hold. The pointers are valid until the scope's body returns or unwinds.
/// A pointer has no lifetime, so it may leave the scope. A call of it is a call after the drop: it aborts the process with a
/// message, until another trampoline gets the slot.
pub struct Scope<'scope, 'env: 'scope> {
    loans: Loans,
    pending: &'scope PendingPanic,
    /// Invariant in both, as in `std::thread::Scope`.
    lent_for: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// Makes a scope in which closures are lent to C, several at once, while `body` runs.
///
/// When `body` returns or unwinds, the scope makes the pointers invalid and drops the closures, the last one first. If a
/// closure [panicked and C got a value](macro@crate::trampoline#panics), the panic goes on then.
///
/// For one closure, [`lend`](crate::lend) is shorter and allocates nothing.
///
/// # Examples
///
/// ```
/// # use std::ffi::c_int;
/// // From bindings:
/// # #[allow(non_camel_case_types)]
/// pub type key_fn = Option<unsafe extern "C" fn(key: c_int)>;
/// # #[allow(non_camel_case_types)]
/// pub type value_fn = Option<unsafe extern "C" fn(value: c_int) -> c_int>;
/// pub struct Parser {
///     on_key: key_fn,
///     on_value: value_fn,
/// }
/// # unsafe fn parse(parser: &Parser) {
/// #     unsafe { parser.on_key.unwrap()(1); parser.on_value.unwrap()(10); parser.on_key.unwrap()(2); }
/// # }
///
/// let (mut keys, mut sum) = (Vec::new(), 0);
/// tramp_rt::scope(|s| {
///     let on_key = s.lend_mut::<key_fn, _>(|key| keys.push(key))?;
///     let on_value = s.lend_mut::<value_fn, _>(|value| { sum += value; 0 })?;
///     unsafe { parse(&Parser { on_key, on_value }) };
///     Ok::<_, tramp_rt::Error>(())
/// })?;
/// assert_eq!((keys, sum), (vec![1, 2], 10));
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// A closure cannot borrow from the body, because the scope ends later:
///
/// ```compile_fail,E0373
/// tramp_rt::scope(|s| {
///     let local = 1;
///     _ = s.lend::<unsafe extern "C" fn() -> i32, _>(|| local + 1);
/// });
/// ```
///
/// No other thread can lend in this scope:
///
/// ```compile_fail,E0277
/// tramp_rt::scope(|s| {
///     std::thread::scope(|threads| {
///         threads.spawn(|| s.lend::<unsafe extern "C" fn(), _>(|| ()).is_ok());
///     });
/// });
/// ```
pub fn scope<'env, R>(body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> R {
    PendingPanic::resume_after(|pending| {
        let scope = Scope { loans: Loans(Cell::new(None)), pending, lent_for: PhantomData, env: PhantomData };
        // It is dropped before the scope, because the destructor of a closure may use the scope.
        let _end = End(&scope.loans);
        body(&scope)
    })
}

impl<'scope> Scope<'scope, '_> {
    /// Lends a closure that this thread may call, as [`scoped`](crate::Trampoline::scoped) does.
    ///
    /// # Errors
    ///
    /// Returns an error that contains the closure if there is no slot or no memory.
    pub fn lend<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: 'scope,
        S: Accepts<Callee<F, Shared, ThisThread, Loan<S>>>,
    {
        self.hold::<S, F, Shared, ThisThread>(closure)
    }

    /// Lends an `FnMut` closure that this thread may call, as [`scoped_mut`](crate::Trampoline::scoped_mut) does.
    ///
    /// # Errors
    ///
    /// As [`lend`](Self::lend).
    pub fn lend_mut<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: 'scope,
        S: Accepts<Callee<F, Exclusive, ThisThread, Loan<S>>>,
    {
        self.hold::<S, F, Exclusive, ThisThread>(closure)
    }

    /// Lends an `FnOnce` closure that this thread may call once, as [`scoped_once`](crate::Trampoline::scoped_once) does.
    ///
    /// # Errors
    ///
    /// As [`lend`](Self::lend).
    pub fn lend_once<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: 'scope,
        S: Accepts<Callee<F, Once, ThisThread, Loan<S>>>,
    {
        self.hold::<S, F, Once, ThisThread>(closure)
    }

    /// Lends a closure that any thread may call, several at once, as [`scoped_any`](crate::Trampoline::scoped_any) does.
    ///
    /// # Errors
    ///
    /// As [`lend`](Self::lend).
    pub fn lend_any<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: Send + Sync + 'scope,
        S: Accepts<Callee<F, Shared, AnyThread, Loan<S>>>,
    {
        self.hold::<S, F, Shared, AnyThread>(closure)
    }

    /// Lends an `FnMut` closure that any thread may call, one at a time, as
    /// [`scoped_any_mut`](crate::Trampoline::scoped_any_mut) does.
    ///
    /// # Errors
    ///
    /// As [`lend`](Self::lend).
    pub fn lend_any_mut<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: Send + 'scope,
        S: Accepts<Callee<F, Exclusive, AnyThread, Loan<S>>>,
    {
        self.hold::<S, F, Exclusive, AnyThread>(closure)
    }

    /// Lends an `FnOnce` closure that any thread may call once, as [`scoped_any_once`](crate::Trampoline::scoped_any_once) does.
    ///
    /// # Errors
    ///
    /// As [`lend`](Self::lend).
    pub fn lend_any_once<S, F>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: Send + 'scope,
        S: Accepts<Callee<F, Once, AnyThread, Loan<S>>>,
    {
        self.hold::<S, F, Once, AnyThread>(closure)
    }

    fn hold<S, F, A, T>(&'scope self, closure: F) -> Result<S::Pointer, CreateError<F>>
    where
        F: 'scope,
        S: Accepts<Callee<F, A, T, Loan<S>>>,
        A: Access,
        T: Permits<F, A>,
    {
        let lease = Lent(S::Panics::of(self.pending));
        let callee = |closure| {
            // SAFETY: the lease is of this scope, the bound is above, and the closure lives for `'scope`, in which `End` ends it.
            unsafe { Callee::<F, A, T, Loan<S>>::with_lease(closure, lease) }
        };
        let Delivery::Slot(probe) = S::DELIVERY else {
            let Some(node) = allocate::<Node<DataFrame<F, A, T, Loan<S>>>>() else {
                return Err(CreateError { closure, error: no_memory::<Node<DataFrame<F, A, T, Loan<S>>>>() });
            };
            // SAFETY: freshly allocated for this very type; the frame does not move any more.
            let data = unsafe {
                node.write(Node {
                    link: self.loans.link(end::<DataFrame<F, A, T, Loan<S>>>),
                    held: DataFrame::new(callee(closure)),
                });
                (*node.as_ptr()).held.data()
            };
            self.loans.push(node.cast());
            // SAFETY: the user data leads to a callee for this entry point of this signature.
            return Ok(unsafe { S::pointer(S::CODE.handler, data) });
        };
        let Some(node) = allocate::<Node<InSlot<F, A, T, Loan<S>>>>() else {
            return Err(CreateError { closure, error: no_memory::<Node<InSlot<F, A, T, Loan<S>>>>() });
        };
        let tag = direct::tag_of::<(S::Identity, Callee<F, A, T, Loan<S>>)>(T::in_new_tag());
        let claimed = match claim::claim(S::CODE, tag, probe) {
            Ok(claimed) => claimed,
            Err(error) => {
                // SAFETY: allocated above, and nothing is in it.
                drop(unsafe { Free::new(node) });
                return Err(CreateError { closure, error });
            }
        };
        // SAFETY: freshly allocated for this very type; the frame does not move any more.
        unsafe {
            node.write(Node {
                link: self.loans.link(end::<InSlot<F, A, T, Loan<S>>>),
                held: InSlot { claimed, frame: Frame::new() },
            });
            (*node.as_ptr()).held.frame.lend(claimed, callee(closure));
        }
        // SAFETY: claimed with this code and bound, and nobody has got the entry.
        unsafe { claimed.tell(S::CODE) };
        self.loans.push(node.cast());
        // SAFETY: the slot was claimed with the entry points of this signature.
        Ok(unsafe { S::pointer(claimed.thunk(), claimed.user_data()) })
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// The closures of a scope, the last one first. It has no destructor, because users borrow the scope for `'scope`. [`End`]
/// does that work.
struct Loans(Cell<Option<NonNull<Link>>>);

/// What each closure begins with, whatever its type.
struct Link {
    before: Option<NonNull<Link>>,
    end: unsafe fn(NonNull<Link>),
}

/// A closure of a scope.
#[repr(C)]
struct Node<H> {
    link: Link,
    held: H,
}

impl Loans {
    fn link(&self, end: unsafe fn(NonNull<Link>)) -> Link {
        Link { before: self.0.get(), end }
    }

    /// Takes a node whose link was made just now.
    fn push(&self, node: NonNull<Link>) {
        self.0.set(Some(node));
    }

    /// Ends the closures one after the other. A destructor may lend another one meanwhile, which is then the last.
    fn end_all(&self) {
        while let Some(last) = self.0.get() {
            // SAFETY: `hold` wrote the node, and only this takes it from the list, once.
            let Link { before, end } = *unsafe { last.as_ref() };
            self.0.set(before);
            // SAFETY: `end` is that of the node's type. The scope is over, so no call comes any more.
            unsafe { end(last) };
        }
    }
}

/// Ends the closures of a scope.
struct End<'a>(&'a Loans);

impl Drop for End<'_> {
    fn drop(&mut self) {
        /// Ends the others if a destructor panics.
        struct Others<'a>(&'a Loans);
        impl Drop for Others<'_> {
            fn drop(&mut self) {
                self.0.end_all();
            }
        }
        let others = Others(self.0);
        others.0.end_all();
    }
}

/// Ends a closure, and frees its node also if the closure's destructor panics.
///
/// # Safety
/// * `link` begins a `Node<H>` that [`allocate`] gave, which is initialised and used by nobody else.
unsafe fn end<H>(link: NonNull<Link>) {
    let node = link.cast::<Node<H>>();
    // SAFETY: the node came from `allocate`, and is used by nobody else: the condition of `end`.
    let _free = unsafe { Free::new(node) };
    // SAFETY: the node is initialised and used by nobody else: the condition of `end`.
    unsafe { drop_in_place(&raw mut (*node.as_ptr()).held) };
}

/// A callee behind a slot. It does not move once it is lent.
struct InSlot<F, A: Access, T: Threads, L: Lease> {
    claimed: Claim,
    frame: Frame<Callee<F, A, T, L>>,
}

impl<F, A: Access, T: Threads, L: Lease> Drop for InSlot<F, A, T, L> {
    fn drop(&mut self) {
        // SAFETY: lent with this claim, which the loan owns. The scope is over, so no call comes any more.
        unsafe { self.frame.end(self.claimed) };
    }
}
