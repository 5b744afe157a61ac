use std::cell::Cell;
use tramp_rt::Scope;

type Callback = unsafe extern "C" fn(i32);

fn needs_send<T: Send>(_: T) {}

fn main() {
    let last = Cell::new(0);
    tramp_rt::scope(|s: &Scope| {
        needs_send(s);
        _ = s.lend_any::<Callback, _>(|n| last.set(n));
        _ = s.lend_any::<Callback, _>(move |_| _ = s.lend::<Callback, _>(|_| ()));
    });
}
