//! C structs of callbacks, each bound to one state and driven by `c/ops.c`.

#![deny(warnings)] // generated code causes no warnings
#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of c/ops.c as it is declared there")]

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tramp_rt::{CreateError, Ops, ThisThread, trampoline};
use tramp_test_support::{Counted, alone, has_aborted, with_each_kind};

/// The struct, as a `-sys` crate or bindgen writes it.
#[repr(C)]
#[derive(Clone, Copy)]
struct file_operations {
    version: i32,
    name: *const c_char,
    open: Option<unsafe extern "C" fn(path: *const c_char) -> i32>,
    read: Option<unsafe extern "C" fn(buffer: *mut c_char, size: usize) -> i64>,
    size: Option<unsafe extern "C" fn() -> i64>,
    close: Option<unsafe extern "C" fn()>,
    opened: u64,
}

/// One field is a pointer, so the struct is not `Send`. Many C structs are like this. This pointer leads to a literal.
unsafe impl Send for file_operations {}

const EMPTY: file_operations = file_operations {
    version: 3,
    name: c"memory".as_ptr(),
    open: None,
    read: None,
    size: None,
    close: None,
    opened: 0,
};

#[repr(C)]
#[derive(Clone, Copy)]
struct memory_hooks {
    allocate: unsafe extern "C" fn(size: usize) -> *mut c_void,
    resize: unsafe extern "C" fn(block: *mut c_void, size: usize) -> *mut c_void,
    release: unsafe extern "C" fn(block: *mut c_void),
}

unsafe extern "C" {
    fn ops_register(ops: *mut file_operations) -> i32;
    fn ops_read_file(path: *const c_char, buffer: *mut c_char, chunk: usize) -> i64;
    fn ops_size() -> i64;
    fn ops_size_on_threads(count: usize) -> i32;
    fn ops_use_memory(hooks: memory_hooks) -> i32;
}

/// The tests take turns, because C has one place for a struct, and some tests count slots.
fn in_turn() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Files in memory.
struct Disk {
    files: HashMap<String, Vec<u8>>,
    current: Option<(String, usize)>,
    closes: Rc<Cell<u32>>,
}

impl Disk {
    fn new(closes: &Rc<Cell<u32>>) -> Self {
        let text = b"a text that is longer than a chunk".to_vec();
        Self { files: HashMap::from([("text".to_owned(), text)]), current: None, closes: closes.clone() }
    }
}

#[trampoline(ops = file_operations)]
impl Disk {
    /// What the tests tell C.
    const NOT_FOUND: i32 = -2;

    extern "C" fn open(&mut self, path: *const c_char) -> i32 {
        let path = unsafe { CStr::from_ptr(path) }.to_str().expect("UTF-8");
        if !self.files.contains_key(path) {
            return Self::NOT_FOUND;
        }
        self.current = Some((path.to_owned(), 0));
        0
    }

    unsafe extern "C" fn read(&mut self, buffer: *mut c_char, size: usize) -> i64 {
        let (path, at) = self.current.as_mut().expect("an open file");
        let rest = &self.files[path][*at..];
        let count = rest.len().min(size);
        unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), count) };
        *at += count;
        count.try_into().expect("small")
    }

    #[cfg(not(target_os = "none"))]
    extern "C" fn close(&mut self) {
        self.current = None;
        self.count();
    }

    #[cfg(target_os = "none")]
    extern "C" fn close(&mut self, _no_such_parameter: i32) {}

    /// Not for C.
    fn count(&self) {
        self.closes.set(self.closes.get() + 1);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.closes.set(self.closes.get() + 100);
    }
}

