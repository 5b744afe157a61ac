use tramp_rt::Trampoline;

unsafe fn report(_code: i32) {}

fn main() {
    let _ = Trampoline::<unsafe extern "C" fn(i32)>::new(report);
}
