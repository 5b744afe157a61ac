use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_event(count: &mut i32) {
    *count += 1;
}

fn main() {
    on_event::bind(0).unwrap().as_fn()();
}
