//! Lending a closure to C for as long as a call into C lasts: it stays in the caller's frame.

use crate::claim::{self, Claim, direct};
use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::{Lease, Lent};
use crate::closure::storage::Frame;
use crate::closure::threads::{Permits, Threads};
use crate::error::CreateError;
use crate::signature::panic::{Panics, PendingPanic};
use crate::signature::{Accepts, Delivery, Signature};

/// The lease of what is lent for calls of this signature.
pub(crate) type Loan<S> = Lent<<S as Signature>::Panics>;

/// Lends a closure for as long as `body` runs, and goes on afterwards with a panic that C did not get.
pub(crate) fn lend_and_resume<S, F, A, T, X>(
    closure: F,
    body: impl FnOnce(S::Pointer) -> X,
) -> Result<X, CreateError<F>>
where
    S: Accepts<Callee<F, A, T, Loan<S>>>,
    A: Access,
    T: Permits<F, A>,
{
    S::Panics::resume_after(|panics| lend_at::<S, F, A, T, X>(panics, closure, body))
}

/// Lends a closure for as long as `body` runs. A panic that C does not get waits in `pending`, which several closures
/// share that are lent to the same call.
///
/// # Errors
/// As `Trampoline::scoped`.
pub fn lend<S, F, A, T, X>(
    pending: &PendingPanic,
    closure: F,
    body: impl FnOnce(S::Pointer) -> X,
) -> Result<X, CreateError<F>>
where
    S: Accepts<Callee<F, A, T, Loan<S>>>,
    A: Access,
    T: Permits<F, A>,
{
    lend_at::<S, F, A, T, X>(S::Panics::of(pending), closure, body)
}

/// As [`lend`], of a closure that may be absent: C gets NULL then.
///
/// # Errors
/// As [`lend`].
pub fn lend_nullable<S, F, A, T, X>(
    pending: &PendingPanic,
    closure: Option<F>,
    body: impl FnOnce(Option<S::Pointer>) -> X,
) -> Result<X, CreateError<F>>
where
    S: Accepts<Callee<F, A, T, Loan<S>>>,
    A: Access,
    T: Permits<F, A>,
{
    match closure {
        Some(closure) => lend::<S, F, A, T, X>(pending, closure, |pointer| body(Some(pointer))),
        None => Ok(body(None)),
    }
}

fn lend_at<S, F, A, T, X>(
    panics: S::Panics,
    closure: F,
    body: impl FnOnce(S::Pointer) -> X,
) -> Result<X, CreateError<F>>
where
    S: Accepts<Callee<F, A, T, Loan<S>>>,
    A: Access,
    T: Permits<F, A>,
{
    /// Ends the loan also if `body` unwinds.
    struct End<'a, F, A: Access, T: Threads, L: Lease>(Claim, &'a Frame<Callee<F, A, T, L>>);
    impl<F, A: Access, T: Threads, L: Lease> Drop for End<'_, F, A, T, L> {
        fn drop(&mut self) {
            // SAFETY: lent below with this claim, which the loan owns; the scope is over, so no call comes any more.
            unsafe { self.1.end(self.0) };
        }
    }
    let callee = |closure| {
        // SAFETY: the lease is of this scope, the bound is above, and the closure outlives the loan.
        unsafe { Callee::<F, A, T, Loan<S>>::with_lease(closure, Lent(panics)) }
    };
    let Delivery::Slot(probe) = S::DELIVERY else {
        let entry = S::CODE.handler;
        return Ok(callee(closure).lend_by_data(|data| {
            // SAFETY: the user data leads to a callee for this entry point of this signature.
            body(unsafe { S::pointer(entry, data) })
        }));
    };
    let claimed = match claim::claim(S::CODE, direct::tag::<(S::Identity, Callee<F, A, T, Loan<S>>)>(), probe) {
        Ok(claimed) => claimed,
        Err(error) => return Err(CreateError { closure, error }),
    };
    let frame = Frame::new();
    frame.lend(claimed, callee(closure));
    let end = End(claimed, &frame);
    // SAFETY: the slot was claimed with the entry points of this signature.
    let result = body(unsafe { S::pointer(claimed.thunk(), claimed.user_data()) });
    drop(end);
    Ok(result)
}
