use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    safe fn listen(
        #[scope(notified)] call: impl FnMut(UserData, i32) + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(UserData)>,
    );
}

fn main() {
    let mut sum = 0;
    listen(|n| sum += n);
}
