use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn handler() -> Box<dyn Fn()>;
    fn replaced(handler: impl Fn()) -> &'static dyn Fn();
}

fn main() {}
