use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn listen(#[scope(notified)] call: impl Fn(UserData) + 'static, data: UserData, destroy: fn(UserData));
}

fn main() {}
