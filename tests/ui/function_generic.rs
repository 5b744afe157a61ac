use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each<T>(of: *const T, visit: impl Fn(*const T));
}

fn main() {}
