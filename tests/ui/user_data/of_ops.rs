use tramp_rt::{UserData, trampoline};

#[repr(C)]
struct Ops {
    add: Option<unsafe extern "C" fn(UserData, u32)>,
}

struct Sum(u32);

#[trampoline(ops = Ops)]
impl Sum {
    extern "C" fn add(&mut self, data: UserData, n: u32) {
        self.0 += n;
    }
}

fn main() {}
