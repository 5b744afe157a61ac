use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: &mut impl FnMut(i32));
}

fn main() {}
