unsafe fn call(callback: unsafe extern "C" fn(i32)) {
    unsafe { callback(1) }
}

fn main() {
    let mut sum = 0;
    _ = tramp_rt::lend(|callback| unsafe { call(callback) }, |n| sum += n);
}
