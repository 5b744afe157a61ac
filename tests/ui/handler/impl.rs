use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_line(log: &mut impl Extend<u8>, line: u8) {}

fn main() {}
