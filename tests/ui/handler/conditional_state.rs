use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_line(#[cfg(unix)] log: &mut String, line: *const i8) {}

fn main() {}
