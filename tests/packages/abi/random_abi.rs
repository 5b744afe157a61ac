//! Random signatures. The code of each C compiler that was found calls a closure of each signature, and both ends compare
//! every value.
//!
//! The build script makes the signatures from a seed. `build.rs` says how to choose another. C calls the trampoline through a
//! guard, which looks whether each register that the convention preserves is as it was, the stack pointer included. The
//! closure looks whether its stack and its arguments are aligned.
//!
//! Other tests show that each of these checks can fail.

#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "all calls are of generated C functions and of the guard, by the types that were generated"
)]
#![allow(improper_ctypes_definitions, reason = "vectors, and in Rust 1.85 i128")]

use std::ffi::{CStr, c_char};
use std::hint::black_box;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tramp_rt::__private::{Accepts, Code, Delivery};
use tramp_rt::dynamic::{self, Arguments, Dynamic, Prototype};
use tramp_rt::{Signature, Trampoline, UserData};
use tramp_test_support::{Kind, alone, with_each_kind};

#[macro_use]
mod values;

use values::{Value, Values, pointer};

/// A generated C function. It calls its target through the guard and says what is wrong with the result.
type Caller = unsafe extern "C" fn(target: *const ()) -> u64;

/// The bit of a caller's answer that stands for no register.
const RESULT_DIFFERS: u64 = 1 << 63;

// What values.h and guard_<processor>.S say.
unsafe extern "C" {
    static mut abi_guard_target: *const ();
    static mut abi_guard_changed: u64;
    static abi_guard_registers: c_char;
    static abi_guard_spoilers: *const ();
    static abi_guard_every: extern "C" fn();
    fn abi_guard_misalign(function: extern "C" fn());
}

/// The guard is for one thread at a time.
fn have_guard() -> MutexGuard<'static, ()> {
    static GUARD: Mutex<()> = Mutex::new(());
    GUARD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn register_names() -> Vec<&'static str> {
    let names = unsafe { CStr::from_ptr(&raw const abi_guard_registers) };
    names.to_str().expect("ASCII").split_whitespace().collect()
}

/// What a closure or a function saw.
struct Arrived {
    calls: u32,
    wrong: Vec<String>,
}

impl Arrived {
    const fn nothing() -> Self {
        Self { calls: 0, wrong: Vec::new() }
    }

    fn argument<T: Value>(&mut self, name: &str, argument: &T, values: &mut Values) {
        if !argument.same(T::draw(values)) {
            self.wrong.push(format!("{name} differs"));
        }
        if black_box(&raw const *argument).addr() % align_of::<T>() != 0 {
            self.wrong.push(format!("{name} is not aligned"));
        }
    }

    fn stack(&mut self) {
        if !stack_is_aligned() {
            self.wrong.push("the stack is not aligned".into());
        }
    }
}

/// Whether a variable has the alignment that compilers expect of a stack.
#[inline(never)]
fn stack_is_aligned() -> bool {
    #[cfg_attr(target_arch = "arm", repr(align(8)))]
    #[cfg_attr(target_arch = "s390x", repr(align(8)))]
    #[cfg_attr(not(any(target_arch = "arm", target_arch = "s390x")), repr(align(16)))]
    struct Aligned;
    let variable = MaybeUninit::<(Aligned, u8)>::uninit();
    black_box(variable.as_ptr()).addr() % align_of::<Aligned>() == 0
}

/// Has C call a closure or a function, and returns what both sides say of it.
type Run = fn(call: &mut dyn FnMut(*const ()) -> u64) -> (u64, Arrived);

/// What a closure and a function do for a signature. They compare the arguments and return the value that C expects.
macro_rules! compare {
    ($arrived:expr, $index:literal, $($name:ident)*) => {{
        let arrived: &mut Arrived = $arrived;
        let mut values = Values::of($index);
        arrived.calls += 1;
        arrived.stack();
        $(arrived.argument(stringify!($name), &$name, &mut values);)*
        Value::draw(&mut values)
    }};
}

