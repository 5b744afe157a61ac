use tramp_rt::trampoline;

#[trampoline]
struct Callback {
    pointer: unsafe extern "C" fn(),
}

fn main() {}
