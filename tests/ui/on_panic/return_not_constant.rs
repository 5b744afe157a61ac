use tramp_rt::trampoline;

fn errno() -> i32 {
    5
}

#[trampoline]
#[on_panic(return = -errno())]
extern "C" fn on_event(count: &mut u32, code: i32) -> i32 {
    *count += 1;
    code
}

fn main() {}
