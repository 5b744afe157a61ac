//! Callbacks of the Win32 API itself, and of Microsoft's C library: closures as window procedures, enumerators,
//! comparators and threads, direct and mapped.

#![cfg(windows)]
#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of the API with what its documentation asks for")]
#![allow(non_snake_case, reason = "the names of the API")]

use std::ffi::{c_int, c_void};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};

use tramp_rt::{AnyThread, Trampoline, trampoline};
use tramp_test_support::{Kind, with_each_kind};

type Handle = *mut c_void;
type WindowProcedure = unsafe extern "system" fn(Handle, u32, usize, isize) -> isize;

#[repr(C)]
struct WNDCLASSW {
    style: u32,
    lpfnWndProc: Option<WindowProcedure>,
    cbClsExtra: c_int,
    cbWndExtra: c_int,
    hInstance: Handle,
    hIcon: Handle,
    hCursor: Handle,
    hbrBackground: Handle,
    lpszMenuName: *const u16,
    lpszClassName: *const u16,
}

#[repr(C)]
struct MSG {
    hwnd: Handle,
    message: u32,
    wParam: usize,
    lParam: isize,
    time: u32,
    pt: [i32; 2],
}

const HWND_MESSAGE: isize = -3;
const WM_CREATE: u32 = 0x0001;
const WM_DESTROY: u32 = 0x0002;
const WM_USER: u32 = 0x0400;

#[link(name = "user32")]
unsafe extern "system" {
    fn RegisterClassW(class: *const WNDCLASSW) -> u16;
    fn UnregisterClassW(name: *const u16, instance: Handle) -> i32;
    fn CreateWindowExW(
        extended: u32,
        class: *const u16,
        name: *const u16,
        style: u32,
        x: c_int,
        y: c_int,
        width: c_int,
        height: c_int,
        parent: Handle,
        menu: Handle,
        instance: Handle,
        parameter: *const c_void,
    ) -> Handle;
    fn DestroyWindow(window: Handle) -> i32;
    fn DefWindowProcW(window: Handle, message: u32, w: usize, l: isize) -> isize;
    fn SendMessageW(window: Handle, message: u32, w: usize, l: isize) -> isize;
    fn PostMessageW(window: Handle, message: u32, w: usize, l: isize) -> i32;
    fn PeekMessageW(message: *mut MSG, window: Handle, first: u32, last: u32, remove: u32) -> i32;
    fn DispatchMessageW(message: *const MSG) -> isize;
}

#[trampoline]
#[link(name = "user32")]
unsafe extern "system" {
    fn EnumWindows(each: impl FnMut(Handle, isize) -> i32, parameter: isize) -> i32;
    fn EnumThreadWindows(thread: u32, each: impl FnMut(Handle, isize) -> i32, parameter: isize) -> i32;
}

#[trampoline]
#[link(name = "kernel32")]
unsafe extern "system" {
    fn EnumSystemLocalesW(each: impl FnMut(*mut u16) -> i32, flags: u32) -> i32;
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn CreateThread(
        attributes: *const c_void,
        stack_bytes: usize,
        start: unsafe extern "system" fn(*mut c_void) -> u32,
        parameter: *mut c_void,
        flags: u32,
        id: *mut u32,
    ) -> Handle;
    fn WaitForSingleObject(object: Handle, milliseconds: u32) -> u32;
    fn GetExitCodeThread(thread: Handle, code: *mut u32) -> i32;
    fn CloseHandle(object: Handle) -> i32;
    fn GetCurrentThreadId() -> u32;
}

