use tramp_rt::trampoline;

#[trampoline(direct = 100, depth = 1)]
unsafe extern "C" {
    fn first(visit: Box<impl Fn(i32)>, variadic: impl Fn(), ...);
    async fn second<T>(items: *const T, visit: impl Fn(*const T) + Clone);
}

fn main() {}
