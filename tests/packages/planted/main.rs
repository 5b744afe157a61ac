//! A closure with the fault that the argument names: of the kind that the sanitizer of that name finds.

use std::alloc::{Layout, alloc, dealloc};
use std::env;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;

use tramp_rt::Trampoline;

type Callback = unsafe extern "C" fn();

fn call(closure: impl Fn() + Send + Sync + 'static) {
    let callback = Trampoline::<Callback>::new(closure).unwrap();
    unsafe { (callback.as_fn())() }
}

/// A number that nobody has written yet.
fn raw() -> usize {
    unsafe { alloc(Layout::new::<u64>()) }.expose_provenance()
}

fn at(address: usize) -> *mut u64 {
    std::ptr::with_exposed_provenance_mut(address)
}

fn main() {
    match env::args().nth(1).as_deref() {
        Some("address") => {
            let freed = raw();
            unsafe { dealloc(at(freed).cast(), Layout::new::<u64>()) };
            call(move || unsafe { at(freed).write(1) });
        }
        Some("thread") => {
            let shared = raw();
            let callback = Trampoline::<Callback>::new(move || unsafe { at(shared).write(1) }).unwrap();
            let both = Barrier::new(2);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        both.wait();
                        unsafe { (callback.as_fn())() }
                    });
                }
            });
        }
        Some("memory") => {
            let unwritten = raw();
            call(move || {
                if unsafe { at(unwritten).read_volatile() } == 1 {
                    println!("one")
                }
            });
        }
        Some("leak") => call(|| {
            black_box(vec![1; 1000].leak());
        }),
        // What is alive at the end, and no fault: closures that only C has, more than there are direct slots.
        other => {
            assert_eq!(other, Some("nothing"));
            for n in 0..20 {
                let on_the_heap = Box::new(n);
                let closure = move || assert_eq!(*on_the_heap, n);
                let callbacks = [
                    Trampoline::<Callback>::new(closure.clone()).unwrap().leak(),
                    Trampoline::<Callback>::protected(closure).unwrap().leak(),
                ];
                for callback in callbacks {
                    unsafe { callback() }
                }
            }
        }
    }
}
