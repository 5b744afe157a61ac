use tramp_rt::trampoline;

#[trampoline]
extern "C" fn named(name: &str) {}

#[trampoline]
extern "C" fn numbered(numbers: &mut [i32]) {}

#[trampoline]
extern "C" fn called(callback: &mut dyn FnMut()) {}

fn main() {}
