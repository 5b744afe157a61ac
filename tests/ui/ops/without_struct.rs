use tramp_rt::trampoline;

struct Disk;

#[trampoline]
impl Disk {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        0
    }
}

fn main() {}
