use tramp_rt::trampoline;

struct Log;

impl Log {
    #[trampoline]
    extern "C" fn on_line(&mut self, line: *const i8) {}
}

fn main() {}
