use std::ffi::c_int;
use tramp_rt::{Trampoline, VaArgs, trampoline};

type Sum = unsafe extern "C" fn(c_int, ...);

#[trampoline]
unsafe extern "C" fn on_sum(kept: &mut Option<VaArgs<'static>>, _count: c_int, args: ...) {
    *kept = Some(args);
}

fn main() {
    let mut kept = None;
    let _ = Trampoline::<Sum>::scoped_mut(|_, args: VaArgs<'_>| kept = Some(args), |_| ());
}
