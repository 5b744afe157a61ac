use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[scope(call)] visit: impl FnMut(i32) + 'static);
}

fn main() {}
