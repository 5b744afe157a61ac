use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    #[restore]
    fn set_handler(handler: impl Fn(i32, UserData), data: UserData) -> Option<unsafe extern "C" fn(i32, UserData)>;
}

fn main() {}
