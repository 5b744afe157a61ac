//! Lending a closure to C for as long as a call into C lasts: it stays in the caller's frame.

use crate::claim::{self, Claimed, direct};
use crate::closure::storage::{self, Frame, Keeper, Permitted};
use crate::closure::threads::{InScope, Stamped};
use crate::error::CreateError;
use crate::signature::panic::{Pending, Waiting};
use crate::signature::{Delivery, Entry, Signature};

/// A scope in which the threads of `W` may call.
pub(crate) type Scope<S, W> = InScope<W, <S as Signature>::Waiting>;

/// Lends a closure for as long as `body` runs, and goes on afterwards with a panic that C did not get.
pub(crate) fn lend_and_resume<S, K, W, R>(
    closure: K::Closure,
    body: impl FnOnce(S::Pointer) -> R,
) -> Result<R, CreateError<K::Closure>>
where
    S: Entry<K>,
    K: Permitted<Threads = Scope<S, W>>,
    W: Stamped,
{
    S::Waiting::resume_after(|waiting| lend_at::<S, K, W, _, R>(waiting, closure, body))
}

/// Lends a closure for as long as `body` runs. A panic that C does not get waits in `pending`, which several closures
/// share that are lent to the same call.
///
/// # Errors
/// As `Trampoline::scoped`.
pub fn lend<S, K, W, R>(
    pending: &Pending,
    closure: K::Closure,
    body: impl FnOnce(S::Pointer) -> R,
) -> Result<R, CreateError<K::Closure>>
where
    S: Entry<K>,
    K: Permitted<Threads = Scope<S, W>>,
    W: Stamped,
{
    lend_at::<S, K, W, _, R>(S::Waiting::of(pending), closure, body)
}

/// As [`lend`], of a closure that may be absent: C gets NULL then.
///
/// # Errors
/// As [`lend`].
pub fn lend_nullable<S, K, W, R>(
    pending: &Pending,
    closure: Option<K::Closure>,
    body: impl FnOnce(Option<S::Pointer>) -> R,
) -> Result<R, CreateError<K::Closure>>
where
    S: Entry<K>,
    K: Permitted<Threads = Scope<S, W>>,
    W: Stamped,
{
    match closure {
        Some(closure) => lend::<S, K, W, R>(pending, closure, |pointer| body(Some(pointer))),
        None => Ok(body(None)),
    }
}

fn lend_at<S, K, W, P, R>(
    waiting: P,
    closure: K::Closure,
    body: impl FnOnce(S::Pointer) -> R,
) -> Result<R, CreateError<K::Closure>>
where
    S: Entry<K>,
    K: Permitted<Threads = InScope<W, P>>,
    W: Stamped,
    P: Waiting,
{
    /// Ends the loan also if `body` unwinds.
    struct Loan<'a, K: Keeper>(Claimed, &'a Frame<K>);
    impl<K: Keeper> Drop for Loan<'_, K> {
        fn drop(&mut self) {
            // SAFETY: lent below with this claim, which the loan owns; the scope is over, so no call comes any more.
            unsafe { self.1.end(self.0) };
        }
    }
    let keeper = |closure| {
        // SAFETY: the stamp is of this thread and this scope, the bound is above, and the closure outlives the loan.
        unsafe { K::with_stamp(closure, (W::stamp(), waiting)) }
    };
    let Delivery::Slot(probe) = S::DELIVERY else {
        let entry = <S as Entry<K>>::CODE.handler;
        return Ok(storage::lend_by_data(keeper(closure), |data| {
            // SAFETY: the user data leads to a keeper for this entry point of this signature.
            body(unsafe { S::pointer(entry, data) })
        }));
    };
    let claimed = match claim::claim(<S as Entry<K>>::CODE, direct::tag::<(S::Identity, K)>(), probe) {
        Ok(claimed) => claimed,
        Err(error) => return Err(CreateError { closure, error }),
    };
    let frame = Frame::new();
    frame.lend(claimed, keeper(closure));
    let loan = Loan(claimed, &frame);
    // SAFETY: the slot was claimed with the entry points of this signature.
    let result = body(unsafe { S::pointer(loan.0.entry(), loan.0.user_data()) });
    drop(loan);
    Ok(result)
}
