use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(&self, visit: impl FnMut(i32));
}

fn main() {}
