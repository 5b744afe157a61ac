//! Callbacks with variable arguments, called by the code of each C compiler: every type behind `...`, more arguments
//! than there are registers, named arguments of every kind, every way to make such a callback, and misuse.
//!
//! The C side is `c/variadic.c`.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each calls a function of c/variadic.c with the types it declares"
)]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ushort, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex};

use tramp_rt::{Trampoline, VaArgs, trampoline};
use tramp_test_support::{Counted, alone, has_aborted};

/// What C is about to pass behind `...`.
#[repr(C)]
struct Expected {
    types: *const c_char,
    values: *const i64,
}

#[trampoline]
type Typed = unsafe extern "C" fn(expected: &Expected, place: *const c_char, ...) -> i32;
type Format = unsafe extern "C" fn(context: *mut c_void, format: *const c_char, ...) -> c_int;
type FiveNamed = unsafe extern "C" fn(*const c_char, c_int, *const c_char, c_int, *const c_char, ...);
type MixedNamed = unsafe extern "C" fn(f64, c_int, f32, ...) -> f64;
type NarrowNamed =
    unsafe extern "C" fn(c_schar, c_uchar, c_short, c_ushort, bool, c_longlong, Option<&'static c_char>, ...) -> bool;
#[rustfmt::skip]
#[trampoline]
type ManyNamed = unsafe extern "C" fn(
    f32, f64, c_int, f32, c_longlong, f64, c_schar, f32, f32, f64, f64, f32, f32, f64, f64, f32, c_int, f32, c_schar, c_short,
    c_longlong, c_int, c_int, ...
) -> f32;
type Results = (
    unsafe extern "C" fn(c_int, ...) -> c_schar,
    unsafe extern "C" fn(c_int, ...) -> c_longlong,
    unsafe extern "C" fn(c_int, ...) -> *const c_char,
    unsafe extern "C" fn(c_int, ...) -> f32,
    unsafe extern "C" fn(c_int, ...),
);

/// The functions of `c/variadic.c`, as one C compiler has made them.
#[repr(C)]
struct Callers {
    compiler: *const c_char,
    differ: unsafe extern "C" fn(types: *const c_char, values: *const i64, list: *mut c_void) -> i32,
    of_each_type: unsafe extern "C" fn(Typed, calls: &mut i32) -> i32,
    formats: unsafe extern "C" fn(Format, context: *mut c_void) -> i32,
    five_named: unsafe extern "C" fn(FiveNamed),
    mixed_named: unsafe extern "C" fn(MixedNamed) -> f64,
    narrow_named: unsafe extern "C" fn(NarrowNamed) -> bool,
    many_named: unsafe extern "C" fn(ManyNamed) -> f32,
    #[allow(clippy::type_complexity, reason = "as C has it")]
    results: unsafe extern "C" fn(
        unsafe extern "C" fn(c_int, ...) -> c_schar,
        unsafe extern "C" fn(c_int, ...) -> c_longlong,
        unsafe extern "C" fn(c_int, ...) -> *const c_char,
        unsafe extern "C" fn(c_int, ...) -> f32,
        unsafe extern "C" fn(c_int, ...),
    ) -> bool,
    once: unsafe extern "C-unwind" fn(*const (), returned: &mut i32),
    often: unsafe extern "C" fn(Format, context: *mut c_void, count: i64) -> i64,
}

unsafe impl Sync for Callers {}

unsafe extern "C" {
    safe static variadic_first: Callers;
    safe static variadic_second: Callers;
}

/// Runs `test` with the code of each compiler.
fn with_each_compiler(test: impl Fn(&Callers)) {
    for callers in [&variadic_first, &variadic_second] {
        println!("called by the code of {:?}", unsafe { CStr::from_ptr(callers.compiler) });
        test(callers);
    }
}

/// Reads the first `count` arguments, and lets C read the others. Returns how many differ.
fn differ(callers: &Callers, expected: &Expected, place: *const c_char, args: &mut VaArgs<'_>, count: usize) -> i32 {
    let types = unsafe { CStr::from_ptr(expected.types) }.to_bytes();
    let mut wrong = 0;
    for (index, letter) in types[..count].iter().enumerate() {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "whole numbers and short distances"
        )]
        #[allow(clippy::cast_lossless, clippy::useless_conversion, reason = "a `long` is of different sizes")]
        let value = match letter {
            b'i' => i64::from(unsafe { args.next::<c_int>() }),
            b'u' => i64::from(unsafe { args.next::<c_uint>() }),
            b'l' => i64::from(unsafe { args.next::<c_long>() }),
            b'q' => unsafe { args.next::<c_longlong>() },
            b'z' => i64::try_from(unsafe { args.next::<usize>() }).unwrap(),
            b'p' => unsafe { args.next::<*const c_char>() }.addr().wrapping_sub(place.addr()) as i64,
            b'd' => (unsafe { args.next::<f64>() } * 2.0) as i64,
            _ => unreachable!("Rust has no such type"),
        };
        let sent = unsafe { *expected.values.add(index) };
        if value != sent {
            println!("argument {index} of {:?}: {value} arrived, and C sent {sent}", String::from_utf8_lossy(types));
            wrong += 1;
        }
    }
    let (types, values) = unsafe { (expected.types.add(count), expected.values.add(count)) };
    wrong + unsafe { (callers.differ)(types, values, args.as_va_list()) }
}

