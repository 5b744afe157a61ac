use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn run(#[scope(owned)] step: impl Fn() + 'static) -> !;
}

fn main() {}
