//! The peers, as a careful user has them. The code checks every creation that can fail.

use std::alloc::{Layout, alloc};
use std::ffi::c_void;
use std::ptr::NonNull;

use closure_ffi::cc;
use closure_ffi::jit_alloc::GlobalJitAlloc;
use libffi::low;
use libffi::middle::{Cif, Type};

use crate::subject::{Callback, Owner, Why};

type Boxed = Box<dyn Fn(u64) -> u64 + Send + Sync>;

/// libffi's closure, and what it borrows.
pub struct Libffi {
    ffi: *mut low::ffi_closure,
    code: low::CodePtr,
    closure: NonNull<Boxed>,
}

unsafe extern "C" fn call(_: &low::ffi_cif, result: &mut u64, arguments: *const *const c_void, closure: &Boxed) {
    // SAFETY: libffi passes as many arguments as the signature has, by address.
    *result = closure(unsafe { *(*arguments).cast::<u64>() });
}

/// `Box::new` that does not abort when memory runs out, because libffi would not abort either.
fn try_box<T>(value: T) -> Result<Box<T>, Why> {
    let layout = Layout::new::<T>();
    assert_ne!(layout.size(), 0, "every closure here captures something");
    // SAFETY: not of size 0; written before it is boxed.
    unsafe {
        let place = alloc(layout).cast::<T>();
        if place.is_null() {
            return Err("no memory".into());
        }
        place.write(value);
        Ok(Box::from_raw(place))
    }
}

impl Owner for Libffi {
    fn create(closure: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why> {
        std::thread_local! {
            // It is never dropped, because a closure may outlive its thread.
            static CIF: &'static Cif = Box::leak(Box::new(Cif::new([Type::u64()], Type::u64())));
        }
        let closure = try_box(try_box(closure)? as Boxed)?;
        let (ffi, code) = low::try_closure_alloc().ok_or("ffi_closure_alloc: NULL")?;
        let made = Self { ffi, code, closure: NonNull::from(Box::leak(closure)) };
        let closure = made.closure;
        // SAFETY: the closure is new, the description is never freed, and `call` is of its signature.
        CIF.with(|cif| unsafe { low::prep_closure(ffi, cif.as_raw_ptr(), call, closure.as_ptr().cast_const(), code) })
            .map_err(|error| Why::from(format!("ffi_prep_closure_loc: {error:?}")))?;
        Ok(made)
    }

    fn callback(&self) -> Callback {
        // SAFETY: a function of the signature that the closure was prepared with.
        unsafe { std::mem::transmute::<*mut c_void, Callback>(self.code.as_mut_ptr()) }
    }
}

impl Drop for Libffi {
    fn drop(&mut self) {
        // SAFETY: allocated by `create`, freed once.
        unsafe { low::closure_free(self.ffi) };
        // SAFETY: leaked by `create`, and no one borrows it any more.
        drop(unsafe { Box::from_raw(self.closure.as_ptr()) });
    }
}

pub type ClosureFfi = closure_ffi::BareFnSync<'static, Callback>;

impl Owner for ClosureFfi {
    fn create(closure: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why> {
        Self::try_with_cc_in(cc::C, closure, GlobalJitAlloc).map_err(|error| format!("{error:?}").into())
    }

    fn callback(&self) -> Callback {
        self.bare()
    }
}
