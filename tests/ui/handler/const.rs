use tramp_rt::trampoline;

#[trampoline]
const extern "C" fn on_line(log: &mut String, line: *const i8) {}

fn main() {}
