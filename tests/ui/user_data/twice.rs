use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(UserData, i32, UserData), data: UserData);
}

#[trampoline]
type Visit = unsafe extern "C" fn(UserData, UserData);

fn main() {}
