use tramp_rt::trampoline;

#[trampoline]
trait Files {
    fn open(&mut self, flags: i32) -> i32;
}

fn main() {}
