use tramp_rt::Trampoline;

fn main() {
    let text = String::from("said once");
    let _ = Trampoline::<unsafe extern "C" fn()>::new_mut(move || drop(text));
}