#[test]
fn every_type_arrives_and_c_reads_on_from_any_of_them() {
    with_each_compiler(|callers| {
        let mut first = 0;
        while {
            let mut is_longer = false;
            let typed = |expected: &Expected, place, mut args: VaArgs<'_>| {
                let types = unsafe { CStr::from_ptr(expected.types) }.to_bytes();
                let read_in_rust = types.iter().position(|&letter| letter == b'L').unwrap_or(types.len());
                is_longer |= read_in_rust > first;
                differ(callers, expected, place, &mut args, first.min(read_in_rust))
            };
            let mut calls = 0;
            let wrong = Trampoline::<Typed>::scoped_mut(typed, |typed| unsafe {
                (callers.of_each_type)(Typed(typed), &mut calls)
            });
            assert_eq!((wrong.expect("a slot"), calls), (0, 10), "{first} arguments read in Rust");
            is_longer
        } {
            first += 1;
        }
        assert_eq!(first, 19, "of the longest call");
    });
}

#[test]
fn a_copy_reads_again() {
    with_each_compiler(|callers| {
        let typed = |expected: &Expected, place, mut args: VaArgs<'_>| {
            let (types, values) = (expected.types, expected.values);
            let before = unsafe { (callers.differ)(types, values, args.as_va_list()) };
            let again = unsafe { (callers.differ)(types, values, args.as_va_list()) };
            before + again + differ(callers, expected, place, &mut args, 0)
        };
        let mut calls = 0;
        let wrong =
            Trampoline::<Typed>::scoped(typed, |typed| unsafe { (callers.of_each_type)(Typed(typed), &mut calls) });
        assert_eq!(wrong.expect("a slot"), 0);
    });
}

#[test]
fn c_formats() {
    with_each_compiler(|callers| {
        let mut lines = Vec::new();
        let format = |context: *mut c_void, format, args: VaArgs<'_>| {
            assert_eq!(context.addr(), 77);
            let line = unsafe { args.format(format) }.expect("C can write it");
            let bytes = line.count_bytes();
            lines.push(line);
            c_int::try_from(bytes).unwrap()
        };
        let bytes = Trampoline::<Format>::scoped_mut(format, |callback| unsafe {
            (callers.formats)(callback, std::ptr::without_provenance_mut(77))
        })
        .expect("a slot");
        let long = format!("   42|{:<300}|", "long");
        let expected = ["disk: 7 of 9.5!", "no arguments at all", "1 2 3 4 5 6 7 8 9 10", &long];
        assert_eq!(lines, expected.map(|line| CString::new(line).unwrap()));
        assert_eq!(bytes, c_int::try_from(expected.map(str::len).iter().sum::<usize>()).unwrap());
    });
}

