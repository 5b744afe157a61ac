use std::ffi::c_int;
use std::rc::Rc;
use std::sync::Arc;

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: &mut dyn FnMut(c_int));
    fn all(visit: &dyn Fn(c_int), count: c_int);
    fn boxed(visit: Box<dyn Fn()>);
    fn counted(visit: Rc<dyn Fn()>, other: Arc<dyn Fn() + Send + Sync>);
    fn nullable(visit: Option<Box<dyn FnMut(c_int) -> c_int + Send>>);
    fn raw(visit: *mut dyn FnMut());
    fn beside(first: impl Fn(), second: Box<dyn std::ops::FnOnce()>);
    // C gets one pointer, and passes it back.
    fn thin(data: *mut Box<dyn FnMut()>, function: unsafe extern "C" fn(*mut Box<dyn FnMut()>));
}

fn main() {}
