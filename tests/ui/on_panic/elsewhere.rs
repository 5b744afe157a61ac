use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[on_panic(return = 1)]
    fn each(#[on_panic(abort)] count: i32, visit: impl FnMut(i32) -> i32);
}

fn main() {}
