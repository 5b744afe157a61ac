//! Grows to a limit and shrinks, again and again. Each failure is an error that leaves nothing behind.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Get, alone, call};
use tramp_rt::{Error, Trampoline};
use tramp_test_support::occupy_direct_slots;

/// Counts what this thread has on the heap, because the thread of the test harness uses the heap as well.
struct Counting;

thread_local! {
    // It has no destructor. So the allocator can use it until the end of the thread.
    static HEAP_BYTES: Cell<isize> = const { Cell::new(0) };
}

fn heap_bytes() -> isize {
    HEAP_BYTES.get()
}

// SAFETY: the system's allocator, and a count.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout has a size, as the system's allocator demands like this one.
        let place = unsafe { System.alloc(layout) };
        if !place.is_null() {
            HEAP_BYTES.set(heap_bytes() + layout.size().cast_signed());
        }
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HEAP_BYTES.set(heap_bytes() - layout.size().cast_signed());
        // SAFETY: `alloc` had the place from there, with this layout.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn mappings() -> usize {
    // A string would not do, because the heap would grow for it between two reads, and both would list the new mapping.
    let maps = BufReader::new(File::open("/proc/self/maps").expect("/proc"));
    maps.bytes().filter(|byte| *byte.as_ref().expect("/proc") == b'\n').count()
}

fn used_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Sets a limit, or lifts it.
fn limit(resource: libc::__rlimit_resource_t, bytes: Option<u64>) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes and reads the limits.
    unsafe {
        assert_eq!(libc::getrlimit(resource, &raw mut limit), 0);
        limit.rlim_cur = bytes.unwrap_or(limit.rlim_max);
        assert_eq!(libc::setrlimit(resource, &raw const limit), 0);
    }
}

/// Counts its drops.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Fails 1,000 times. Each closure comes back and is dropped once. No mapping and no byte on the heap is left.
fn fail_and_leave_nothing() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    const ATTEMPTS: usize = 1_000;
    let before = (mappings(), heap_bytes(), DROPS.load(Ordering::Relaxed));
    for _ in 0..ATTEMPTS {
        let counted = Counted(&DROPS);
        let failed = Trampoline::<Get>::new(move || counted.0.load(Ordering::Relaxed) as u64).expect_err("no slot");
        assert!(matches!(failed.error, Error::Reserve(_) | Error::Copy(_)), "{failed}");
    }
    let after = (mappings(), heap_bytes(), DROPS.load(Ordering::Relaxed));
    assert_eq!(after, (before.0, before.1, before.2 + ATTEMPTS));
}

/// Makes as many as the system allows, in a vector that has room.
fn fill(live: &mut Vec<Trampoline<Get>>) {
    while live.len() < live.capacity() {
        let n = live.len() as u64;
        match Trampoline::new(move || n) {
            Ok(get) => live.push(get),
            Err(_) => return,
        }
    }
    panic!("no end was reached");
}

fn check(live: &[Trampoline<Get>]) {
    for (n, get) in (0..).zip(live) {
        assert_eq!(call(get), n);
    }
}

#[test]
fn to_the_limit_of_address_space_and_back() {
    alone("to_the_limit_of_address_space_and_back", 300, || {
        let _occupied = occupy_direct_slots();
        let mut live = Vec::with_capacity(2_000_000);
        let mut ends = Vec::new();
        for power in 0..=5 {
            limit(libc::RLIMIT_AS, Some(used_bytes("VmSize:") + (1 << 19 << power)));
            fill(&mut live);
            fail_and_leave_nothing();
            check(&live);
            ends.push(live.len());
            limit(libc::RLIMIT_AS, None);
            // There are resources again. So the next creation succeeds.
            let n = live.len() as u64;
            live.push(Trampoline::new(move || n).expect("a slot, now"));
            assert_eq!(call(&live[live.len() - 1]), n);
        }
        assert!(ends.is_sorted() && ends[0] < ends[5], "{ends:?}");
        // Drops all and makes all again. No limit is lifted, because slots are used again.
        let most = live.len();
        limit(libc::RLIMIT_AS, Some(used_bytes("VmSize:")));
        for _ in 0..3 {
            live.clear();
            fill(&mut live);
            assert!(live.len() + 200 >= most, "slots are lost: {} of {most}", live.len());
            check(&live);
        }
    });
}

#[test]
fn to_the_limit_of_mappings_and_back() {
    alone("to_the_limit_of_mappings_and_back", 300, || {
        let _occupied = occupy_direct_slots();
        let mut live = Vec::with_capacity(2_000_000);
        let mut foreign: Vec<*mut libc::c_void> = Vec::with_capacity(1 << 20);
        for round in 0..3 {
            while foreign.len() < foreign.capacity() {
                // Alternating protections keep the kernel from merging them.
                let protection = if foreign.len().is_multiple_of(2) { libc::PROT_READ } else { libc::PROT_NONE };
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                // SAFETY: a new mapping.
                let page = unsafe { libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0) };
                if page == libc::MAP_FAILED {
                    break;
                }
                foreign.push(page);
            }
            if foreign.len() == foreign.capacity() {
                eprintln!("skipped: no limit is in force");
                return;
            }
            fill(&mut live);
            fail_and_leave_nothing();
            check(&live);
            // A few pages are unmapped, and then more. Each time, more trampolines can be made.
            for given in [8, 64, 512] {
                for page in foreign.drain(foreign.len() - given..) {
                    // SAFETY: mapped above.
                    unsafe { libc::munmap(page, 4096) };
                }
                let before = live.len();
                fill(&mut live);
                fail_and_leave_nothing();
                check(&live);
                assert!(given < 64 || live.len() > before, "round {round}: nothing was had for {given} mappings");
            }
            live.clear();
        }
    });
}

#[test]
fn to_the_limit_of_the_heap_and_back() {
    fn test() {
        const BYTES: usize = 1 << 20;
        let _occupied = occupy_direct_slots();
        let create = |n: u8| {
            #[expect(clippy::large_stack_arrays, reason = "the thread has a stack for it")]
            let large = [n; BYTES];
            Trampoline::<Get>::new(move || large[BYTES / 2].into()).map_err(|failed| failed.error)
        };
        drop(create(0)); // makes the first table
        let mut live = Vec::with_capacity(100);
        for round in 0..3 {
            limit(libc::RLIMIT_DATA, Some(used_bytes("VmData:") + (8 << 20)));
            let error = loop {
                match create(u8::try_from(live.len()).expect("few")) {
                    Ok(get) => live.push(get),
                    Err(error) => break error,
                }
                assert!(live.len() < 100, "the limit is not felt");
            };
            assert!(matches!(error, Error::Heap { bytes } if bytes >= BYTES), "{error}");
            let before = (mappings(), heap_bytes());
            let errors = (0..100).filter(|_| create(0).is_err()).count();
            let after = (mappings(), heap_bytes());
            if (errors, after) != (100, before) {
                limit(libc::RLIMIT_DATA, None); // a panic needs memory
                panic!("round {round}: {errors} errors, {before:?} mappings and bytes, then {after:?}");
            }
            // Only the heap is exhausted. There are slots, also after the failures.
            let small: Vec<_> = (0..300).map(common::narrow).collect();
            check(&small);
            limit(libc::RLIMIT_DATA, None);
            live.push(create(u8::try_from(live.len()).expect("few")).expect("a slot, now"));
            check(&live);
            assert!(live.len() > 3, "round {round}");
            live.clear();
        }
    }
    // Closures of this size are moved through the stack.
    alone("to_the_limit_of_the_heap_and_back", 300, || {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread");
        thread.join().expect("no failure");
    });
}
