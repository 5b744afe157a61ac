//! Signatures made at random: C, compiled by each C compiler that was found, calls closures under each of them, and
//! every value is compared at both ends.
//!
//! The build script writes the signatures from a seed (see `build.rs` for how to choose another). Between the C code
//! and the trampoline stands a guard, which sees if a register that the convention preserves, the stack pointer among
//! them, is not as it was. The closure sees whether its stack and its arguments are aligned.
//!
//! That each of these can fail is tested too.

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

use tramp_rt::__private::{EntryPoints, Probe};
use tramp_rt::{Entry, Signature, Trampoline};
use tramp_test_support::{Kind, alone, with_each_kind};

#[macro_use]
mod values;

use values::{Value, Values, pointer};

/// A generated C function: calls its target through the guard and says what is wrong with what comes back.
type Caller = unsafe extern "C" fn(target: *const ()) -> u32;

/// The bit of a caller's answer that is no register's.
const RESULT_DIFFERS: u32 = 1 << 31;

// What values.h and guard_<processor>.S say.
unsafe extern "C" {
    static mut abi_guard_target: *const ();
    static mut abi_guard_changed: u32;
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

/// What a closure saw.
struct Arrived {
    calls: u32,
    wrong: Vec<String>,
}

impl Arrived {
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

/// Whether a variable has the alignment that compilers rely on a stack to have.
#[inline(never)]
fn stack_is_aligned() -> bool {
    #[cfg_attr(target_arch = "arm", repr(align(8)))]
    #[cfg_attr(target_arch = "s390x", repr(align(8)))]
    #[cfg_attr(not(any(target_arch = "arm", target_arch = "s390x")), repr(align(16)))]
    struct Aligned;
    let variable = MaybeUninit::<(Aligned, u8)>::uninit();
    black_box(variable.as_ptr()).addr() % align_of::<Aligned>() == 0
}

/// Lets C call a closure, and tells what C and the closure say of it.
type Run = fn(call: &mut dyn FnMut(*const ()) -> u32) -> (u32, Arrived);

/// Runs a closure for this signature, which answers with the values that C expects.
macro_rules! run {
    ($callback:ty, $index:literal, ($($name:ident: $type:ty),*) -> $result:ty) => {
        |call| {
            let mut arrived = Arrived { calls: 0, wrong: Vec::new() };
            let closure = |$($name: $type),*| -> $result {
                let mut values = Values::of($index);
                arrived.calls += 1;
                arrived.stack();
                $(arrived.argument(stringify!($name), &$name, &mut values);)*
                Value::draw(&mut values)
            };
            match Trampoline::<$callback>::scoped_mut(closure, |callback| call(callback as *const ())) {
                Ok(answer) => (answer, arrived),
                Err(failed) => panic!("{}", failed.error),
            }
        }
    };
}

/// The generated signatures: a module with the callback type of each, and [`SIGNATURES`].
macro_rules! signatures {
    ($($module:ident $index:literal $abi:literal fn($($name:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            mod $module {
                #[allow(unused_imports, reason = "not all name types of the program")]
                use super::*;
                pub(super) struct Callback;
                tramp_rt::__private::signature! {
                    generics: [] [];
                    type: Callback;
                    pointer: unsafe extern $abi fn($($type),*) -> $result;
                    declared: unsafe extern $abi fn($($type),*) -> $result;
                    direct: 1;
                    fn: for<> extern $abi fn($($name: $type,)*) -> $result;
                }
            }
        )*
        static SIGNATURES: &[(&str, Run)] = &[$((
            stringify!(extern $abi fn($($type),*) -> $result),
            run!($module::Callback, $index, ($($name: $type),*) -> $result),
        )),*];
    };
}

include!(concat!(env!("OUT_DIR"), "/signatures.rs"));

/// Leaves nothing of what was on the stack before, a slot's address for one.
#[inline(never)]
fn overwrite_stack() {
    black_box([0x5555_5555_5555_5555_u64; 1024]);
}

/// Has one compiler's C code call a closure, and returns what was wrong.
fn wrongs(run: Run, caller: Caller) -> Vec<String> {
    let (answer, mut arrived) = run(&mut |target| {
        overwrite_stack();
        unsafe { caller(target) }
    });
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

#[test]
fn every_value_arrives_under_every_signature() {
    let _guard = have_guard();
    with_each_kind(&|kind| {
        let mut failures = Vec::new();
        for (compiler, callers) in COMPILERS {
            for (index, ((signature, run), caller)) in SIGNATURES.iter().zip(*callers).enumerate() {
                let wrongs = wrongs(*run, *caller);
                if !wrongs.is_empty() {
                    let wrongs = wrongs.join(", ");
                    failures.push(format!("{index}, {kind:?}, called by {compiler}'s code: {wrongs}\n  {signature}"));
                }
            }
        }
        assert!(
            failures.is_empty(),
            "{} failures, TRAMP_ABI_SEED={SEED:#x}, types in {}\n{}",
            failures.len(),
            concat!(env!("OUT_DIR"), "/signatures.rs"),
            failures.join("\n"),
        );
    });
}

/// The signature `S`, with `P`'s answer to the question where the slot is.
struct Misplaced<S, P>(PhantomData<(S, P)>);

unsafe impl<S: Signature, P: Signature> Signature for Misplaced<S, P> {
    type Pointer = S::Pointer;
    type Declared = S::Declared;
    const PROBE: &'static Probe = P::PROBE;
    unsafe fn pointer(entry: *const ()) -> S::Pointer {
        unsafe { S::pointer(entry) }
    }
    unsafe fn declared(entry: *const ()) -> S::Declared {
        unsafe { S::declared(entry) }
    }
}

unsafe impl<K, S: Entry<K>, P: Signature> Entry<K> for Misplaced<S, P> {
    type Owner = S::Owner;
    const ENTRY_POINTS: &'static EntryPoints = S::ENTRY_POINTS;
}

/// The signatures of words, each with its own place of the slot and with those of the signatures of one word less and
/// one more: another register, or more or fewer bytes of stack.
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

/// A wrong register or number of bytes is either seen by the comparison or the end of the process.
#[test]
fn a_wrong_place_of_the_slot_is_seen() {
    const CASE: &str = "TRAMP_ABI_MISPLACED";
    let run = |words: usize, case: usize| {
        let (_, callers) = COMPILERS[0];
        let wrongs = wrongs(MISPLACED[words - 1][case], callers[words]);
        assert!(wrongs.is_empty(), "{}", wrongs.join(", "));
    };
    if let Ok(case) = std::env::var(CASE) {
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

#[test]
fn a_misaligned_stack_is_seen() {
    static ALIGNED: Mutex<Option<bool>> = Mutex::new(None);
    extern "C" fn look() {
        let aligned = stack_is_aligned();
        *ALIGNED.lock().expect("not poisoned") = Some(aligned);
    }
    look();
    assert_eq!(ALIGNED.lock().expect("not poisoned").take(), Some(true));
    unsafe { abi_guard_misalign(look) };
    assert_eq!(ALIGNED.lock().expect("not poisoned").take(), Some(false));
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
        assert_eq!(unsafe { callers[1](right as *const ()) }, 0);
        assert_eq!(unsafe { callers[1](wrong as *const ()) }, RESULT_DIFFERS);
    }
    let mut arrived = Arrived { calls: 0, wrong: Vec::new() };
    arrived.argument("a", &pointer::draw(&mut Values::of(1)), &mut Values::of(1));
    assert!(arrived.wrong.is_empty());
    arrived.argument("b", &pointer::draw(&mut Values::of(2)), &mut Values::of(1));
    assert_eq!(arrived.wrong, ["b differs"]);
}
