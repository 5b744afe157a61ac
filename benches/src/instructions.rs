//! The instructions of a call and of a creation. Unlike times, they are the same in every run.

use std::ffi::c_void;
use std::hint::black_box;

use tramp_rt::Trampoline;

use crate::callers::{Callback3, call_3, call_3_with_data};
use crate::child;
use crate::direct_slots::occupy;
use crate::owners::{Callback, ClosureFfi, Heap, Libffi, Owner, unwrap};
use crate::race::name;
use crate::report::{Bars, Table};
use crate::steps;

/// The numbers of operations in two runs. Their difference is the work of that many operations and nothing else. After
/// as many releases, a thread gives slots to the other threads. So the difference contains that work once.
const FEW: u64 = 8;
const MANY: u64 = FEW + 64;
/// Creations before the measurement, because the first ones do more.
const WARM_UP: u64 = 256;

const CALL: &str = "call";
const CREATE: &str = "create";
const LEND: &str = "lend";

const WORKS: [(&str, &str, &[&str]); 3] = [
    (
        "call, 3 arguments, with C’s loop",
        CALL,
        &[name::PLAIN, name::USER_DATA, name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI],
    ),
    (
        "create and drop, 16 captured bytes",
        CREATE,
        &[name::HEAP, name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI],
    ),
    ("16 borrowed bytes, scoped", LEND, &[name::DIRECT, name::MAPPED]),
];

const COLUMNS: [&str; 7] =
    [name::PLAIN, name::HEAP, name::USER_DATA, name::DIRECT, name::MAPPED, name::LIBFFI, name::CLOSURE_FFI];

pub fn child(arguments: &[&str]) -> Vec<f64> {
    let [work, who, times] = arguments else { unreachable!("the parent passes three arguments") };
    let times = times.parse().expect("a number");
    let _occupied = (*who == name::MAPPED).then(occupy);
    match *work {
        CALL => call(who, times),
        CREATE => create(who, times),
        LEND => lend(times),
        _ => unreachable!("not among the works"),
    }
    Vec::new()
}

fn call(who: &str, times: u64) {
    unsafe extern "C" fn plain(a: u64, b: u64, c: u64) -> u64 {
        a + b + c
    }
    unsafe extern "C" fn with_data(a: u64, b: u64, c: u64, data: *mut c_void) -> u64 {
        // SAFETY: the caller below passes two words.
        a + b + c + unsafe { *data.cast::<u64>() }
    }
    let mut words = black_box([1_u64, 2]);
    let closure = move |a, b, c| a + b + c + words[0];
    let by = |callback: Callback3| {
        // SAFETY: C calls a function of its signature, which lives as long as this call.
        steps::counted(|| _ = black_box(unsafe { call_3[0](black_box(callback), times) }));
    };
    match who {
        name::PLAIN => by(plain),
        name::USER_DATA => steps::counted(|| {
            // SAFETY: C calls a function of its signature, with the data that it expects. Both live as long as this
            // call.
            black_box(unsafe { call_3_with_data(black_box(with_data), (&raw mut words).cast(), times) });
        }),
        name::LIBFFI => {
            let ffi = libffi::high::Closure3::new(&closure);
            // SAFETY: the closure has the signature of the pointer that libffi wraps.
            by(unsafe { unwrap(ffi.code_ptr()) });
        }
        name::CLOSURE_FFI => by(closure_ffi::BareFn::<Callback3>::new(closure).bare()),
        _ => by(Trampoline::<Callback3>::new(closure).expect("a trampoline").as_fn()),
    }
}

fn lend(times: u64) {
    let words = black_box([1_u64, 2]);
    let number = black_box(3);
    repeat(times, || {
        let closure = |argument: u64| words[0] + number + argument;
        Trampoline::<Callback>::scoped(closure, |callback| _ = black_box(callback)).expect("a trampoline");
    });
}

fn repeat(times: u64, work: impl Fn()) {
    (0..WARM_UP).for_each(|_| work());
    steps::counted(|| (0..times).for_each(|_| work()));
}

fn create(who: &str, times: u64) {
    fn create<F, O: Owner<F>>(times: u64, closure: impl Fn() -> F) {
        repeat(times, || _ = black_box(O::create(closure()).callback()));
    }
    let closure = || {
        let words = black_box([1_u64, 2]);
        move |argument| words[0] + words[1] + argument
    };
    match who {
        name::HEAP => create::<_, Heap<_>>(times, closure),
        name::LIBFFI => create::<_, Libffi<_>>(times, closure),
        name::CLOSURE_FFI => create::<_, ClosureFfi>(times, closure),
        _ => create::<_, Trampoline<Callback>>(times, closure),
    }
}

fn instructions(work: &str, who: &str) -> f64 {
    let [few, many] = [FEW, MANY].map(|times| {
        let command = child::command("instructions", &[work, who, &times.to_string()]);
        steps::count(&command[0], &command[1..])
    });
    (many - few) as f64 / (MANY - FEW) as f64
}

pub fn run(_: &mut Bars) {
    let heads: Vec<&str> = ["instructions"].into_iter().chain(COLUMNS).collect();
    let mut table = Table::new(&heads);
    for (words, work, alternatives) in WORKS {
        table.row(
            words,
            COLUMNS.map(|who| {
                if alternatives.contains(&who) { format!("{:.1}", instructions(work, who)) } else { "–".into() }
            }),
        );
    }
    println!("## Instructions\n\nInstructions in user space, counted one by one.\n\n{table}");
}
