use tramp_rt::trampoline;

#[trampoline]
extern "C" fn on_event(count: &mut std::rc::Rc<i32>) {
    *count = std::rc::Rc::new(1);
}

fn main() {
    let _ = on_event::bind_local(std::rc::Rc::new(0));
    let _ = on_event::bind(std::rc::Rc::new(0));
}
