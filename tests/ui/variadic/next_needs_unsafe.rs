use std::ffi::c_int;
use tramp_rt::VaArgs;

fn read(mut args: VaArgs<'_>) {
    let _ = args.next::<c_int>();
    let _ = args.format(c"%d".as_ptr());
}

fn main() {}
