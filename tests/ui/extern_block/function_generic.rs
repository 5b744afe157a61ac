use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each<T>(of: *const T, visit: impl Fn(*const T));
    fn all<F: FnMut(i32)>(visit: F);
    fn some<F>(visit: F)
    where
        F: Fn(i32) -> bool;
    fn sized<const N: usize>(of: [u8; N], visit: impl Fn());
}

fn main() {}
