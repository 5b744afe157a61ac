use tramp_rt::trampoline;

#[trampoline]
#[unsafe(no_mangle)]
extern "C" fn on_line(log: &mut String, line: *const i8) {}

#[trampoline]
#[unsafe(export_name = "on_word")]
extern "C" fn word(log: &mut String, line: *const i8) {}

fn main() {}
