//! A `safe fn` promises that its closures are called on the threads that they are for. Nothing checks that here.

use std::ffi::c_void;

use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    safe fn each(f: impl FnMut(i32));
    safe fn each_once(f: Option<impl FnOnce(i32)>);
    safe fn both(any: impl FnMut(i32) + Send, this: impl Fn(i32));
    safe fn on_error(#[scope(forever)] f: impl Fn(i32) + 'static);
    safe fn later(#[scope(async)] f: impl FnOnce() + 'static);
    safe fn listen(
        #[scope(notified)] f: impl FnMut(UserData) + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    );
    safe fn with_data(f: impl Fn(UserData), data: UserData);
    /// The caller promises it.
    fn unchecked(f: impl FnMut(i32));
    safe fn plain(data: *mut c_void);
}

fn main() {}
