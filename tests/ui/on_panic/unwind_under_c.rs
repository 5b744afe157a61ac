use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[on_panic(unwind)] visit: impl FnMut(i32) -> i32);
}

#[trampoline]
#[on_panic(unwind)]
type Visit = extern "system" fn(i32) -> i32;

fn main() {}
