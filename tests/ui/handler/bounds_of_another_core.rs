// What `::core` is, too, is the user's to say.
extern crate self as core;

use std::cell::Cell;
use std::rc::Rc;

use tramp_rt::trampoline;

pub mod marker {
    pub use std::marker::PhantomData;

    pub trait Send {}
    impl<T> Send for T {}

    pub trait Sync {}
    impl<T> Sync for T {}
}

pub mod ops {
    pub use std::ops::FnOnce;
}

pub mod result {
    pub use std::result::Result;
}

type State = Rc<Cell<i32>>;

#[trampoline]
extern "C" fn shared(state: &State) {
    state.set(1);
}

#[trampoline]
extern "C" fn alone(state: &mut State) {
    state.set(1);
}

#[trampoline]
extern "C" fn once(state: State) {
    state.set(1);
}

#[repr(C)]
pub struct Table {
    run: Option<unsafe extern "C" fn()>,
}

struct Counter(State);

#[trampoline(ops = Table)]
impl Counter {
    extern "C" fn run(&self) {
        self.0.set(1);
    }
}

fn main() {}
