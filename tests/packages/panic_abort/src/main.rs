//! Calls callbacks of every `on_panic`, and panics in the one that the first argument names.

use std::any::Any;
use std::env;

use tramp_rt::{Trampoline, trampoline};

#[trampoline]
#[on_panic(return = -1, hook = hook)]
type Returning = extern "C" fn(i32) -> i32;

#[trampoline]
#[on_panic(abort)]
type Aborting = extern "C-unwind" fn(i32) -> i32;

#[repr(C)]
struct Callbacks {
    add: Option<unsafe extern "C" fn(i32) -> i32>,
}

struct Panics(bool);

#[trampoline(ops = Callbacks)]
impl Panics {
    #[on_panic(return = -1, hook = hook)]
    extern "C" fn add(&mut self, n: i32) -> i32 {
        add(self.0, n)
    }
}

fn hook(_: Box<dyn Any + Send>) {
    println!("a hook was called");
}

fn add(panics: bool, n: i32) -> i32 {
    assert!(!panics, "the words of the panic");
    n + 1
}

fn main() {
    let panics = |case| env::args().nth(1).as_deref() == Some(case);

    let lent = Trampoline::<Returning>::scoped(|n| add(panics("lent"), n), |add| unsafe { add(1) });
    let in_kept = panics("kept");
    let kept = Trampoline::<Returning>::new(move |n| add(in_kept, n)).unwrap();
    let in_aborting = panics("aborting");
    let aborting = Trampoline::<Aborting>::new(move |n| add(in_aborting, n)).unwrap();
    let in_unwinding = panics("unwinding");
    let unwinding = Trampoline::<extern "C-unwind" fn(i32) -> i32>::new(move |n| add(in_unwinding, n)).unwrap();
    let ops = Panics(panics("ops")).bind(Callbacks { add: None }).unwrap();
    unsafe {
        assert_eq!(lent.unwrap(), 2);
        assert_eq!((kept.as_fn())(1), 2);
        assert_eq!((aborting.as_fn())(1), 2);
        assert_eq!((unwinding.as_fn())(1), 2);
        assert_eq!((*ops.as_ptr()).add.unwrap()(1), 2);
    }
    println!("the end");
}
