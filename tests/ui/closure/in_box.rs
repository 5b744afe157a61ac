use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: Box<impl Fn(i32) -> i32>, other: *const Option<impl Fn(i32)>);
}

fn main() {}