#[test]
fn one_state_behind_all_entries() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let closes = Rc::new(Cell::new(0));
        let ops: Ops<file_operations, ThisThread> = Disk::new(&closes).bind_local(EMPTY).expect("slots");
        let address = ops.as_ptr();
        let ops = Box::new(ops);
        assert_eq!(address, ops.as_ptr(), "the struct stays when its owner moves");
        assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);

        let mut buffer = [0_u8; 64];
        let mut read = |path: &CStr, chunk| unsafe { ops_read_file(path.as_ptr(), buffer.as_mut_ptr().cast(), chunk) };
        assert_eq!(read(c"text", 10), 34);
        assert_eq!(read(c"text", 7), 34);
        assert_eq!(read(c"else", 7), -2);
        assert_eq!(&buffer[..34], b"a text that is longer than a chunk");
        assert_eq!(unsafe { ops_size() }, -1, "NULL stays NULL");
        let c = unsafe { *ops.as_ptr() };
        assert_eq!((c.version, c.opened, c.name), (3, 2, EMPTY.name), "the other fields are the caller's and C's");

        assert_eq!(closes.get(), 2);
        drop(ops);
        assert_eq!(closes.get(), 102, "the state is dropped with the struct");
    });
}

/// A state for any thread. No call waits for another one.
struct Counter {
    sizes: Arc<AtomicUsize>,
}

#[trampoline(ops = file_operations)]
impl Counter {
    extern "C" fn size(&self) -> i64 {
        self.sizes.fetch_add(1, Ordering::Relaxed);
        0
    }
    extern "C" fn open(&self, _: *const c_char) -> i32 {
        // Calls another entry, which calls may do that take `&self`.
        unsafe { ops_size().try_into().expect("small") }
    }
    extern "C" fn read(&self, _: *mut c_char, _: usize) -> i64 {
        0
    }
    extern "C" fn close(&self) {}
}

#[test]
fn shared_entries_run_at_once_and_inside_each_other() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let sizes = Arc::new(AtomicUsize::new(0));
        let ops = Counter { sizes: sizes.clone() }.bind(EMPTY).expect("slots");
        assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);
        assert_eq!(unsafe { ops_size_on_threads(5_000) }, 0);
        assert_eq!(sizes.load(Ordering::Relaxed), 20_000);
        assert_eq!(unsafe { ops_read_file(c"".as_ptr(), [0].as_mut_ptr(), 1) }, 0);
        assert_eq!(sizes.load(Ordering::Relaxed), 20_001);
        std::thread::spawn(move || drop(ops)).join().expect("no panic");
        assert_eq!(Arc::strong_count(&sizes), 1);
    });
}

/// Readers run beside each other, and a writer runs alone.
struct Mixed {
    sum: i64,
    reads: AtomicUsize,
}

#[trampoline(ops = file_operations)]
impl Mixed {
    extern "C" fn open(&mut self, _: *const c_char) -> i32 {
        self.sum += 1;
        0
    }
    extern "C" fn read(&mut self, _: *mut c_char, _: usize) -> i64 {
        unsafe { ops_size() }; // takes `&self`, while this has `&mut self`
        0
    }
    extern "C" fn size(&self) -> i64 {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.sum
    }
    extern "C" fn close(&mut self) {}
}

#[test]
fn readers_and_writers_of_one_state() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let ops = Mixed { sum: 6, reads: AtomicUsize::new(0) }.bind(EMPTY).expect("slots");
        unsafe {
            assert_eq!(ops_register(ops.as_ptr()), 0);
            assert_eq!(ops_size_on_threads(5_000), 0);
            assert_eq!(((*ops.as_ptr()).open.expect("an entry"))(c"".as_ptr()), 0);
            assert_eq!(ops_size(), 7);
        }
    });
}

/// Makes memory, for any state that has a budget.
trait Budget {
    fn take(&mut self, bytes: usize) -> bool;
}

impl Budget for usize {
    fn take(&mut self, bytes: usize) -> bool {
        self.checked_sub(bytes).map(|rest| *self = rest).is_some()
    }
}

struct Memory<B, const LIMIT: usize> {
    budget: B,
}

mod generic {
    use super::*;

    #[trampoline(ops = super::memory_hooks, direct = 1)]
    impl<B, const LIMIT: usize> Memory<B, LIMIT>
    where
        B: Budget,
    {
        pub(super) extern "C" fn allocate(&mut self, size: usize) -> *mut c_void {
            if size <= LIMIT && self.budget.take(size) { unsafe { libc::malloc(size) } } else { std::ptr::null_mut() }
        }
        #[on_panic(return = std::ptr::null_mut())]
        pub(super) extern "C" fn resize(&mut self, block: *mut c_void, size: usize) -> *mut c_void {
            if self.budget.take(size) {
                return unsafe { libc::realloc(block, size) };
            }
            unsafe { libc::free(block) };
            std::panic::resume_unwind(Box::new("the budget is used up"))
        }
        pub(super) extern "C" fn release(&mut self, block: *mut c_void) {
            unsafe { libc::free(block) };
        }
    }
}