/// Runs a closure for this signature.
macro_rules! run {
    ($callback:ty, $index:literal, ($($name:ident: $type:ty),*) -> $result:ty) => {
        |call| {
            let mut arrived = Arrived::nothing();
            let closure = |$($name: $type),*| -> $result { compare!(&mut arrived, $index, $($name)*) };
            match Trampoline::<$callback>::scoped_mut(closure, |callback| call(callback as *const ())) {
                Ok(answer) => (answer, arrived),
                Err(failed) => panic!("{}", failed.error),
            }
        }
    };
}

/// What a [`Case::plain`] saw.
static PLAIN: Mutex<Arrived> = Mutex::new(Arrived::nothing());

/// A generated signature.
struct Case {
    text: &'static str,
    closure: Run,
    /// A function, without a trampoline.
    plain: Run,
}

/// The generated signatures. For each there is a module with the callback type and a function. [`CASES`] has all.
macro_rules! signatures {
    ($($module:ident $index:literal $abi:literal fn($($name:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            mod $module {
                #[allow(unused_imports, reason = "not all name types of the program")]
                use super::*;
                pub(super) extern $abi fn plain($($name: $type),*) -> $result {
                    compare!(&mut PLAIN.lock().expect("not poisoned"), $index, $($name)*)
                }
                pub(super) struct Callback;
                tramp_rt::__private::signature! {
                    // SAFETY: the pointer types are the signature's, and `unsafe` to call.
                    promise: unsafe { tramp_rt::__private::Promise::new(tramp_rt::__private::VERSION) };
                    generics: [] [];
                    type: Callback;
                    pointer: unsafe extern $abi fn($($type),*) -> $result;
                    declared: unsafe extern $abi fn($($type),*) -> $result;
                    direct: 1;
                    fn: for<> extern $abi fn($($name: $type,)*) -> $result;
                }
            }
        )*
        static CASES: &[Case] = &[$(Case {
            text: stringify!(extern $abi fn($($type),*) -> $result),
            closure: run!($module::Callback, $index, ($($name: $type),*) -> $result),
            plain: |call| {
                let answer = call($module::plain as *const ());
                (answer, std::mem::replace(&mut PLAIN.lock().expect("not poisoned"), Arrived::nothing()))
            },
        }),*];
    };
}

/// A generated signature whose types are known only at run time.
struct DynamicCase {
    index: u64,
    arguments: &'static [dynamic::Type],
    result: dynamic::Type,
}

/// The type of a value of a dynamic call.
const fn type_of<T: dynamic::Scalar>() -> dynamic::Type {
    dynamic::Type::of::<T>()
}

macro_rules! dynamic {
    ($($index:literal ($($type:ty),*) -> $result:tt;)*) => {
        static DYNAMIC: &[DynamicCase] = &[$(DynamicCase {
            index: $index,
            arguments: &[$(type_of::<$type>()),*],
            result: dynamic!(@result $result),
        }),*];
    };
    (@result ()) => { dynamic::Type::Void };
    (@result $type:ty) => { type_of::<$type>() };
}

include!(concat!(env!("OUT_DIR"), "/signatures.rs"));

/// The type of the program for a type that is known only at run time.
macro_rules! with_type {
    ($of:expr, $Type:ident => $run:expr) => {{
        macro_rules! with {
            ($type:ty) => {{
                type $Type = $type;
                $run
            }};
        }
        match $of {
            dynamic::Type::Bool => with!(bool),
            dynamic::Type::I8 => with!(i8),
            dynamic::Type::I16 => with!(i16),
            dynamic::Type::I32 => with!(i32),
            dynamic::Type::I64 => with!(i64),
            dynamic::Type::U8 => with!(u8),
            dynamic::Type::U16 => with!(u16),
            dynamic::Type::U32 => with!(u32),
            dynamic::Type::U64 => with!(u64),
            dynamic::Type::F32 => with!(f32),
            dynamic::Type::F64 => with!(f64),
            dynamic::Type::Pointer => with!(pointer),
            other => unreachable!("{other:?} is no scalar"),
        }
    }};
}

/// What a dynamic closure does. It compares the arguments and returns the value that C expects.
fn answer(case: &DynamicCase, arrived: &mut Arrived, args: Arguments<'_>) -> dynamic::Value {
    let mut values = Values::of(case.index);
    arrived.calls += 1;
    arrived.stack();
    for (index, &of) in case.arguments.iter().enumerate() {
        let name = format!("argument {index}, {of:?},");
        with_type!(of, Type => arrived.argument(&name, &args.get::<Type>(index), &mut values));
    }
    match case.result {
        dynamic::Type::Void => dynamic::Value::Void,
        result => with_type!(result, Type => Type::draw(&mut values).into()),
    }
}

#[test]
fn every_value_arrives_where_types_are_known_at_run_time() {
    in_a_child("every_value_arrives_where_types_are_known_at_run_time", || {
        let mut failures = Vec::new();
        for (compiler, callers) in COMPILERS {
            for case in DYNAMIC {
                let call =
                    format!("{}, called by {compiler}'s code\t{:?} -> {:?}", case.index, case.arguments, case.result);
                println!("{call}"); // the last output, if the process ends here
                let prototype = Prototype::new(case.arguments, case.result).expect("scalars");
                let mut arrived = Arrived::nothing();
                let closure = prototype.closure_mut(|args| answer(case, &mut arrived, args));
                let caller = callers[usize::try_from(case.index).expect("an index")].expect("all agree about scalars");
                let answer = Trampoline::<Dynamic>::scoped_mut(closure, |target| {
                    overwrite_stack();
                    call_amid_values(caller, target as *const ())
                });
                let wrongs = wrong_in(answer.expect("a slot"), arrived);
                if !wrongs.is_empty() {
                    failures.push(format!("{call}\n  {}", wrongs.join(", ")));
                }
            }
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    });
}

/// Overwrites what was on the stack before, for example the address of a slot.
#[inline(never)]
fn overwrite_stack() {
    black_box([0x5555_5555_5555_5555_u64; 1024]);
}

/// It has more arguments than any processor has registers.
type Words = extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

/// Its caller overwrites what was in the registers for arguments.
extern "C" fn take_words(_: u64, _: u64, _: u64, _: u64, _: u64, _: u64, _: u64, _: u64, _: u64, _: u64) {}

/// Calls a C function that finds nothing of the slot in registers. Otherwise a wrong place could hold the slot by chance,
/// in a register for arguments or in one that the function has to save.
#[inline(never)]
fn call_amid_values(caller: Caller, target: *const ()) -> u64 {
    const VALUE: u64 = 0x5555_5555_5555_5555;
    macro_rules! amid {
        ($($value:ident)*) => {{
            $(let $value = black_box(VALUE);)*
            black_box(take_words as Words)(VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE);
            let answer = unsafe { caller(target) };
            $(black_box($value);)*
            answer
        }};
    }
    amid! { a b c d e f g h i j k l m n o p q r s t }
}

/// Has one compiler's C code call a closure, and returns what was wrong.
fn wrongs(run: Run, caller: Caller) -> Vec<String> {
    let (answer, arrived) = run(&mut |target| {
        overwrite_stack();
        call_amid_values(caller, target)
    });
    wrong_in(answer, arrived)
}

/// What was wrong, according to the caller's answer and to what arrived.
fn wrong_in(answer: u64, mut arrived: Arrived) -> Vec<String> {
    if arrived.calls != 1 {
        arrived.wrong.push(format!("{} calls arrived", arrived.calls));
    }
    if answer & RESULT_DIFFERS != 0 {
        arrived.wrong.push("the result differs".into());
    }
    for (bit, register) in register_names().into_iter().enumerate() {
        if answer & 1 << bit != 0 {
            arrived.wrong.push(format!("{register} is not preserved"));
        }
    }
    arrived.wrong
}

/// Has every compiler's C code call something for every signature.
fn call_each(what: &str, run: fn(&Case) -> Run) {
    let mut failures = Vec::new();
    for (compiler, callers) in COMPILERS {
        for (index, (case, caller)) in CASES.iter().zip(*callers).enumerate() {
            let text = case.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let call = format!("{index}, {what}, called by {compiler}'s code\t{text}");
            println!("{call}"); // the last output, if the process ends here
            let Some(caller) = *caller else { continue };
            let wrongs = wrongs(run(case), caller);
            if !wrongs.is_empty() {
                failures.push(format!("{call}\n  {}", wrongs.join(", ")));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Runs a test in its own process, because wrong arguments may end it.
fn in_a_child(test: &str, run: fn()) {
    const CHILD: &str = "TRAMP_ABI_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return run();
    }
    let child = alone(test).env(CHILD, "1").output().expect("a child process");
    let printed = String::from_utf8_lossy(&child.stdout);
    let last = printed.lines().rfind(|line| line.contains('\t')).unwrap_or_default();
    assert!(
        child.status.success(),
        "TRAMP_ABI_SEED={SEED:#x}, types in {}, {}, last was {last}\n{}",
        concat!(env!("OUT_DIR"), "/signatures.rs"),
        child.status,
        String::from_utf8_lossy(&child.stderr),
    );
}

/// If not, no trampoline can be right. Then the target's entry in `generator/target.rs` has to leave these types out.
#[test]
fn rustc_and_the_c_compilers_agree() {
    in_a_child("rustc_and_the_c_compilers_agree", || call_each("a function", |case| case.plain));
}

#[test]
fn every_value_arrives_under_every_signature() {
    in_a_child("every_value_arrives_under_every_signature", || {
        with_each_kind(&|kind| call_each(&format!("a closure, {kind:?}"), |case| case.closure));
    });
}

/// The signature `S`, with `P`'s answer to the question where the slot is.
struct Misplaced<S, P>(PhantomData<(S, P)>);

unsafe impl<S: Signature, P: Signature> Signature for Misplaced<S, P> {
    type Identity = S::Identity;
    type Panics = S::Panics;
    type Pointer = S::Pointer;
    type Declared = S::Declared;
    const DELIVERY: Delivery = P::DELIVERY;
    unsafe fn pointer(entry: *const (), data: UserData) -> S::Pointer {
        unsafe { S::pointer(entry, data) }
    }
    unsafe fn declared(entry: *const (), data: UserData) -> S::Declared {
        unsafe { S::declared(entry, data) }
    }
}

unsafe impl<K, S: Accepts<K>, P: Signature> Accepts<K> for Misplaced<S, P> {
    const CODE: &'static Code = S::CODE;
}

/// The signatures of words. Each has its own place of the slot, and the places of the signatures with one word less and one
/// more. These are another register, or more or fewer bytes of stack.
macro_rules! misplaced {
    ($($index:literal $less:ident $own:ident $more:ident ($($name:ident)*);)*) => {
        &[$([
            run!(Misplaced<$own::Callback, $own::Callback>, $index, ($($name: pointer),*) -> pointer),
            run!(Misplaced<$own::Callback, $less::Callback>, $index, ($($name: pointer),*) -> pointer),
            run!(Misplaced<$own::Callback, $more::Callback>, $index, ($($name: pointer),*) -> pointer),
        ]),*]
    };
}

static MISPLACED: &[[Run; 3]] = misplaced! {
    1 s0 s1 s2 (a);
    2 s1 s2 s3 (a b);
    3 s2 s3 s4 (a b c);
    4 s3 s4 s5 (a b c d);
    5 s4 s5 s6 (a b c d e);
    6 s5 s6 s7 (a b c d e f);
    7 s6 s7 s8 (a b c d e f g);
    8 s7 s8 s9 (a b c d e f g h);
    9 s8 s9 s10 (a b c d e f g h i);
    10 s9 s10 s11 (a b c d e f g h i j);
    11 s10 s11 s12 (a b c d e f g h i j k);
};

/// Either the comparison notices a wrong register or number of bytes, or the process ends.
#[test]
fn a_wrong_place_of_the_slot_is_seen() {
    const CASE: &str = "TRAMP_ABI_MISPLACED";
    let run = |words: usize, case: usize| {
        let (_, callers) = COMPILERS[0];
        let wrongs = wrongs(MISPLACED[words - 1][case], callers[words].expect("all agree about words"));
        assert!(wrongs.is_empty(), "{}", wrongs.join(", "));
    };
    if let Ok(case) = std::env::var(CASE) {
        // On Windows, an exception may look for its handler forever on such a stack.
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_secs(if cfg!(windows) { 2 } else { 60 }));
            std::process::abort();
        });
        let (words, case) = case.split_once(' ').expect("two numbers");
        return with_each_kind(&|kind| {
            if kind == Kind::Mapped {
                run(words.parse().expect("a number"), case.parse().expect("a number"));
            }
        });
    }
    for words in 1..=MISPLACED.len() {
        for case in 0..3 {
            let child = alone("a_wrong_place_of_the_slot_is_seen").env(CASE, format!("{words} {case}")).output();
            let passed = child.expect("a child process").status.success();
            assert_eq!(passed, case == 0, "{words} words, {}", ["its own place", "one less", "one more"][case]);
        }
    }
}

#[test]
fn a_register_that_is_not_preserved_is_seen() {
    let _guard = have_guard();
    for (bit, register) in register_names().into_iter().enumerate() {
        let changed = unsafe {
            abi_guard_target = *(&raw const abi_guard_spoilers).add(bit);
            abi_guard_every();
            abi_guard_changed
        };
        assert_eq!(changed, 1 << bit, "{register}");
    }
}

/// The check notices it, or the processor does earlier, as on aarch64.
#[test]
fn a_misaligned_stack_is_seen() {
    const CASE: &str = "TRAMP_ABI_MISALIGNED";
    extern "C" fn look() {
        assert!(stack_is_aligned());
    }
    match std::env::var(CASE).as_deref() {
        Ok("aligned") => look(),
        Ok(_) => unsafe { abi_guard_misalign(look) },
        Err(_) => {
            for case in ["aligned", "misaligned"] {
                let child = alone("a_misaligned_stack_is_seen").env(CASE, case).output().expect("a child process");
                assert_eq!(child.status.success(), case == "aligned", "{case}");
            }
        }
    }
}

#[test]
fn a_value_that_differs_is_seen() {
    extern "C" fn right(_: pointer) -> pointer {
        let mut values = Values::of(1);
        let _argument = pointer::draw(&mut values);
        Value::draw(&mut values)
    }
    extern "C" fn wrong(argument: pointer) -> pointer {
        right(argument).wrapping_add(1)
    }
    let _guard = have_guard();
    for (_, callers) in COMPILERS {
        let caller = callers[1].expect("all agree about words");
        assert_eq!(unsafe { caller(right as *const ()) }, 0);
        assert_eq!(unsafe { caller(wrong as *const ()) }, RESULT_DIFFERS);
    }
    let mut arrived = Arrived::nothing();
    arrived.argument("a", &pointer::draw(&mut Values::of(1)), &mut Values::of(1));
    assert!(arrived.wrong.is_empty());
    arrived.argument("b", &pointer::draw(&mut Values::of(2)), &mut Values::of(1));
    assert_eq!(arrived.wrong, ["b differs"]);
}