#[test]
fn a_text_of_every_length_near_the_room_that_is_tried_first() {
    let made = Mutex::new(None);
    let format = |_: *mut c_void, format, args: VaArgs<'_>| {
        *made.lock().unwrap() = unsafe { args.format(format) };
        0
    };
    Trampoline::<Format>::scoped(format, |callback| {
        for bytes in [0, 1, 254, 255, 256, 257, 5000] {
            let text = CString::new("x".repeat(bytes)).unwrap();
            unsafe { callback(null_mut(), c"%s".as_ptr(), text.as_ptr()) };
            assert_eq!(made.lock().unwrap().take(), Some(text));
        }
        unsafe { callback(null_mut(), c"ab%cde".as_ptr(), 0 as c_int) };
        assert_eq!(made.lock().unwrap().take(), Some(c"ab".to_owned()), "up to the zero");
    })
    .expect("a slot");
}

/// In the locale "C" there is no such character.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_c_cannot_write_is_none() {
    let mut texts = Vec::new();
    let format = |_: *mut c_void, format, args: VaArgs<'_>| {
        texts.push(unsafe { args.format(format) });
        0
    };
    Trampoline::<Format>::scoped_mut(format, |callback| unsafe {
        callback(null_mut(), c"%lc".as_ptr(), 0x20ac as c_int)
    })
    .expect("a slot");
    assert_eq!(texts, [None]);
}

#[test]
fn named_arguments_of_every_kind() {
    with_each_compiler(|callers| {
        let mut lines = Vec::new();
        let five = |file: *const c_char,
                    line: c_int,
                    function: *const c_char,
                    error: c_int,
                    format,
                    args: VaArgs<'_>| unsafe {
            let text = args.format(format).expect("C can write it");
            lines.push(format!("{:?} {line} {:?} {error} {text:?}", CStr::from_ptr(file), CStr::from_ptr(function)));
        };
        Trampoline::<FiveNamed>::scoped_mut(five, |five| unsafe { (callers.five_named)(five) }).expect("a slot");
        assert_eq!(lines, [r#""card.c" 12 "open" -2 "hw 3""#]);

        let mixed = |a: f64, count: c_int, b: f32, mut args: VaArgs<'_>| {
            assert_eq!((a, count, b), (1.5, 8, 2.5));
            (0..count)
                .map(|at| unsafe { if at % 2 == 0 { args.next::<f64>() } else { args.next::<c_int>().into() } })
                .sum()
        };
        let sum = Trampoline::<MixedNamed>::scoped(mixed, |mixed| unsafe { (callers.mixed_named)(mixed) });
        assert_eq!(sum.expect("a slot").to_bits(), 36.0_f64.to_bits());

        let narrow = |a, b, c, d, e, f, place: Option<&c_char>, mut args: VaArgs<'_>| {
            assert_eq!((a, b, c, d, e, f, place.copied()), (-1, 200, -300, 60000, true, -5, Some(0)));
            unsafe {
                args.next::<c_int>() == 6
                    && args.next::<f64>().to_bits() == 7.5_f64.to_bits()
                    && args.next::<c_longlong>() == 8
            }
        };
        let same = Trampoline::<NarrowNamed>::scoped(narrow, |narrow| unsafe { (callers.narrow_named)(narrow) });
        assert!(same.expect("a slot"));
    });
}