unsafe extern "C" fn none(_: usize) -> *mut c_void {
    std::ptr::null_mut()
}
unsafe extern "C" fn no_resize(_: *mut c_void, _: usize) -> *mut c_void {
    std::ptr::null_mut()
}
unsafe extern "C" fn no_release(_: *mut c_void) {}

const HOOKS: memory_hooks = memory_hooks { allocate: none, resize: no_resize, release: no_release };

#[test]
fn generic_states_fields_without_null_and_panics() {
    with_each_kind(&|_| {
        let enough = Memory::<_, 10> { budget: 100_usize }.bind(HOOKS).expect("slots");
        assert_eq!(unsafe { ops_use_memory(*enough.as_ptr()) }, 1);
        let panics = Memory::<_, 10> { budget: 10_usize }.bind(HOOKS).expect("slots");
        assert_eq!(unsafe { ops_use_memory(*panics.as_ptr()) }, 0);
        let too_little = Memory::<_, 5> { budget: 100_usize }.bind(HOOKS).expect("slots");
        assert_eq!(unsafe { ops_use_memory(*too_little.as_ptr()) }, 0);
    });
}

/// Answers in borrowed words.
struct Words;

#[repr(C)]
struct word_ops {
    longest: Option<for<'a> unsafe extern "C-unwind" fn(&'a [u8; 4], &u8) -> &'a u8>,
    stop: Option<unsafe extern "C-unwind" fn(i32) -> !>,
}

#[trampoline(ops = word_ops)]
impl Words {
    extern "C-unwind" fn longest<'a>(&self, words: &'a [u8; 4], _: &u8) -> &'a u8 {
        &words[3]
    }
    extern "C-unwind" fn stop(&self, code: i32) -> ! {
        std::panic::resume_unwind(Box::new(code))
    }
}

#[test]
fn lifetimes_conventions_and_no_return() {
    with_each_kind(&|_| {
        let ops = Words.bind(word_ops { longest: None, stop: None }).expect("slots");
        let (longest, stop) = unsafe { ((*ops.as_ptr()).longest.expect("an entry"), (*ops.as_ptr()).stop) };
        assert_eq!(unsafe { longest(&[1, 2, 3, 4], &0) }, &4);
        let stopped = std::panic::catch_unwind(|| unsafe { stop.expect("an entry")(5) });
        assert_eq!(stopped.expect_err("a panic").downcast_ref(), Some(&5));
    });
}

#[test]
fn leaked_entries_stay() {
    const CHILD: &str = "TRAMP_TEST_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let child = alone("leaked_entries_stay").env(CHILD, "1").output().expect("a child process");
        let said = String::from_utf8_lossy(&child.stdout); // in its own process, because it keeps slots
        assert!(child.status.success() && said.contains("1 passed"), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let sizes = Arc::new(AtomicUsize::new(0));
    let ops = Counter { sizes: sizes.clone() }.bind(EMPTY).expect("slots").leak();
    assert_eq!(unsafe { ops_register(ops) }, 0);
    assert_eq!(unsafe { ops_size() }, 0);
    assert_eq!((sizes.load(Ordering::Relaxed), Arc::strong_count(&sizes)), (1, 2));
}

#[test]
fn the_types_say_who_may_have_it() {
    fn is_send_and_sync<T: Send + Sync>(_: fn() -> T) {}
    fn is_an_error<T: std::error::Error>(_: fn() -> T) {}
    is_send_and_sync::<Ops<file_operations>>(|| unreachable!());
    is_an_error::<CreateError<Counter>>(|| unreachable!());
}

/// A state that borrows. Its impl has a lifetime.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    closes: &'a Cell<u32>,
}

