use tramp_rt::trampoline;

struct Log<'a>(&'a str);

#[trampoline]
extern "C" fn named<'a>(log: &mut Log<'a>, line: &'a i32) {}

#[trampoline]
extern "C" fn elided(log: &(Log<'_>, &str)) {}

fn main() {}