#[trampoline]
#[link(name = "msvcrt")]
unsafe extern "C" {
    fn qsort(base: *mut c_void, count: usize, size: usize, compare: impl FnMut(*const c_void, *const c_void) -> c_int);
    fn bsearch(
        key: *const c_void,
        base: *const c_void,
        count: usize,
        size: usize,
        compare: impl FnMut(*const c_void, *const c_void) -> c_int,
    ) -> *mut c_void;
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

#[test]
fn a_window_procedure_has_its_own_state() {
    with_each_kind(&|kind| {
        let mut messages = Vec::new();
        let procedure = Trampoline::<WindowProcedure>::scoped_mut(
            |window, message, w, l| {
                messages.push((message, w, l));
                match message {
                    WM_USER => isize::try_from(w).expect("small") * 10 + l,
                    _ => unsafe { DefWindowProcW(window, message, w, l) },
                }
            },
            |procedure| {
                let name = wide(&format!("tramp {kind:?}"));
                let mut class: WNDCLASSW = unsafe { zeroed() };
                class.lpfnWndProc = Some(procedure);
                class.lpszClassName = name.as_ptr();
                assert_ne!(unsafe { RegisterClassW(&raw const class) }, 0);
                let parent = std::ptr::without_provenance_mut(usize::from_ne_bytes(HWND_MESSAGE.to_ne_bytes()));
                let (class, none) = (name.as_ptr(), null_mut());
                let window = unsafe { CreateWindowExW(0, class, class, 0, 0, 0, 0, 0, parent, none, none, null()) };
                assert!(!window.is_null(), "{}", std::io::Error::last_os_error());

                assert_eq!(unsafe { SendMessageW(window, WM_USER, 4, 2) }, 42);
                assert_ne!(unsafe { PostMessageW(window, WM_USER, 5, -1) }, 0);
                let mut message: MSG = unsafe { zeroed() };
                assert_ne!(unsafe { PeekMessageW(&raw mut message, window, WM_USER, WM_USER, 1) }, 0);
                assert_eq!(unsafe { DispatchMessageW(&raw const message) }, 49);

                assert_ne!(unsafe { DestroyWindow(window) }, 0);
                assert_ne!(unsafe { UnregisterClassW(class, none) }, 0);
            },
        );
        procedure.expect("a slot");
        let users: Vec<_> = messages.iter().filter(|message| message.0 == WM_USER).collect();
        assert_eq!(users, [&(WM_USER, 4, 2), &(WM_USER, 5, -1)]);
        for expected in [WM_CREATE, WM_DESTROY] {
            assert_eq!(messages.iter().filter(|message| message.0 == expected).count(), 1, "{messages:x?}");
        }
    });
}

#[test]
fn windows_and_locales_are_enumerated() {
    with_each_kind(&|_| {
        let class = wide("STATIC");
        let (class, none) = (class.as_ptr(), null_mut());
        let own = unsafe { CreateWindowExW(0, class, class, 0, 0, 0, 9, 9, none, none, none, null()) };
        assert!(!own.is_null(), "no desktop to have a window on: {}", std::io::Error::last_os_error());
        let (mut all, mut of_this_thread) = (Vec::new(), Vec::new());
        unsafe {
            EnumWindows(
                |window, parameter| {
                    all.push(window);
                    i32::from(parameter == 7)
                },
                7,
            );
            EnumThreadWindows(
                GetCurrentThreadId(),
                |window, _| {
                    of_this_thread.push(window);
                    1
                },
                0,
            );
            DestroyWindow(own);
        }
        assert!(all.contains(&own) && of_this_thread.contains(&own));

        let mut names = Vec::new();
        let each = |name: *mut u16| {
            let length = (0..).take_while(|&at| unsafe { *name.add(at) } != 0).count();
            names.push(String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(name, length) }));
            i32::from(names.len() < 5)
        };
        unsafe { EnumSystemLocalesW(each, 2) };
        assert!((1..=5).contains(&names.len()) && names.iter().all(|name| name.len() == 8), "{names:?}");
    });
}

#[test]
fn microsofts_qsort_and_bsearch_take_closures() {
    with_each_kind(&|_| {
        let mut numbers: Vec<u32> = (0..1_000_u32).map(|n| n.wrapping_mul(2_654_435_761) >> 8).collect();
        let mut expected = numbers.clone();
        expected.sort_unstable();
        let mut comparisons = 0;
        let mut compare = |a: *const c_void, b: *const c_void| unsafe {
            comparisons += 1;
            (*a.cast::<u32>()).cmp(&*b.cast::<u32>()) as c_int
        };
        unsafe { qsort(numbers.as_mut_ptr().cast(), numbers.len(), 4, &mut compare) };
        assert_eq!(numbers, expected);
        let key = (&raw const expected[777]).cast();
        let found = unsafe { bsearch(key, numbers.as_ptr().cast(), numbers.len(), 4, &mut compare) };
        assert_eq!(found.cast::<u32>().cast_const(), &raw const numbers[777]);
        assert!(comparisons > 1_000);
    });
}

#[test]
fn threads_start_in_closures() {
    with_each_kind(&|kind| {
        const THREADS: u32 = 8;
        let sum = AtomicU32::new(0);
        let start = |parameter: *mut c_void| {
            let number = u32::try_from(parameter.addr()).expect("small");
            sum.fetch_add(number, Ordering::Relaxed);
            number * 3
        };
        let waited = Trampoline::<unsafe extern "system" fn(*mut c_void) -> u32>::scoped_any(start, |start| {
            let threads: Vec<Handle> = (1..=THREADS)
                .map(|number| unsafe {
                    let parameter = std::ptr::without_provenance_mut(number as usize);
                    CreateThread(null(), 0, start, parameter, 0, null_mut())
                })
                .collect();
            for (number, thread) in (1..).zip(threads) {
                let mut code = 0;
                unsafe {
                    assert_eq!(WaitForSingleObject(thread, 20_000), 0);
                    assert_ne!(GetExitCodeThread(thread, &raw mut code), 0);
                    CloseHandle(thread);
                }
                assert_eq!(code, number * 3, "{kind:?}");
            }
        });
        waited.expect("a slot");
        assert_eq!(sum.load(Ordering::Relaxed), THREADS * (THREADS + 1) / 2);
    });
}

/// A thread that Rust did not make calls a trampoline of the Windows convention.
#[test]
fn owned_by_a_thread_that_the_system_made() {
    with_each_kind(&|kind| {
        let owned: Trampoline<unsafe extern "system" fn(*mut c_void) -> u32, AnyThread> =
            Trampoline::new(|parameter: *mut c_void| u32::try_from(parameter.addr()).expect("small") + 1)
                .expect("a slot");
        assert_eq!(Kind::of(&owned), kind);
        let parameter = std::ptr::without_provenance_mut(41);
        let thread = unsafe { CreateThread(null(), 0, owned.as_fn(), parameter, 0, null_mut()) };
        let mut code = 0;
        unsafe {
            assert_eq!(WaitForSingleObject(thread, 20_000), 0);
            GetExitCodeThread(thread, &raw mut code);
            CloseHandle(thread);
        }
        assert_eq!(code, 42);
    });
}
