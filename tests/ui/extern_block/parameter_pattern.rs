use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each((from, to): (i32, i32), mut visit: impl FnMut(i32));
}

fn main() {}
