use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(UserData, i32), data: UserData, destroy: Option<unsafe extern "C" fn(UserData)>);
}

fn main() {}
