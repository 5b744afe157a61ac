use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_event(codes: &mut Vec<i32>, code: i32) {
    codes.push(code);
}

fn main() {
    let mut codes = Vec::new();
    // The state is lent already.
    let _ = on_event::scoped(&mut codes, |_| codes.len());
    // Nobody knows that the pointer is called only meanwhile.
    let _ = on_event::scoped(&mut codes, |on_event| on_event(1));
}