#[trampoline(ops = file_operations)]
impl<'a> Reader<'a> {
    extern "C" fn open(&mut self, path: *const c_char) -> i32 {
        self.at = 0;
        unsafe { CStr::from_ptr(path).to_bytes().len() }.try_into().expect("short")
    }
    extern "C" fn read(&mut self, buffer: *mut c_char, size: usize) -> i64 {
        let rest: &'a [u8] = &self.text.as_bytes()[self.at..];
        let count = rest.len().min(size);
        unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), count) };
        self.at += count;
        count.try_into().expect("small")
    }
    extern "C" fn size(&self) -> i64 {
        self.at.try_into().expect("small")
    }
    extern "C" fn close(&mut self) {
        self.closes.set(self.closes.get() + 1);
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.closes.set(self.closes.get() + 100);
    }
}

/// A state whose lifetime has no name.
struct Borrowing<'a>(&'a AtomicUsize);

#[trampoline(ops = file_operations)]
impl Borrowing<'_> {
    extern "C" fn size(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed);
        0
    }
}

#[test]
fn a_lent_state_borrows_and_is_there_afterwards() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let (text, closes) = (String::from("lent for one call"), Cell::new(0));
        let mut reader = Reader { text: &text, at: 0, closes: &closes };
        let mut buffer = [0_u8; 64];
        for time in 1..=30 {
            let read = reader.scoped(EMPTY, |ops| unsafe {
                assert_eq!(ops_register(ops), 0);
                let read = ops_read_file(c"".as_ptr(), buffer.as_mut_ptr().cast(), 5);
                (read, ops_size(), (*ops).version)
            });
            assert_eq!(read.expect("slots"), (17, 17, 3));
            assert_eq!((reader.at, closes.get()), (17, time));
        }
        assert_eq!(&buffer[..17], text.as_bytes());
        drop(reader);
        assert_eq!(closes.get(), 130, "dropped once, by its owner");
    });
}

#[test]
fn a_lent_state_may_be_called_by_any_thread() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let sizes = AtomicUsize::new(0);
        let mut borrowing = Borrowing(&sizes);
        let result = borrowing.scoped_any(EMPTY, |ops| {
            let size = unsafe { (*ops).size.expect("an entry") };
            std::thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| (0..1_000).for_each(|_| assert_eq!(unsafe { size() }, 0)));
                }
            });
        });
        assert_eq!((result.expect("slots"), sizes.load(Ordering::Relaxed)), ((), 4_000));
    });
}

#[test]
#[cfg(panic = "unwind")]
fn a_body_that_unwinds_ends_the_loan() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let closes = Cell::new(0);
        let mut reader = Reader { text: "", at: 5, closes: &closes };
        let before = tramp_rt::diagnostics();
        let body = std::panic::AssertUnwindSafe(|| reader.scoped(EMPTY, |_| std::panic::resume_unwind(Box::new(7))));
        let panic = std::panic::catch_unwind(body).map(drop).expect_err("unwinds");
        assert_eq!(panic.downcast_ref(), Some(&7));
        let after = tramp_rt::diagnostics();
        assert_eq!((before.direct_live, before.slots.live), (after.direct_live, after.slots.live));
        assert_eq!((reader.at, closes.get()), (5, 0));
    });
}

#[test]
fn an_owned_state_comes_back() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let closes = Rc::new(Cell::new(0));
        let ops = Disk::new(&closes).bind_local(EMPTY).expect("slots");
        let ops = ops.into_state::<Counter>().err().expect("another type");
        assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);
        let mut buffer = [0_u8; 64];
        assert_eq!(unsafe { ops_read_file(c"text".as_ptr(), buffer.as_mut_ptr().cast(), 7) }, 34);
        let disk = ops.into_state::<Disk>().expect("a disk");
        assert_eq!((disk.files.len(), closes.get()), (1, 1));
        drop(disk);
        assert_eq!(closes.get(), 101, "dropped once");
    });
}

/// A state that tries to take itself back while it is called.
struct Takes(Rc<Cell<Option<Ops<file_operations, ThisThread>>>>);

