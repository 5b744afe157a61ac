//! What C calls where types are known only at run time: handlers alone, reached through the dynamic routine.

use core::mem::transmute;
use core::ptr::{NonNull, null};

use crate::claim::call::MappedCall;
use crate::closure::access::{Exclusive, Once, Shared};
use crate::closure::callee::Callee;
use crate::closure::lease::Lease;
use crate::closure::threads::Threads;
use crate::signature::dynamic::{Arguments, Closure, DynamicCall, Value};
use crate::signature::panic::Uncaught;
use crate::signature::probe::Probe;
use crate::signature::{Accepts, Code, DIRECT_MAX, Delivery, Signature, UserData};

/// The signature of callbacks whose types are known only at run time: `Trampoline<Dynamic>`.
///
/// Every constructor of [`Trampoline`](crate::Trampoline) takes a [`Closure`], which a [`Prototype`](crate::dynamic::Prototype) makes. The
/// pointer is an `unsafe extern "C" fn()`, because Rust has no name for its type. Cast it to what C expects, or to a `*const c_void`.
///
/// # Safety
///
/// The caller of the pointer, which is mostly C, calls it with the arguments and the result of the closure's prototype, by C's
/// convention.
#[derive(Debug)]
pub enum Dynamic {}

// SAFETY: the pointer is that of the handlers below, called by the dynamic routine.
#[diagnostic::do_not_recommend]
unsafe impl Signature for Dynamic {
    type Pointer = unsafe extern "C" fn();
    type Declared = unsafe extern "C" fn();
    type Identity = Self;
    type Panics = Uncaught;
    const DELIVERY: Delivery = Delivery::Slot(&Probe::DYNAMIC);
    #[inline]
    unsafe fn pointer(entry: *const (), _: UserData) -> Self::Pointer {
        // SAFETY: `entry` is a thunk, not null: the condition of `pointer`.
        unsafe { transmute::<*const (), Self::Pointer>(entry) }
    }
    #[inline]
    unsafe fn declared(entry: *const (), data: UserData) -> Self::Declared {
        // SAFETY: `entry` is a thunk, not null: the condition of `declared`.
        unsafe { Self::pointer(entry, data) }
    }
}

macro_rules! accepts {
    ($($run:ident $trait:ident ($closure:ident => $answer:expr))*) => { $(
        // SAFETY: the handler takes what the dynamic routine passes, and runs what the slot leads to, which is a callee of this
        // type because it was bound with this handler.
        #[diagnostic::do_not_recommend]
        unsafe impl<F, R, T, L> Accepts<Callee<Closure<F, R>, $run, T, L>> for Dynamic
        where
            F: $trait(Arguments<'_>) -> R,
            R: Into<Value>,
            T: Threads,
            L: Lease,
        {
            const CODE: &'static Code = {
                unsafe extern "C" fn handler<F, R, T, L>(
                    spilled: *const (),
                    stack: *const (),
                    call: MappedCall,
                    returned: NonNull<()>,
                ) where
                    F: $trait(Arguments<'_>) -> R,
                    R: Into<Value>,
                    T: Threads,
                    L: Lease,
                {
                    // SAFETY: the dynamic routine passes these, and is in this call, which C made with the prototype's types.
                    let dynamic = unsafe { DynamicCall::new(spilled, stack, returned) };
                    #[allow(unused_mut, reason = "only an exclusive closure is borrowed mutably")]
                    // SAFETY: the call's slot leads to this callee, which stays until the call returns.
                    let mut $closure = unsafe { Callee::<Closure<F, R>, $run, T, L>::enter(call) };
                    ($answer)(dynamic);
                }
                /// # Safety
                /// * The slot leads to the handler above, and is bound to a callee of it that no call has entered.
                unsafe fn tell<F, R: Into<Value>, T: Threads, L: Lease>(slot: NonNull<()>) {
                    // SAFETY: a mapped slot, bound to this callee, that nobody else uses and that leads to the dynamic routine.
                    unsafe {
                        let slot = MappedCall::before_any(slot);
                        let closure = Callee::<Closure<F, R>, $run, T, L>::just_bound(slot);
                        slot.tell_float_registers(closure.float_registers());
                    }
                }
                &Code {
                    direct: [null(); DIRECT_MAX],
                    direct_count: 0,
                    handler: handler::<F, R, T, L> as *const (),
                    tell: Some(tell::<F, R, T, L>),
                }
            };
        }
    )* };
}
accepts! {
    Shared Fn (closure => |call| closure.run(call))
    Exclusive FnMut (closure => |call| closure.run_mut(call))
    Once FnOnce (closure => |call| closure.run_once(call))
}
