use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{NonNull, null_mut};

use tramp_rt::__c::{Delivery, Live, die, is_available};

fn alloc(delivery: Option<Delivery>) -> *mut c_void {
    delivery.and_then(|delivery| Live::claim(delivery).ok()).map_or(null_mut(), |live| live.handle().cast())
}

#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_is_supported() -> c_int {
    is_available().into()
}

#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_alloc(flags: c_int) -> *mut c_void {
    alloc((flags == 0).then_some(Delivery::PROTOCOL))
}

#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_set_parms(tramp: *mut c_void, target: *mut c_void, data: *mut c_void) -> c_int {
    let (Some(live), Some(target)) = (Live::of(tramp.cast()), NonNull::new(target)) else { return 0 };
    live.bind(target.cast(), data.cast());
    1
}

#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_get_addr(tramp: *mut c_void) -> *mut c_void {
    Live::of(tramp.cast()).map_or(null_mut(), |live| live.entry().cast_mut().cast())
}

#[unsafe(no_mangle)]
pub extern "C" fn ffi_tramp_free(tramp: *mut c_void) {
    if !tramp.is_null() && !Live::of(tramp.cast()).is_some_and(Live::release) {
        not_live()
    }
}

#[cold]
fn not_live() -> ! {
    die("ffi_tramp_free: not a live trampoline")
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tramp_alloc_register(name: *const c_char) -> *mut c_void {
    if name.is_null() {
        return null_mut();
    }
    // SAFETY: a string, as the caller promises.
    alloc(Delivery::in_register(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

#[unsafe(no_mangle)]
pub extern "C" fn tramp_alloc_arguments(integers: c_uint, floats: c_uint) -> *mut c_void {
    alloc(Delivery::behind(integers as usize, floats as usize))
}
