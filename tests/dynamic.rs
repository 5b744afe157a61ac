//! Callbacks whose types are known only at run time, called by each C compiler's code: every type, more arguments than there are
//! registers, every way to make such a callback, and what a misuse dies of. `packages/abi` has random types.
//!
//! The C side is `c/dynamic.c`.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each calls a function of c/dynamic.c, or a callback with the types of its prototype"
)]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::mem::transmute;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use tramp_rt::Trampoline;
use tramp_rt::dynamic::{Dynamic, Prototype, Type, Value};
use tramp_test_support::{Counted, alone, has_aborted};

/// As [`Dynamic`]'s pointer is, whatever it points to.
type Function = unsafe extern "C" fn();
type OfInt = unsafe extern "C" fn(i32);

/// The functions of `c/dynamic.c`, as one C compiler has made them.
#[repr(C)]
struct Callers {
    compiler: *const c_char,
    of_each_type: unsafe extern "C" fn(
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
        Function,
    ) -> u32,
    many: unsafe extern "C" fn(Function, Function) -> f64,
    call: unsafe extern "C" fn(Function, i32),
}

unsafe impl Sync for Callers {}

unsafe extern "C" {
    safe static dynamic_first: Callers;
    safe static dynamic_second: Callers;
}

/// Runs `test` with the code of each compiler.
fn with_each_compiler(test: impl Fn(&Callers)) {
    for callers in [&dynamic_first, &dynamic_second] {
        println!("called by the code of {:?}", unsafe { CStr::from_ptr(callers.compiler) });
        test(callers);
    }
}

fn prototype(arguments: &[Type], result: Type) -> Prototype {
    Prototype::new(arguments, result).expect("scalars")
}

/// `void (*)(int32_t)`
fn of_int() -> Prototype {
    prototype(&[Type::I32], Type::Void)
}

#[test]
fn every_type_comes_and_goes() {
    let types = [
        Type::I8,
        Type::I16,
        Type::I32,
        Type::I64,
        Type::U8,
        Type::U16,
        Type::U32,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Bool,
        Type::Pointer,
    ];
    let same = types.map(|of| {
        let same = prototype(&[of], of).closure(|args| args.value(0));
        Trampoline::<Dynamic>::new(same).expect("a slot")
    });
    let [i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, boolean, pointer] = same.each_ref().map(Trampoline::as_fn);
    with_each_compiler(|callers| {
        let wrong = unsafe { (callers.of_each_type)(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, boolean, pointer) };
        assert_eq!(wrong, 0, "bits of {types:?}");
    });
}

#[test]
fn more_arguments_than_registers() {
    let ten =
        [Type::I8, Type::F32, Type::I64, Type::F64, Type::U16, Type::F32, Type::F64, Type::I32, Type::U64, Type::F32];
    let many = prototype(&ten.repeat(4), Type::F64).closure(move |args| {
        for ((index, value), number) in args.iter().enumerate().zip(1_i8..) {
            let expected = match ten[index % 10] {
                Type::I8 => Value::I8(number),
                Type::I32 => Value::I32(number.into()),
                Type::I64 => Value::I64(number.into()),
                Type::U16 => Value::U16(number.unsigned_abs().into()),
                Type::U64 => Value::U64(number.unsigned_abs().into()),
                Type::F32 => Value::F32(number.into()),
                _ => Value::F64(number.into()),
            };
            assert_eq!(value, expected, "argument {index}");
        }
        f64::from(args.get::<f32>(39)) + 0.5
    });
    let nothing = prototype(&[Type::F32], Type::I32).closure(|args| if args.get::<f32>(0) > 2.0 { 7 } else { 0 });
    let many = Trampoline::<Dynamic>::new(many).expect("a slot");
    let nothing = Trampoline::<Dynamic>::new(nothing).expect("a slot");
    with_each_compiler(|callers| {
        let sum = unsafe { (callers.many)(many.as_fn(), nothing.as_fn()) };
        assert_eq!(sum.to_bits(), f64::from(20 * 7 + 20 * 40 + 10).to_bits());
    });
}

