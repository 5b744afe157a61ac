use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[fallible]
    fn without_closures(count: i32) -> i32;
    #[fallible(Error)]
    fn with_arguments(run: impl FnMut(i32));
}

fn main() {}
