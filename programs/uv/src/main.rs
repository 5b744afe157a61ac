//! Says how long files are. libuv looks at all of them at once, and each closure goes on where another has ended.
//!
//! ```sh
//! cargo run -p uv -- README.md Cargo.toml
//! ```
//!
//! No declaration is written by hand. bindgen writes [`ffi`] from `uv.h`, and `wrappers.rs` copies each function that takes a
//! callback into [`closures`], with a closure instead of the pointer. `build.rs` says how long C keeps each closure.

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_int};
use std::rc::Rc;

#[allow(clippy::all, clippy::pedantic, clippy::undocumented_unsafe_blocks, reason = "as bindgen wrote it")]
#[allow(clippy::allow_attributes_without_reason, reason = "as bindgen wrote it")]
#[allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals, reason = "as bindgen wrote it")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/uv.rs"));
}

/// The functions of [`ffi`] that take a callback, with closures.
#[allow(clippy::all, clippy::pedantic, clippy::undocumented_unsafe_blocks, dead_code, reason = "what bindgen declared")]
mod closures {
    use super::ffi::*;

    include!(concat!(env!("OUT_DIR"), "/closures.rs"));
}

/// The functions that have wrappers, and those that have none.
mod counts {
    include!(concat!(env!("OUT_DIR"), "/counts.rs"));
}

#[cfg(test)]
#[allow(dead_code, reason = "the build script uses all of it")]
mod wrappers;

/// A value whose bytes are all 0. libuv fills it in.
///
/// # Safety
///
/// A value of this type may have only zero bytes.
unsafe fn zeroed<T>() -> T {
    // SAFETY: a value of this type may have only zero bytes: the condition of `zeroed`.
    unsafe { std::mem::zeroed() }
}

/// A request, which [`end`] frees.
fn new_request() -> *mut ffi::uv_fs_t {
    // SAFETY: libuv fills it in.
    Box::into_raw(Box::new(unsafe { zeroed() }))
}

/// What libuv returned, or the name of the error if it is one.
fn checked(status: impl Into<i64>) -> Result<i64, String> {
    let status = status.into();
    if status >= 0 {
        return Ok(status);
    }
    // SAFETY: libuv has a name for each number.
    let name = unsafe { CStr::from_ptr(ffi::uv_err_name(c_int::try_from(status).unwrap_or(c_int::MIN))) };
    Err(name.to_string_lossy().into_owned())
}

/// A loop of this thread.
struct Loop(Box<ffi::uv_loop_t>);

impl Loop {
    fn new() -> Result<Self, String> {
        // SAFETY: `uv_loop_init` fills it in.
        let mut new = Self(Box::new(unsafe { zeroed() }));
        // SAFETY: room for a loop.
        checked(unsafe { ffi::uv_loop_init(new.as_ptr()) })?;
        Ok(new)
    }

    fn as_ptr(&mut self) -> *mut ffi::uv_loop_t {
        &raw mut *self.0
    }

    /// Calls closures until there is nothing more to wait for.
    fn run(&mut self) {
        // SAFETY: the loop is initialised, and it does not run yet.
        unsafe { ffi::uv_run(self.as_ptr(), ffi::uv_run_mode_UV_RUN_DEFAULT) };
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        self.run();
        // SAFETY: nothing is left to do in it.
        let closed = unsafe { ffi::uv_loop_close(self.as_ptr()) };
        assert_eq!(closed, 0, "a handle is not closed");
    }
}

/// Ends a request. Returns its result and frees its memory.
///
/// # Safety
///
/// `request` was a `Box`, and libuv has called back for it.
unsafe fn end(request: *mut ffi::uv_fs_t) -> Result<i64, String> {
    // SAFETY: the request was a `Box`, and libuv does not use it any more: the conditions of `end`.
    unsafe {
        let mut request = Box::from_raw(request);
        ffi::uv_fs_req_cleanup(&raw mut *request);
        checked(request.result as i64)
    }
}

/// Opens `path`, asks for its length, closes it, and calls `then`.
fn length(
    on: *mut ffi::uv_loop_t,
    path: &str,
    then: impl FnOnce(Result<u64, String>) + 'static,
) -> Result<(), Box<dyn Error>> {
    let path = CString::new(path)?;
    // SAFETY: libuv fills each request in, and has it until it calls back, once, on this thread, while the loop is there. It
    // copies the path. A file is closed once.
    unsafe {
        let opened = move |request: *mut ffi::uv_fs_t| {
            let file = match end(request) {
                Ok(file) => c_int::try_from(file).expect("a descriptor"),
                Err(error) => return then(Err(error)),
            };
            let asked = move |request: *mut ffi::uv_fs_t| {
                let bytes = (*request).statbuf.st_size;
                let bytes = end(request).map(|_| bytes);
                let closed = move |request: *mut ffi::uv_fs_t| then(end(request).and(bytes));
                _ = closures::uv_fs_close(on, new_request(), file, closed);
            };
            _ = closures::uv_fs_fstat(on, new_request(), file, asked);
        };
        checked(closures::uv_fs_open(on, new_request(), path.as_ptr(), 0, 0, opened))?;
    }
    Ok(())
}

