//! Counts what is allocated on the heap and not yet freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering};

struct Counting;

static BYTES: AtomicI64 = AtomicI64::new(0);

#[global_allocator]
static HEAP: Counting = Counting;

/// Blocks of the size of the counters beside counted slots, which the runtime never frees.
static COUNTERS: AtomicI64 = AtomicI64::new(0);

/// The size of a counter.
const COUNTER: Layout = Layout::new::<[usize; 6]>();

/// How many blocks are allocated that are as large as a counter.
pub(crate) fn counters() -> i64 {
    COUNTERS.load(Ordering::Relaxed)
}

/// How many bytes are allocated in other blocks.
pub(crate) fn bytes() -> i64 {
    BYTES.load(Ordering::Relaxed)
}

fn count(layout: Layout, sign: i64) {
    if layout == COUNTER {
        COUNTERS.fetch_add(sign, Ordering::Relaxed);
    } else {
        BYTES.fetch_add(sign * i64::try_from(layout.size()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

// SAFETY: the system's allocator, and numbers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `GlobalAlloc::alloc` has the same condition: the layout has a size.
        let memory = unsafe { System.alloc(layout) };
        if !memory.is_null() {
            count(layout, 1);
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(layout, -1);
        // SAFETY: `memory` has this layout and comes from `alloc`, which got it from the system's allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}
