use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each<'a>(items: &'a [i32; 4], visit: impl FnMut(&'a i32));
}

fn main() {}