/// A path, and the length of its file or the name of an error.
type Found = (String, Result<u64, String>);

/// The lengths of files, in the order in which libuv has found them out.
fn lengths(paths: &[String]) -> Result<Vec<Found>, Box<dyn Error>> {
    let all = Rc::new(RefCell::new(Vec::new()));
    let mut on = Loop::new()?;
    for path in paths {
        let (all, name) = (all.clone(), path.clone());
        length(on.as_ptr(), path, move |bytes| all.borrow_mut().push((name, bytes)))?;
    }
    on.run();
    Ok(all.take())
}

fn main() -> Result<(), Box<dyn Error>> {
    for (path, bytes) in lengths(&env::args().skip(1).collect::<Vec<_>>())? {
        match bytes {
            Ok(bytes) => println!("{path}: {bytes} bytes"),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let (wrapped, skipped) = (counts::WRAPPED.len(), counts::SKIPPED.len());
    println!("{} functions of uv.h take a callback: {wrapped} with closures, {skipped} without", wrapped + skipped);
    for (name, reason) in counts::SKIPPED {
        println!("{name}: {reason}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::ptr;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn every_function_that_takes_a_callback_has_a_wrapper() {
        // Counts the functions in another way than `wrappers.rs`: their declarations contain `uv_fs_cb,` and the like.
        let takes = include_str!(concat!(env!("OUT_DIR"), "/uv.rs"))
            .split("pub fn ")
            .skip(1)
            .map(|function| function.split(';').next().unwrap())
            .filter(|function| function.contains("_cb,") || function.contains("Option<"))
            .filter(|function| !function.starts_with("uv_replace_allocator"))
            .map(|function| function.split('(').next().unwrap());
        let missing: Vec<_> = takes.filter(|name| !counts::WRAPPED.contains(name)).collect();
        assert!(missing.is_empty() && counts::WRAPPED.len() >= 60, "{missing:?}, {}", counts::WRAPPED.len());
        assert_eq!(counts::SKIPPED, [("uv_replace_allocator", "left out by the build script")]);
        if (ffi::UV_VERSION_MAJOR, ffi::UV_VERSION_MINOR) == (1, 44) {
            assert_eq!(counts::WRAPPED.len(), 65, "what the guide says");
        }
    }

    #[test]
    fn the_guide_quotes_the_rules() {
        let rules = include_str!("build.rs").split("\nfn how(").nth(1).unwrap().split("\n}\n").next().unwrap();
        let quoted = rules.lines().map(|line| format!("//! {line}")).collect::<Vec<_>>().join("\n");
        assert!(include_str!("../../../tramp-rt/src/guide/bindings.rs").contains(&quoted[4..]), "{quoted}");
    }

    #[test]
    fn closures_that_are_called_once_follow_each_other() {
        let found = lengths(&["Cargo.toml".to_owned(), "no such file".to_owned()]).unwrap();
        let of = |name: &str| found.iter().find(|(path, _)| path == name).unwrap().1.clone();
        assert_eq!(of("Cargo.toml"), Ok(std::fs::metadata("Cargo.toml").unwrap().len()));
        assert_eq!(of("no such file"), Err("ENOENT".to_owned()));
    }

    #[test]
    fn one_that_is_owned_ticks_until_it_is_closed_and_one_that_is_lent_borrows() {
        let mut on = Loop::new().unwrap();
        let (ticks, closed) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        // SAFETY: the loop and the timer live until the loop has run, which closes the timer; its closures live as long. The
        // walk calls back before it returns.
        unsafe {
            let mut timer: Box<ffi::uv_timer_t> = Box::new(zeroed());
            ffi::uv_timer_init(on.as_ptr(), &raw mut *timer);
            let (count, end) = (ticks.clone(), closed.clone());
            let tick = move |timer: *mut ffi::uv_timer_t| {
                count.set(count.get() + 1);
                if count.get() == 3 {
                    let end = end.clone();
                    closures::uv_close(timer.cast(), move |_| end.set(true));
                }
            };
            let (status, tick) = closures::uv_timer_start(&raw mut *timer, tick, 0, 1);
            assert_eq!(status, 0);
            let mut handles = Vec::new();
            closures::uv_walk(on.as_ptr(), |handle| handles.push(handle));
            assert_eq!(handles, [(&raw mut *timer).cast()]);
            on.run();
            drop(tick);
        }
        assert!(ticks.get() == 3 && closed.get() && Rc::strong_count(&ticks) == 1);
    }

    #[test]
    fn work_is_done_on_another_thread_and_what_follows_on_this_one() {
        let mut on = Loop::new().unwrap();
        let (sender, threads) = channel();
        let after = sender.clone();
        // SAFETY: the request lives until the loop has run, and each closure is called once, as `build.rs` says.
        unsafe {
            let mut request: Box<ffi::uv_work_t> = Box::new(zeroed());
            let status = closures::uv_queue_work(
                on.as_ptr(),
                &raw mut *request,
                move |_| sender.send(thread::current().id()).unwrap(),
                move |_, status| after.send(thread::current().id()).map(|()| assert_eq!(status, 0)).unwrap(),
            );
            assert_eq!(status, 0);
            on.run();
        }
        let threads: Vec<_> = threads.iter().collect();
        assert!(threads.len() == 2 && threads[0] != threads[1] && threads[1] == thread::current().id());
    }

    #[test]
    fn two_closures_of_one_function_read_what_another_writes() {
        let mut on = Loop::new().unwrap();
        let text = Rc::new(RefCell::new(Vec::<u8>::new()));
        // SAFETY: the pipes, the buffers and the closures live until the loop has run, which closes both pipes.
        unsafe {
            let (mut ends, mut reader, mut writer) =
                ([0; 2], Box::<ffi::uv_pipe_t>::new(zeroed()), Box::<ffi::uv_pipe_t>::new(zeroed()));
            assert_eq!(ffi::uv_pipe(ends.as_mut_ptr(), 0, 0), 0);
            for (pipe, end) in [(&mut reader, ends[0]), (&mut writer, ends[1])] {
                ffi::uv_pipe_init(on.as_ptr(), &raw mut **pipe, 0);
                ffi::uv_pipe_open(&raw mut **pipe, end);
            }
            let (mut room, read) = ([0; 64], text.clone());
            let room: *mut [std::ffi::c_char] = &raw mut room;
            let (status, allocate, receive) = closures::uv_read_start(
                (&raw mut *reader).cast(),
                move |_, _, buffer| *buffer = ffi::uv_buf_init(room.cast(), 64),
                move |stream, bytes, buffer| match usize::try_from(bytes) {
                    Ok(bytes) => {
                        read.borrow_mut().extend(std::slice::from_raw_parts((*buffer).base.cast::<u8>(), bytes));
                    }
                    Err(_) => closures::uv_close(stream.cast(), |_| ()),
                },
            );
            assert_eq!(status, 0);
            let (mut request, buffer) =
                (Box::<ffi::uv_write_t>::new(zeroed()), ffi::uv_buf_init(c"by a closure".as_ptr().cast_mut(), 12));
            let writer: *mut ffi::uv_stream_t = (&raw mut *writer).cast();
            let written = move |_, _| closures::uv_close(writer.cast(), |_| ());
            assert_eq!(closures::uv_write(&raw mut *request, writer, &raw const buffer, 1, written), 0);
            on.run();
            drop((allocate, receive));
        }
        assert_eq!(*text.borrow(), b"by a closure");
    }

    #[test]
    fn a_thread_runs_a_closure_that_travels_as_user_data() {
        let (sender, receiver) = channel();
        let (mut thread, mut guard, mut once) = (0, 0, 0);
        // SAFETY: the thread is joined; `uv_once` calls back before it returns, if ever.
        unsafe {
            assert_eq!(closures::uv_thread_create(&raw mut thread, move || sender.send(7).unwrap()), 0);
            ffi::uv_thread_join(&raw mut thread);
            (0..2).for_each(|_| closures::uv_once(&raw mut guard, || once += 1));
        }
        assert_eq!((receiver.recv(), once), (Ok(7), 1));
    }

    #[test]
    fn bindgens_own_declaration_is_there_for_null() {
        // SAFETY: with NULL libuv answers before it returns.
        unsafe {
            let mut request: Box<ffi::uv_fs_t> = Box::new(zeroed());
            let status = ffi::uv_fs_stat(ptr::null_mut(), &raw mut *request, c"Cargo.toml".as_ptr(), None);
            assert!(status == 0 && request.statbuf.st_size > 0);
            ffi::uv_fs_req_cleanup(&raw mut *request);
        }
    }
}
