use tramp_rt::trampoline;

#[trampoline]
type Choose = unsafe extern "C" fn(&'a i32) -> &'a i32;

#[trampoline]
unsafe extern "C" {
    fn set_chooser(choose: impl Fn(&'a i32, for<'b> extern "C" fn(&'b i32)));
}

#[trampoline]
extern "C" fn choose(state: &mut String, this: &'a i32) {
    state.clear();
    let _ = this;
}

struct State;

#[repr(C)]
struct Ops {
    choose: Option<unsafe extern "C" fn(&i32)>,
}

#[trampoline(ops = Ops)]
impl State {
    extern "C" fn choose(&self, _: &'a i32) {}
}

#[trampoline]
type Visit = unsafe extern "C" fn(for<'b> extern "C" fn(&'b i32, &'a i32), *mut dyn for<'b> Fn(&'b i32, &'a i32));

fn main() {}
