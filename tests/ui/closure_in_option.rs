use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn scandir(path: *const i8, filter: Option<impl Fn(*const u8) -> i32>);
}

fn main() {}
