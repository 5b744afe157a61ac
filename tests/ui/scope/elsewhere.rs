use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    #[scope(async)]
    fn atexit(run: impl FnOnce()) -> i32;
    fn each(#[scope(call)] count: i32, visit: impl FnMut(i32));
}

#[trampoline]
#[scope(forever)]
type Visit = unsafe extern "C" fn(i32);

#[trampoline]
#[scope(forever)]
extern "C" fn on_event(count: &mut u32, by: u32) {
    *count += by;
}

fn main() {}
