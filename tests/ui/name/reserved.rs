use std::ffi::c_int;
use tramp_rt::trampoline;

struct __TrampF(u64);

const __TRAMP_INDEX: usize = 2;

#[trampoline]
unsafe extern "C" {
    fn each(value: __TrampF, __tramp_arg0: c_int, run: impl FnMut(&__TrampF) -> c_int);
}

#[trampoline]
type Filter = unsafe extern "C" fn(&[c_int; __TRAMP_INDEX]) -> c_int;

#[trampoline]
extern "C" fn on_event(r#__tramp_state: &mut c_int, code: c_int) {}

struct State;

#[trampoline(ops = __tramp_ops)]
impl State {
    #[on_panic(return = __TRAMP_INDEX as c_int)]
    extern "C" fn get<'__tramp_bound>(&self, _: &'__tramp_bound c_int) -> c_int {
        0
    }
}

fn main() {}
