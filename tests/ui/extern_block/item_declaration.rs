use tramp_rt::trampoline;

unsafe extern "C" {
    #[trampoline]
    fn qsort(compare: impl Fn(*const u8, *const u8) -> i32);
}

fn main() {}
