use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32, UserData), data: UserData);
}

fn main() {
    let mut sum = 0;
    unsafe { each(|n, _data| sum += n, std::ptr::null_mut()) };
}
