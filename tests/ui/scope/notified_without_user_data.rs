use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    fn listen(#[scope(notified)] call: impl Fn(i32) + 'static, destroy: Option<unsafe extern "C" fn(UserData)>);
}

fn main() {}
