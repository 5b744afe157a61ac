//! Bounds are known by their names. What is made of the closures demands those of the standard library, in every form.

use std::ffi::c_int;

use tramp_rt::{UserData, trampoline};

/// Another trait of that name, which everything is.
trait Send {}
impl<T> Send for T {}
trait Sync {}
impl<T> Sync for T {}

fn report(_: Box<dyn std::any::Any + std::marker::Send>) {}

#[trampoline]
unsafe extern "C" {
    fn lent(f: impl FnMut(c_int) + Send);
    fn lent_nullable(f: Option<impl Fn(c_int) + Send + Sync>);
    fn lent_with_values(
        #[on_panic(return = 0)] f: impl FnMut(c_int) -> c_int + Send,
        #[on_panic(return = 0)] g: impl FnMut(c_int) -> c_int,
    );
    fn forever(#[scope(forever)] f: impl Fn(c_int) + Send + Sync + 'static);
    fn forever_nullable(#[scope(forever)] f: Option<impl FnMut(c_int) + Send + 'static>);
    fn owned(#[scope(owned)] f: impl FnMut(c_int) + Send + 'static);
    fn once(#[scope(async)] f: impl FnOnce(c_int) + Send + 'static);
    fn notified(
        #[scope(notified)] f: impl Fn(UserData) + Send + Sync + 'static,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    );
    #[restore]
    fn restored(
        #[scope(owned)] f: impl Fn(c_int) + Send + Sync + 'static,
    ) -> Option<unsafe extern "C" fn(c_int)>;
}

fn main() {
    let _ = report;
}