#[test]
#[rustfmt::skip]
fn more_named_arguments_than_registers() {
    with_each_compiler(|callers| {
        let many = |a: f32, b: f64, c: c_int, d: f32, e: c_longlong, f: f64, g: c_schar, h: f32, i: f32, j: f64, k: f64, l: f32,
                    m: f32, n: f64, o: f64, p: f32, q: c_int, r: f32, s: c_schar, t: c_short, u: c_longlong, v: c_int, w: c_int,
                    mut args: VaArgs<'_>| {
            assert_eq!((a, b, c, d, e, f, g, h), (0.5, 1.5, 2, 3.5, 4, 5.5, 6, 7.5));
            assert_eq!((i, j, k, l, m, n, o, p), (8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5));
            assert_eq!((q, r, s, t, u, v, w), (16, 17.5, 18, 19, 20, 21, 22));
            let rest = unsafe {
                (args.next::<f64>(), args.next::<c_int>(), args.next::<f64>(), args.next::<c_longlong>(), args.next::<c_int>())
            };
            assert_eq!(rest, (23.5, 24, 25.5, 26, 27));
            28.5
        };
        let result = Trampoline::<ManyNamed>::scoped(many, |many| unsafe { (callers.many_named)(ManyNamed(many)) });
        assert_eq!(result.expect("a slot").to_bits(), 28.5_f32.to_bits());
    });
}

#[test]
fn results_of_every_kind() {
    fn next(args: &mut VaArgs<'_>) -> c_int {
        unsafe { args.next() }
    }
    with_each_compiler(|callers| {
        let seen = Arc::new(Mutex::new(0));
        let count = seen.clone();
        let narrow = Trampoline::<unsafe extern "C" fn(c_int, ...) -> c_schar>::new(|_, mut args| {
            c_schar::try_from(-1 - next(&mut args)).unwrap()
        });
        let wide = Trampoline::<unsafe extern "C" fn(c_int, ...) -> c_longlong>::new(|_, mut args| {
            c_longlong::from(next(&mut args)) * -2_500_000_000
        });
        let pointer = Trampoline::<unsafe extern "C" fn(c_int, ...) -> *const c_char>::new(|_, mut args| unsafe {
            args.next::<*const c_char>().wrapping_add(1)
        });
        #[allow(clippy::cast_possible_truncation, reason = "it has few digits")]
        let single = Trampoline::<unsafe extern "C" fn(c_int, ...) -> f32>::new(|named, mut args| {
            assert_eq!(named, 1);
            unsafe { args.next::<f64>() as f32 + 1.0 }
        });
        let nothing = Trampoline::<unsafe extern "C" fn(c_int, ...)>::new(move |named, mut args| {
            *count.lock().unwrap() += named + next(&mut args);
        });
        let (narrow, wide, pointer) = (narrow.expect("a slot"), wide.expect("a slot"), pointer.expect("a slot"));
        let (single, nothing) = (single.expect("a slot"), nothing.expect("a slot"));
        let all: Results = (narrow.as_fn(), wide.as_fn(), pointer.as_fn(), single.as_fn(), nothing.as_fn());
        assert!(unsafe { (callers.results)(all.0, all.1, all.2, all.3, all.4) });
        assert_eq!(*seen.lock().unwrap(), 3);
    });
}

#[test]
fn every_kind_of_trampoline() {
    type Sum = unsafe extern "C" fn(c_int, ...) -> c_int;
    fn sum(count: c_int, mut args: VaArgs<'_>) -> c_int {
        (0..count).map(|_| unsafe { args.next::<c_int>() }).sum()
    }
    fn call(function: Sum) -> c_int {
        unsafe { function(3, 1 as c_int, 2 as c_int, 3 as c_int) }
    }

    let counted = Counted::new();
    let mut calls = 0;
    let held = counted.clone();
    let mut exclusive = Trampoline::<Sum>::new_mut(move |count, args| {
        let _ = &held;
        calls += 1;
        calls * 100 + sum(count, args)
    })
    .expect("a slot");
    assert!(!exclusive.is_direct());
    assert_eq!([call(exclusive.as_fn()), call(exclusive.as_fn())], [106, 206]);
    let _ = &mut exclusive;
    assert_eq!(counted.others(), 1);
    drop(exclusive);
    assert_eq!(counted.others(), 0);

    let held = counted.clone();
    let once = Trampoline::<Sum>::once(move |count, args| {
        drop(held);
        sum(count, args)
    });
    assert_eq!(call(once.expect("a slot")), 6);
    assert_eq!(counted.others(), 0);

    let counting = Trampoline::<Sum>::counted(sum).expect("a slot");
    assert_eq!(call(counting.as_fn()), 6);
    let leaked = Trampoline::<Option<Sum>>::new(sum).expect("a slot").leak().expect("never NULL");
    assert_eq!(call(leaked), 6);
    let local = Trampoline::<Sum>::local(sum).expect("a slot");
    assert_eq!(call(local.as_fn()), 6);
    match Trampoline::<Sum>::protected(sum) {
        Ok(protected) => assert_eq!(call(protected.as_fn()), 6),
        Err(failed) => println!("not protected here: {failed}"),
    }
    Trampoline::<Sum>::reserve(10).expect("a stock");
}

