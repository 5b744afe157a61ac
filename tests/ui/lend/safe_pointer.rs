fn call(callback: extern "C" fn() -> i32) -> i32 {
    callback()
}

fn main() {
    let number = 1;
    _ = tramp_rt::lend(|callback| call(callback), || number);
}