#[trampoline(ops = file_operations)]
impl Takes {
    extern "C" fn size(&mut self) -> i64 {
        let owner = self.0.take().expect("an owner");
        match owner.into_state::<Takes>() {
            Ok(_) => -1,
            Err(owner) => {
                self.0.set(Some(owner));
                8
            }
        }
    }
}

#[test]
fn a_state_does_not_come_back_while_a_call_runs() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let place = Rc::new(Cell::new(None));
        let ops = Takes(place.clone()).bind_local(EMPTY).expect("slots");
        let size = unsafe { (*ops.as_ptr()).size.expect("an entry") };
        place.set(Some(ops));
        assert_eq!(unsafe { size() }, 8);
        let state = place.take().expect("an owner").into_state::<Takes>();
        assert!(state.is_ok());
        drop(state);
        assert_eq!(Rc::strong_count(&place), 1);
    });
}

/// As `fopencookie` has it: C's last call is `close`.
#[repr(C)]
#[derive(Clone, Copy)]
struct stream_functions {
    write: Option<unsafe extern "C" fn(n: i32) -> i32>,
    sum: Option<unsafe extern "C" fn() -> i32>,
    close: Option<unsafe extern "C" fn(code: i32) -> i32>,
}

const NO_STREAM: stream_functions = stream_functions { write: None, sum: None, close: None };

struct Stream {
    sum: i32,
    left: Counted,
    own: Arc<Mutex<Option<Ops<stream_functions>>>>,
}

thread_local!(static INSIDE: Cell<Option<unsafe extern "C" fn(code: i32) -> i32>> = const { Cell::new(None) });

#[trampoline(ops = stream_functions)]
impl Stream {
    extern "C" fn write(&mut self, n: i32) -> i32 {
        self.sum += n;
        if let Some(call) = INSIDE.get() {
            unsafe { call(n) };
        }
        self.sum
    }
    extern "C" fn sum(&self) -> i32 {
        self.sum
    }
    extern "C" fn close(self, code: i32) -> i32 {
        drop(self.own.lock().expect("no panic").take());
        assert_eq!(self.left.others(), 1, "not dropped yet");
        self.sum + code
    }
}

fn stream(left: &Counted) -> Stream {
    Stream { sum: 0, left: left.clone(), own: Arc::default() }
}

/// Slots that are taken.
fn taken() -> (usize, usize) {
    let now = tramp_rt::diagnostics();
    (now.direct_live, now.slots.live)
}

/// A struct with a destructor, which need not be `Send`.
#[repr(C)]
struct Hooks {
    close: Option<unsafe extern "C" fn()>,
    held: Option<Rc<()>>,
}

struct Hooked(Counted);

#[trampoline(ops = Hooks)]
impl Hooked {
    extern "C" fn close(self) {
        assert_eq!(self.0.others(), 1);
    }
}

#[test]
fn a_call_on_any_thread_runs_no_destructor_of_the_struct() {
    let _turn = in_turn();
    let (counted, held) = (Counted::new(), Rc::new(()));
    let hooks = || Hooks { close: None, held: Some(held.clone()) };
    let given: Ops<Hooks> = Hooked(counted.clone()).bind(hooks()).expect("a slot");
    let close = unsafe { (*given.give()).close.expect("bound") };
    std::thread::spawn(move || unsafe { close() }).join().expect("no panic");
    assert_eq!((counted.others(), Rc::strong_count(&held)), (0, 2), "the state is dropped, and the struct forgotten");
    unsafe { Rc::decrement_strong_count(Rc::as_ptr(&held)) }; // the forgotten struct's

    let given: Ops<Hooks, ThisThread> = Hooked(counted.clone()).bind_local(hooks()).expect("a slot");
    unsafe { (*given.give()).close.expect("bound")() };
    assert_eq!((counted.others(), Rc::strong_count(&held)), (0, 1), "both are dropped");
}

/// Borrows without naming a lifetime.
struct Borrowed<T>(T);

#[trampoline(ops = Hooks)]
impl Borrowed<&Cell<i32>> {
    extern "C" fn close(&self) {
        self.0.set(1);
    }
}

#[test]
fn a_reference_without_a_lifetime_is_lent() {
    let _turn = in_turn();
    let cell = Cell::new(0);
    let hooks = Hooks { close: None, held: None };
    Borrowed(&cell).scoped(hooks, |hooks| unsafe { (*hooks).close.expect("bound")() }).expect("a slot");
    assert_eq!(cell.get(), 1);
}