/// A callback without a named argument. C has it since C23.
#[test]
fn no_named_argument() {
    #[trampoline]
    type Any = unsafe extern "C" fn(...) -> c_int;
    let twice = Trampoline::<Any>::local(|mut args| 2 * unsafe { args.next::<c_int>() }).expect("a slot");
    assert_eq!(unsafe { twice.as_fn()(21 as c_int) }, 42);
}

#[trampoline]
unsafe extern "C" fn on_message(
    log: &mut Vec<String>,
    context: *mut c_void,
    format: *const c_char,
    args: ...
) -> c_int {
    log.push(format!("{context:?} {:?}", unsafe { args.format(format) }));
    c_int::try_from(log.len()).unwrap()
}

#[test]
fn a_handler() {
    let handler = on_message::bind(Vec::new()).expect("a slot");
    let call = handler.as_fn();
    assert_eq!(unsafe { call(null_mut(), c"%d".as_ptr(), 1 as c_int) + call(null_mut(), c"two".as_ptr()) }, 3);
}

struct Log(Vec<String>);

#[repr(C)]
#[derive(Clone, Copy)]
struct Logger {
    message: Option<Format>,
    error: Option<unsafe extern "C" fn(c_int, *const c_char, ...)>,
    lines: unsafe extern "C" fn() -> usize,
}

#[trampoline(ops = Logger)]
impl Log {
    unsafe extern "C" fn message(&mut self, _context: *mut c_void, format: *const c_char, args: ...) -> c_int {
        self.0.extend(unsafe { args.format(format) }.and_then(|text| text.into_string().ok()));
        0
    }
    extern "C" fn error(&mut self, code: c_int, _format: *const c_char, mut args: ...) {
        self.0.push(format!("{code}: {}", unsafe { args.next::<c_int>() }));
    }
    extern "C" fn lines(&mut self) -> usize {
        self.0.len()
    }
}

#[test]
fn a_struct_of_callbacks() {
    extern "C" fn none() -> usize {
        0
    }
    let bound = Log(Vec::new()).bind(Logger { message: None, error: None, lines: none }).expect("slots");
    unsafe {
        let logger = *bound.as_ptr();
        logger.message.unwrap()(null_mut(), c"%d %s".as_ptr(), 1 as c_int, c"a".as_ptr());
        logger.error.unwrap()(7, null(), 8 as c_int);
        assert_eq!((logger.lines)(), 2);
    }
}

mod in_a_block {
    use super::{Format, VaArgs, c_char, c_int, c_void, trampoline};

    static mut KEPT: Option<Format> = None;

    #[unsafe(no_mangle)]
    unsafe extern "C" fn variadic_install(callback: Option<Format>, context: *mut c_void) -> c_int {
        unsafe {
            KEPT = callback;
            callback.map_or(-1, |callback| callback(context, c"%d%d".as_ptr(), 4 as c_int, 2 as c_int))
        }
    }
    pub(super) unsafe fn call_again() -> c_int {
        unsafe { KEPT.unwrap()(std::ptr::null_mut(), c"again".as_ptr()) }
    }

