type Callback = unsafe extern "C" fn(i32);

fn main() {
    let mut sum = 0;
    tramp_rt::scope(|s| {
        _ = s.lend_mut::<Callback, _>(|n| sum += n);
        _ = s.lend_mut::<Callback, _>(|n| sum -= n);
    });
    tramp_rt::scope(|s| {
        _ = s.lend_mut::<Callback, _>(|n| sum += n);
        println!("{sum}");
    });
}