#[test]
fn every_kind_of_trampoline() {
    let of_int = of_int();
    with_each_compiler(|callers| {
        let call = |callback| unsafe { (callers.call)(callback, 3) };
        let seen = Arc::new(Mutex::new(0));
        let counted = Counted::new();
        let add = || {
            let (seen, held) = (seen.clone(), counted.clone());
            move |args: tramp_rt::dynamic::Arguments<'_>| {
                let _ = &held;
                *seen.lock().unwrap() += args.get::<i32>(0);
            }
        };
        let sum = || std::mem::take(&mut *seen.lock().unwrap());

        let shared = Trampoline::<Dynamic>::new(of_int.closure(add())).expect("a slot");
        assert!(!shared.is_direct());
        call(shared.as_fn());
        call(shared.as_fn());
        assert_eq!((sum(), counted.others()), (6, 1));
        drop(shared);
        assert_eq!(counted.others(), 0);

        let once = Trampoline::<Dynamic>::once(of_int.closure_once(add())).expect("a slot");
        call(once);
        assert_eq!((sum(), counted.others()), (3, 0));

        let counting = Trampoline::<Dynamic>::counted(of_int.closure(add())).expect("a slot");
        call(counting.as_fn());
        assert_eq!((sum(), counting.running()), (3, Some(0)));

        let local = Rc::new(Cell::new(0));
        let own = local.clone();
        let add_local = of_int.closure(move |args| own.set(own.get() + args.get::<i32>(0)));
        let adding = Trampoline::<Dynamic>::local(add_local).expect("a slot");
        call(adding.as_fn());
        assert_eq!(local.get(), 3);

        let mut lent = 0;
        let add_lent = of_int.closure_mut(|args| lent += args.get::<i32>(0));
        Trampoline::<Dynamic>::scoped_mut(add_lent, |callback| {
            call(callback);
            call(callback);
        })
        .expect("a slot");
        assert_eq!(lent, 6);

        match Trampoline::<Dynamic>::protected(of_int.closure(add())) {
            Ok(protected) => call(protected.as_fn()),
            Err(failed) => {
                println!("not protected here: {failed}");
                call(Trampoline::<Dynamic>::new(of_int.closure(failed.closure.into_inner())).expect("a slot").leak());
            }
        }
        assert_eq!(sum(), 3);
        call(Trampoline::<Option<Dynamic>>::new(of_int.closure(add())).expect("a slot").leak().expect("never NULL"));
        assert_eq!(sum(), 3);
    });
    Trampoline::<Dynamic>::reserve(10).expect("a stock");
}

#[test]
fn a_closure_drops_its_own_trampoline() {
    with_each_compiler(|callers| {
        let counted = Counted::new();
        let place = Rc::new(Cell::new(None));
        let (own, held) = (place.clone(), counted.clone());
        let listener = of_int().closure_mut(move |_| {
            drop(own.take());
            assert_eq!(held.others(), 1);
        });
        let listener = Trampoline::<Dynamic>::local_mut(listener).expect("a slot");
        let pointer = listener.as_fn();
        place.set(Some(listener));
        unsafe { (callers.call)(pointer, 1) };
        assert_eq!((counted.others(), Rc::strong_count(&place)), (0, 1));
    });
}

#[test]
fn no_arguments_and_no_result() {
    let mut calls = 0;
    let count = prototype(&[], Type::Void).closure_mut(|args| {
        assert_eq!((args.len(), format!("{args:?}")), (0, "[]".into()));
        calls += 1;
    });
    Trampoline::<Dynamic>::scoped_mut(count, |count| unsafe { count() }).expect("a slot");
    assert_eq!(calls, 1);
}

