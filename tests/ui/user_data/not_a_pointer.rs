use tramp_rt::trampoline;

type UserData = u16;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32, UserData), data: UserData);
}

fn main() {}
