use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(#[scope(call)] #[scope(async)] visit: impl FnMut(i32));
}

fn main() {}
