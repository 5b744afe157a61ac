use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each_later(#[scope(async)] visit: impl FnMut(i32) + 'static);
    fn each_later_shared(#[scope(async)] visit: impl Fn(i32) + 'static);
}

fn main() {}