#[test]
fn words_are_as_wide_as_pointers() {
    let mut seen = 0;
    let word = prototype(&[Type::Pointer, Type::of::<usize>()], Type::of::<isize>()).closure_mut(|args| {
        assert_eq!(args.value(1).of(), Type::of::<usize>());
        assert_eq!(args.get::<*const c_char>(0).addr(), args.get::<usize>(1));
        seen += 1;
        -5_isize
    });
    Trampoline::<Dynamic>::scoped_mut(word, |word| unsafe {
        let word = transmute::<Function, unsafe extern "C" fn(*const c_void, usize) -> isize>(word);
        assert_eq!(word(std::ptr::without_provenance(77), 77), -5);
    })
    .expect("a slot");
    assert_eq!(seen, 1);
}

/// The rest of what a program says when it dies of this test.
fn death_of(test: &str) -> String {
    let output = alone(&format!("dies::{test}")).env("TRAMP_TEST_DIES", "1").output().expect("this program");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(has_aborted(output.status), "{test}: {}, {said}", output.status);
    said
}

#[test]
fn a_misuse_dies_by_name() {
    for (test, message) in [
        ("late", "after its trampoline was dropped"),
        ("recursive", "while it was running"),
        ("twice", "was called a second time"),
        ("of_another_type", "argument 0 is I32 in the prototype, and was read as U32"),
        ("of_no_argument", "argument 1 was read, which the prototype does not have"),
        ("of_no_value", "there is no argument 1, as the prototype has 1"),
        ("of_another_result", "the closure returned I64, and the prototype's result is Void"),
        ("panicking", "the closure's own words"),
    ] {
        let said = death_of(test);
        assert!(said.contains(message), "{test}: {said}");
    }
}

mod dies {
    use super::{Cell, Dynamic, OfInt, Trampoline, Type, Value, of_int, transmute};
    use tramp_rt::dynamic::Arguments;

    /// Calls such a closure in a process that dies of it.
    fn call<R: Into<Value> + 'static>(closure: fn(Arguments<'_>) -> R) {
        if std::env::var_os("TRAMP_TEST_DIES").is_some() {
            let callback = Trampoline::<Dynamic>::new(of_int().closure(closure)).expect("a slot");
            unsafe { transmute::<unsafe extern "C" fn(), OfInt>(callback.as_fn())(7) }
        }
    }

    #[test]
    fn late() {
        if std::env::var_os("TRAMP_TEST_DIES").is_some() {
            let late = Trampoline::<Dynamic>::new(of_int().closure(|_| ())).expect("a slot").as_fn();
            unsafe { transmute::<unsafe extern "C" fn(), OfInt>(late)(7) }
        }
    }

    #[test]
    fn twice() {
        if std::env::var_os("TRAMP_TEST_DIES").is_some() {
            Trampoline::<Dynamic>::scoped_once(of_int().closure_once(|_| ()), |once| unsafe {
                let once = transmute::<unsafe extern "C" fn(), OfInt>(once);
                once(1);
                once(2);
            })
            .expect("a slot");
        }
    }

    #[test]
    fn recursive() {
        if std::env::var_os("TRAMP_TEST_DIES").is_some() {
            let own = Cell::new(None::<OfInt>);
            let again = of_int().closure_mut(|args| unsafe { own.get().expect("itself")(args.get(0)) });
            Trampoline::<Dynamic>::scoped_mut(again, |again| unsafe {
                own.set(Some(transmute::<unsafe extern "C" fn(), OfInt>(again)));
                own.get().expect("itself")(1);
            })
            .expect("a slot");
        }
    }

    #[test]
    fn of_another_type() {
        call(|args| _ = args.get::<u32>(0));
    }

    #[test]
    fn of_no_argument() {
        call(|args| _ = args.get::<i32>(1));
    }

    #[test]
    fn of_no_value() {
        call(|args| _ = args.value(1).of() == Type::Void);
    }

    #[test]
    fn of_another_result() {
        call(|_| 3_i64);
    }

    #[test]
    fn panicking() {
        call(|_| -> () { panic!("the closure's own words") });
    }
}
