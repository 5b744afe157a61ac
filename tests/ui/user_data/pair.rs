use tramp_rt::{Trampoline, UserData, trampoline};

#[trampoline]
type Visit = unsafe extern "C" fn(i32, UserData);

unsafe extern "C" {
    fn each(visit: unsafe extern "C" fn(i32, UserData), data: UserData);
}

fn main() {
    let _ = Trampoline::<Visit>::scoped(|_| (), |visit| unsafe { each(visit, std::ptr::null_mut()) });
}
