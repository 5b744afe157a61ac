use tramp_rt::trampoline;

type UserData = usize;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl FnMut(i32, UserData), data: UserData);
}

fn main() {}