/// A struct whose destructor panics.
#[repr(C)]
struct Bombs {
    run: Option<unsafe extern "C" fn()>,
    bomb: Bomb,
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("bomb"));
    }
}

struct Counting(Counted);

#[trampoline(ops = Bombs)]
impl Counting {
    extern "C" fn run(&mut self) {
        assert_eq!(self.0.others(), 1);
    }
}

#[test]
fn a_struct_whose_destructor_panics_takes_the_state_along() {
    let _turn = in_turn();
    let counted = Counted::new();
    let ops: Ops<Bombs> =
        Counting(counted.clone()).bind(Bombs { run: None, bomb: Bomb }).unwrap_or_else(|_| panic!("a slot"));
    let taken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ops.into_state::<Counting>().is_ok()));
    assert!(taken.is_err());
    assert_eq!(counted.others(), 0);
}

#[test]
fn the_last_call_frees_what_was_given_to_c() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let left = Counted::new();
        let before = taken();
        let ops = stream(&left).bind(NO_STREAM).expect("slots");
        let stream_functions { write: Some(write), sum: Some(sum), close: Some(close) } = (unsafe { *ops.give() })
        else {
            panic!("all fields are filled");
        };
        unsafe {
            assert_eq!((write(1), write(2), sum()), (1, 3, 3));
            assert_eq!(left.others(), 1);
            std::thread::spawn(move || assert_eq!(close(100), 103)).join().expect("no panic");
        }
        assert_eq!((left.others(), taken()), (0, before));
    });
}

#[test]
fn the_last_call_and_the_owner_free_everything_once() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let left = Counted::new();
        let before = taken();
        let called = |ops: &Ops<stream_functions>| unsafe {
            assert_eq!((*ops.as_ptr()).write.expect("an entry")(5), 5);
            assert_eq!((*ops.as_ptr()).close.expect("an entry")(1), 6);
        };
        let bound = || stream(&left).bind(NO_STREAM).expect("slots");
        // No last call.
        drop(bound());
        assert_eq!((left.others(), taken()), (0, before));
        // The last call, then the drop; then the gift; then neither of them has a state to give back.
        let ops = bound();
        called(&ops);
        assert_eq!(left.others(), 0);
        drop(ops);
        let ops = bound();
        called(&ops);
        ops.give();
        let ops = bound();
        called(&ops);
        let ops = ops.into_state::<Stream>().err().expect("it is gone");
        // SAFETY: no call runs.
        unsafe { ops.end_abandoned() };
        drop(ops.into_state::<Stream>().err().expect("it is gone"));
        assert_eq!((left.others(), taken()), (0, before));
        // A state that comes back instead.
        let state = bound().into_state::<Stream>().expect("a stream");
        assert_eq!((state.sum, left.others()), (0, 1));
        drop(state);
        // The drop of the owner inside the last call.
        let state = stream(&left);
        let own = state.own.clone();
        let ops = state.bind(NO_STREAM).expect("slots");
        let close = unsafe { (*ops.as_ptr()).close.expect("an entry") };
        *own.lock().expect("no panic") = Some(ops);
        assert_eq!(unsafe { close(7) }, 7);
        assert_eq!((left.others(), taken(), Arc::strong_count(&own)), (0, before, 1));
    });
}

#[test]
fn a_last_call_on_another_thread_races_with_the_gift() {
    let _turn = in_turn();
    with_each_kind(&|_| {
        let left = Counted::new();
        let before = taken();
        for _ in 0..1_000 {
            let ops = stream(&left).bind(NO_STREAM).expect("slots");
            let close = unsafe { (*ops.as_ptr()).close.expect("an entry") };
            let begun = std::sync::Barrier::new(2);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    begun.wait();
                    assert_eq!(unsafe { close(1) }, 1);
                });
                begun.wait();
                ops.give();
            });
        }
        assert_eq!((left.others(), taken()), (0, before));
    });
}

/// Each of these dies in a process of its own.
mod deaths {
    use super::*;

