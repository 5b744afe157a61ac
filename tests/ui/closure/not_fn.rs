use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(items: impl Iterator<Item = i32>);
}

fn main() {}
