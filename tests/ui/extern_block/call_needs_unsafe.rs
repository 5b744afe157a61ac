use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32));
}

fn main() {
    each(|_| {});
}