    #[trampoline]
    unsafe extern "C" {
        #[link_name = "variadic_install"]
        pub(super) fn lend(
            callback: impl FnMut(*mut c_void, *const c_char, VaArgs<'_>) -> c_int,
            context: *mut c_void,
        ) -> c_int;
        #[link_name = "variadic_install"]
        pub(super) fn lend_or_not(
            callback: Option<impl Fn(*mut c_void, *const c_char, tramp_rt::VaArgs<'_>) -> c_int>,
            context: *mut c_void,
        ) -> c_int;
        #[link_name = "variadic_install"]
        pub(super) fn keep(
            #[scope(owned)]
            #[on_panic(return = -3)]
            callback: impl FnMut(*mut c_void, *const c_char, VaArgs<'_>) -> c_int + Send + 'static,
            context: *mut c_void,
        ) -> c_int;
    }
}

#[test]
fn an_extern_block() {
    let mut texts = Vec::new();
    let log = |_, format, args: VaArgs<'_>| {
        texts.push(unsafe { args.format(format) }.unwrap());
        9
    };
    assert_eq!(unsafe { in_a_block::lend(log, null_mut()) }, 9);
    assert_eq!(texts, [c"42".to_owned()]);
    let read = |_, _, mut args: VaArgs<'_>| unsafe { args.next::<c_int>() * 10 + args.next::<c_int>() };
    assert_eq!(unsafe { in_a_block::lend_or_not(Some(read), null_mut()) }, 42);
    assert_eq!(unsafe { in_a_block::lend_or_not(Some(read).filter(|_| false), null_mut()) }, -1);

    let mut calls = 0;
    let (first, kept) = unsafe {
        in_a_block::keep(
            move |_, _, _| {
                calls += 1;
                assert!(calls < 3, "enough");
                calls
            },
            null_mut(),
        )
    };
    assert_eq!(first, 1);
    assert_eq!(unsafe { [in_a_block::call_again(), in_a_block::call_again()] }, [2, -3]);
    drop(kept);
}

#[test]
fn a_panic_unwinds_through_c_and_the_spill_routine() {
    type Once = unsafe extern "C-unwind" fn(c_int, ...);
    with_each_compiler(|callers| {
        let dropped = Cell::new(false);
        let mut returned = 0;
        let once = |named, mut args: VaArgs<'_>| {
            struct Dropped<'a>(&'a Cell<bool>);
            impl Drop for Dropped<'_> {
                fn drop(&mut self) {
                    self.0.set(true);
                }
            }
            let _local = Dropped(&dropped);
            let (two, more): (c_int, f64) = unsafe { (args.next(), args.next()) };
            panic!("{named} {two} {more}");
        };
        let payload = Trampoline::<Once>::scoped(once, |once| {
            catch_unwind(AssertUnwindSafe(|| unsafe { (callers.once)(once as *const (), &mut returned) }))
        });
        let payload = payload.expect("a slot").expect_err("it panics");
        assert_eq!(payload.downcast_ref::<String>().map(String::as_str), Some("1 2 3.5"));
        assert!(dropped.get() && returned == 0);
    });
}

#[test]
fn many_calls() {
    with_each_compiler(|callers| {
        let read = |_: *mut c_void, _: *const c_char, mut args: VaArgs<'_>| unsafe {
            #[allow(clippy::cast_possible_truncation, reason = "small numbers")]
            let more = args.next::<c_int>() + args.next::<f64>() as c_int + args.next::<c_long>() as c_int;
            more
        };
        let sum = Trampoline::<Format>::scoped(read, |read| unsafe { (callers.often)(read, null_mut(), 1000) });
        assert_eq!(sum.expect("a slot"), (0..1000).map(|i| i + 5).sum());
    });
}

#[test]
fn a_late_call_dies_by_name() {
    let output = alone("dies::late").env("TRAMP_TEST_DIES", "1").output().expect("this program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(has_aborted(output.status) && said.contains("after its trampoline was dropped"), "{said}");
}

mod dies {
    use super::{Trampoline, c_int};

    #[test]
    fn late() {
        if std::env::var_os("TRAMP_TEST_DIES").is_none() {
            return;
        }
        let late = Trampoline::<unsafe extern "C" fn(c_int, ...)>::new(|_, _| ()).expect("a slot").as_fn();
        unsafe { late(1, 2.0_f64) }
    }
}
