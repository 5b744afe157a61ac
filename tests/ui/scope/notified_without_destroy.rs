use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn listen(#[scope(notified)] call: impl Fn(UserData, i32) + 'static, data: UserData);
}

fn main() {}
