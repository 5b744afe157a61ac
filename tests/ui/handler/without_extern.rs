use tramp_rt::trampoline;

#[trampoline]
fn on_line(log: &mut String, line: *const i8) {}

fn main() {}
