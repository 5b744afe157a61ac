//! A heap that is full while a test wants it to be.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's heap, except on a thread that is inside [`on_a_full_heap`]. A test makes it the global allocator.
#[derive(Debug)]
pub struct MayBeFull;

thread_local!(static FULL: Cell<bool> = const { Cell::new(false) });

// SAFETY: the system's allocator gives and takes all memory. A null pointer says that there is none.
unsafe impl GlobalAlloc for MayBeFull {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if FULL.get() {
            return std::ptr::null_mut();
        }
        // SAFETY: the layout is not empty: the condition of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: `alloc` gave the place and got the same layout: the condition of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

/// Runs `call` while the heap is full.
pub fn on_a_full_heap<R>(call: impl FnOnce() -> R) -> R {
    FULL.set(true);
    let result = call();
    FULL.set(false);
    result
}
