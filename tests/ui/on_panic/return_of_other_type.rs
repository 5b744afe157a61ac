use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[on_panic(return = "nothing")] visit: impl FnMut(i32) -> i32);
}

fn main() {}
