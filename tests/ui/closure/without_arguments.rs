use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut);
}

fn main() {}
