type Callback = unsafe extern "C" fn() -> i32;

fn main() {
    tramp_rt::scope(|s| {
        let local = 1;
        _ = s.lend::<Callback, _>(|| local + 1);
    });
}