    fn functions(ops: &Ops<stream_functions>) -> stream_functions {
        unsafe { *ops.as_ptr() }
    }

    #[test]
    fn a_call_after_the_last_one() {
        dies("a_call_after_the_last_one", "called after its trampoline was dropped", || {
            let left = Counted::new();
            let ops = stream(&left).bind(NO_STREAM).expect("slots");
            let stream = functions(&ops);
            unsafe { stream.close.expect("an entry")(1) };
            unsafe { stream.sum.expect("an entry")() };
        });
    }

    #[test]
    fn a_call_after_the_last_one_of_what_was_given() {
        dies("a_call_after_the_last_one_of_what_was_given", "called after its trampoline was dropped", || {
            let left = Counted::new();
            let stream = unsafe { *stream(&left).bind(NO_STREAM).expect("slots").give() };
            unsafe { stream.close.expect("an entry")(1) };
            unsafe { stream.write.expect("an entry")(1) };
        });
    }

    #[test]
    fn two_last_calls() {
        dies("two_last_calls", "called after its trampoline was dropped", || {
            let left = Counted::new();
            let ops = stream(&left).bind(NO_STREAM).expect("slots");
            let close = functions(&ops).close.expect("an entry");
            let _ = unsafe { close(1) + close(1) };
        });
    }

    #[test]
    fn a_last_call_inside_another_call() {
        dies("a_last_call_inside_another_call", "beside one that has `&mut self` of the same state", || {
            let left = Counted::new();
            let ops = stream(&left).bind(NO_STREAM).expect("slots");
            let stream = functions(&ops);
            INSIDE.set(stream.close);
            unsafe { stream.write.expect("an entry")(1) };
        });
    }

    #[test]
    fn a_call_after_a_loan() {
        dies("a_call_after_a_loan", "called after its trampoline was dropped", || {
            let closes = Cell::new(0);
            let mut reader = Reader { text: "", at: 0, closes: &closes };
            let late = reader.scoped(EMPTY, |ops| unsafe { (*ops).size }).expect("slots");
            unsafe { late.expect("an entry")() };
        });
    }

    #[test]
    fn a_call_after_the_state_came_back() {
        dies("a_call_after_the_state_came_back", "called after its trampoline was dropped", || {
            let ops = Counter { sizes: Arc::default() }.bind(EMPTY).expect("slots");
            let late = unsafe { (*ops.as_ptr()).size };
            let _state = ops.into_state::<Counter>().expect("a counter");
            unsafe { late.expect("an entry")() };
        });
    }

    #[test]
    fn a_call_of_a_loan_from_another_thread() {
        dies("a_call_of_a_loan_from_another_thread", "called from another thread", || {
            let sizes = AtomicUsize::new(0);
            let called = Borrowing(&sizes).scoped(EMPTY, |ops| {
                let size = unsafe { (*ops).size.expect("an entry") };
                let _ = std::thread::spawn(move || unsafe { size() }).join();
            });
            called.expect("slots");
        });
    }

    fn dies(test: &str, message: &str, death: fn()) {
        const CASE: &str = "TRAMP_TEST_MISUSE";
        if let Ok(kind) = std::env::var(CASE) {
            let _live = (kind == "mapped").then(tramp_test_support::occupy_direct_slots);
            death();
            std::process::exit(0);
        }
        for kind in ["direct", "mapped"] {
            let child = alone(&format!("deaths::{test}")).env(CASE, kind).output().expect("a child process");
            let said = String::from_utf8_lossy(&child.stderr);
            assert!(has_aborted(child.status) && said.contains(message), "{kind}: {:?}: {said}", child.status);
        }
    }

