//! Lending a closure to C during one call into C. The closure stays in the caller's frame.

use crate::claim::{self, Claim, direct};
use crate::closure::access::Access;
use crate::closure::callee::Callee;
use crate::closure::lease::{Lease, Lent};
use crate::closure::storage::Frame;
use crate::closure::threads::{Permits, Threads};
use crate::error::CreateError;
use crate::signature::panic::{Panics, PendingPanic};
use crate::signature::{Accepts, Delivery, Signature};

/// The lease of a closure that is lent for calls of this signature.
pub(crate) type Loan<S> = Lent<<S as Signature>::Panics>;

/// Lends a closure while `body` runs, and afterwards resumes a panic that was kept from C.
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

/// Lends a closure while `body` runs. A panic that is kept from C waits in `pending`, which all closures of the same call share.
///
/// # Errors
/// The same as `Trampoline::scoped`.
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

/// Does the same as [`lend`] for a closure that may be absent. If it is, C gets NULL.
///
/// # Errors
/// The same as [`lend`].
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
    /// Ends the loan, even if `body` unwinds.
    struct End<'a, F, A: Access, T: Threads, L: Lease>(Claim, &'a Frame<Callee<F, A, T, L>>);
    impl<F, A: Access, T: Threads, L: Lease> Drop for End<'_, F, A, T, L> {
        fn drop(&mut self) {
            // SAFETY: lent below with this claim, which the loan owns. The scope is over, so no call comes any more.
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
    let tag = direct::tag_of::<(S::Identity, Callee<F, A, T, Loan<S>>)>(T::in_new_tag());
    let claimed = match claim::claim(S::CODE, tag, probe) {
        Ok(claimed) => claimed,
        Err(error) => return Err(CreateError { closure, error }),
    };
    let frame = Frame::new();
    frame.lend(claimed, callee(closure));
    // SAFETY: claimed with this code, and just bound.
    unsafe { claimed.tell(S::CODE) };
    let end = End(claimed, &frame);
    // SAFETY: the slot was claimed with the entry points of this signature.
    let result = body(unsafe { S::pointer(claimed.thunk(), claimed.user_data()) });
    drop(end);
    Ok(result)
}
