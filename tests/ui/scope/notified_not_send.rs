use tramp_rt::{UserData, trampoline};

#[trampoline]
unsafe extern "C" {
    safe fn listen(
        #[scope(notified)] call: impl Fn(UserData, i32) + Send + Sync + 'static,
        data: UserData,
        destroy: Option<unsafe extern "C" fn(UserData)>,
    );
}

fn main() {
    let sum = std::rc::Rc::new(std::cell::Cell::new(0));
    listen(move |n| sum.set(sum.get() + n));
}
