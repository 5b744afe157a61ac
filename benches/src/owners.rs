//! Owners of a closure and its C function pointer: a trampoline, and what a careful user of each peer would write.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use libffi::high::Closure1;
use libffi::low;
use libffi::middle::{Cif, Type};
use tramp_rt::Trampoline;

/// The signature of everything that is created and dropped.
pub type Callback = unsafe extern "C" fn(u64) -> u64;

/// The function pointer in one of libffi's transparent `FnPtr…`. They say which signature it has, but keep it private.
///
/// # Safety
/// `wrapper` wraps a `P`.
pub unsafe fn unwrap<W: Copy, P: Copy>(wrapper: &W) -> P {
    assert_eq!(size_of::<W>(), size_of::<P>());
    // SAFETY: both have the same size, and `wrapper` wraps a `P`: the condition of `unwrap`.
    unsafe { std::mem::transmute_copy(wrapper) }
}

/// Owns a closure that C can call.
pub trait Owner<F>: Sized {
    fn create(closure: F) -> Self;
    fn callback(&self) -> Callback;
}

impl<F: Fn(u64) -> u64 + Send + Sync + 'static> Owner<F> for Trampoline<Callback> {
    fn create(closure: F) -> Self {
        Trampoline::new(closure).expect("a trampoline")
    }
    fn callback(&self) -> Callback {
        self.as_fn()
    }
}

/// A trampoline with a read-only slot.
pub struct Protected(Trampoline<Callback>);

impl<F: Fn(u64) -> u64 + Send + Sync + 'static> Owner<F> for Protected {
    fn create(closure: F) -> Self {
        Self(Trampoline::protected(closure).expect("a trampoline"))
    }
    fn callback(&self) -> Callback {
        self.0.as_fn()
    }
}

/// The least that is possible: the closure on the heap, and nothing for C to call.
pub struct Heap<F>(Box<F>);

impl<F: Fn(u64) -> u64> Owner<F> for Heap<F> {
    fn create(closure: F) -> Self {
        Self(Box::new(closure))
    }
    fn callback(&self) -> Callback {
        unsafe extern "C" fn nothing(number: u64) -> u64 {
            number
        }
        std::hint::black_box(&*self.0);
        nothing
    }
}

/// libffi's typed closure borrows the Rust closure. So the Rust closure is on the heap beside it.
pub struct Libffi<F> {
    ffi: ManuallyDrop<Closure1<'static, u64, u64>>,
    closure: NonNull<F>,
}

impl<F: Fn(u64) -> u64 + 'static> Owner<F> for Libffi<F> {
    fn create(closure: F) -> Self {
        let closure = NonNull::from(Box::leak(Box::new(closure)));
        // SAFETY: only `drop` frees it, after the borrower.
        let ffi = Closure1::new(unsafe { closure.as_ref() });
        Self { ffi: ManuallyDrop::new(ffi), closure }
    }
    fn callback(&self) -> Callback {
        // SAFETY: the closure has the signature of the pointer that libffi wraps.
        unsafe { unwrap(self.ffi.code_ptr()) }
    }
}

impl<F> Drop for Libffi<F> {
    fn drop(&mut self) {
        // SAFETY: only this drops it, before what it borrows.
        unsafe { ManuallyDrop::drop(&mut self.ffi) };
        // SAFETY: `create` leaked it, and nothing borrows it any more.
        drop(unsafe { Box::from_raw(self.closure.as_ptr()) });
    }
}

/// libffi with no more than it needs: its C functions, and one description of the signature for all closures.
pub struct LibffiLow<F> {
    ffi: *mut low::ffi_closure,
    code: low::CodePtr,
    closure: NonNull<F>,
}

impl<F: Fn(u64) -> u64 + 'static> LibffiLow<F> {
    unsafe extern "C" fn call(
        _: &low::ffi_cif,
        result: &mut u64,
        arguments: *const *const std::ffi::c_void,
        closure: &F,
    ) {
        // SAFETY: libffi passes the addresses of as many arguments as the signature has.
        *result = closure(unsafe { *(*arguments).cast::<u64>() });
    }
}

impl<F: Fn(u64) -> u64 + 'static> Owner<F> for LibffiLow<F> {
    fn create(closure: F) -> Self {
        std::thread_local! {
            static CIF: Cif = Cif::new([Type::u64()], Type::u64());
        }
        let closure = NonNull::from(Box::leak(Box::new(closure)));
        let (ffi, code) = low::closure_alloc();
        // SAFETY: the closure is new. The description outlives it, because it lives as long as the thread. `call` has
        // its signature.
        CIF.with(|cif| unsafe { low::prep_closure(ffi, cif.as_raw_ptr(), Self::call, closure.as_ptr(), code) })
            .expect("a closure");
        Self { ffi, code, closure }
    }
    fn callback(&self) -> Callback {
        // SAFETY: the closure was prepared with this signature.
        unsafe { std::mem::transmute::<*mut std::ffi::c_void, Callback>(self.code.as_mut_ptr()) }
    }
}

impl<F> Drop for LibffiLow<F> {
    fn drop(&mut self) {
        // SAFETY: `create` allocated it, and it is freed once.
        unsafe { low::closure_free(self.ffi) };
        // SAFETY: `create` leaked it, and nothing borrows it any more.
        drop(unsafe { Box::from_raw(self.closure.as_ptr()) });
    }
}

pub type ClosureFfi = closure_ffi::BareFnSync<'static, Callback>;

impl<F> Owner<F> for ClosureFfi
where
    F: Fn(u64) -> u64 + Send + Sync + 'static,
{
    fn create(closure: F) -> Self {
        Self::new(closure)
    }
    fn callback(&self) -> Callback {
        self.bare()
    }
}