    fn register_mixed() -> Ops<file_operations> {
        let ops = Mixed { sum: 0, reads: AtomicUsize::new(0) }.bind(EMPTY).expect("slots");
        assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);
        ops
    }

    #[test]
    fn a_reader_inside_a_writer() {
        dies("a_reader_inside_a_writer", "beside one that has `&mut self` of the same state", || {
            let _ops = register_mixed();
            unsafe { ops_read_file(c"".as_ptr(), [0].as_mut_ptr(), 1) };
        });
    }

    #[test]
    fn a_writer_beside_another_on_c_threads() {
        struct Slow;
        #[trampoline(ops = file_operations)]
        impl Slow {
            extern "C" fn size(&mut self) -> i64 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                0
            }
            extern "C" fn open(&mut self, _: *const c_char) -> i32 {
                0
            }
            extern "C" fn read(&mut self, _: *mut c_char, _: usize) -> i64 {
                0
            }
            extern "C" fn close(&mut self) {}
        }
        dies("a_writer_beside_another_on_c_threads", "recursively, by a second thread", || {
            let ops = Slow.bind(EMPTY).expect("slots");
            assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);
            unsafe { ops_size_on_threads(100) };
        });
    }

    /// A call that is refused ends before the process does: here, the end of one call makes another one.
    #[cfg(unix)]
    mod refused {
        use super::*;

        /// An entry that is called while the process aborts.
        static SIZE: Mutex<Option<unsafe extern "C" fn() -> i64>> = Mutex::new(None);

        struct Nested;
        #[trampoline(ops = file_operations)]
        impl Nested {
            extern "C" fn close(&mut self) {
                let size = *SIZE.lock().unwrap();
                unsafe {
                    libc::signal(libc::SIGABRT, call_again as extern "C" fn(i32) as libc::sighandler_t);
                    size.expect("an entry")();
                }
            }
            extern "C" fn size(&self) -> i64 {
                unsafe { libc::_exit(0) } // beside `&mut self`
            }
        }

        extern "C" fn call_again(_: i32) {
            let size = SIZE.lock().unwrap().take();
            if let Some(size) = size {
                unsafe { size() };
            }
        }

        fn call_nested<T: tramp_rt::Threads>(ops: &Ops<file_operations, T>) {
            let file_operations { size, close, .. } = unsafe { *ops.as_ptr() };
            *SIZE.lock().unwrap() = size;
            unsafe { close.expect("an entry")() };
        }

        #[test]
        fn a_refused_reader_lets_no_other_in() {
            dies("refused::a_refused_reader_lets_no_other_in", "beside one that has `&mut self`", || {
                call_nested(&Nested.bind(EMPTY).expect("slots"));
            });
        }

        #[test]
        fn a_refused_local_reader_lets_no_other_in() {
            dies("refused::a_refused_local_reader_lets_no_other_in", "beside one that has `&mut self`", || {
                call_nested(&Nested.bind_local(EMPTY).expect("slots"));
            });
        }
    }

    #[test]
    fn a_local_state_on_c_threads() {
        dies("a_local_state_on_c_threads", "bound to its creating thread was called from another thread", || {
            let ops = Counter { sizes: Arc::default() }.bind_local(EMPTY).expect("slots");
            assert_eq!(unsafe { ops_register(ops.as_ptr()) }, 0);
            assert_eq!(unsafe { ops_size() }, 0);
            unsafe { ops_size_on_threads(1) };
        });
    }

    #[test]
    fn a_call_after_unregistering() {
        dies("a_call_after_unregistering", "called after its trampoline was dropped", || {
            let ops = register_mixed();
            let size = unsafe { (*ops.as_ptr()).size.expect("an entry") };
            drop(ops);
            unsafe { size() };
        });
    }

    #[test]
    fn a_call_after_a_drop_inside_a_callback() {
        thread_local!(static OPS: Cell<Option<Ops<file_operations>>> = const { Cell::new(None) });
        struct DropsItself;
        #[trampoline(ops = file_operations)]
        impl DropsItself {
            extern "C" fn close(&mut self) {
                let ops = OPS.take().expect("an owner");
                let size = unsafe { (*ops.as_ptr()).size.expect("an entry") };
                drop(ops);
                unsafe { size() };
            }
            extern "C" fn size(&self) -> i64 {
                0
            }
        }
        dies("a_call_after_a_drop_inside_a_callback", "called after its trampoline was dropped", || {
            let ops = DropsItself.bind(EMPTY).expect("slots");
            let close = unsafe { (*ops.as_ptr()).close.expect("an entry") };
            OPS.set(Some(ops));
            unsafe { close() };
        });
    }
}
