//! The cost of creating and dropping a trampoline, again and again.

use std::hint::black_box;
use std::time::Duration;

use tramp_rt::Trampoline;

use crate::direct_slots::occupy;
use crate::owners::{Callback, ClosureFfi, Heap, Libffi, LibffiLow, Owner, Protected};
use crate::race::{Alternative, Medians, name, race, rounds, time};
use crate::report::{Bars, Table, number};

const TIMES: u64 = 20_000;

const COLUMNS: [&str; 6] = [name::HEAP, name::DIRECT, name::MAPPED, name::LIBFFI, name::LIBFFI_LOW, name::CLOSURE_FFI];

fn create<F, O: Owner<F>>(closure: impl Fn() -> F) -> Duration {
    repeat(|| {
        black_box(O::create(closure()).callback());
    })
}

fn repeat(work: impl Fn()) -> Duration {
    time(|| (0..TIMES).for_each(|_| work()))
}

/// Closures that own their captures.
fn race_owned<F: Fn(u64) -> u64 + Send + Sync + 'static>(closure: impl Fn() -> F) -> Medians {
    race(
        rounds::MILLISECONDS,
        TIMES,
        vec![
            Alternative::new(name::HEAP, || create::<F, Heap<F>>(&closure)),
            Alternative::new(name::DIRECT, || create::<F, Trampoline<Callback>>(&closure)),
            Alternative::new(name::MAPPED, || {
                let _occupied = occupy();
                create::<F, Trampoline<Callback>>(&closure)
            }),
            Alternative::new(name::LIBFFI, || create::<F, Libffi<F>>(&closure)),
            Alternative::new(name::LIBFFI_LOW, || create::<F, LibffiLow<F>>(&closure)),
            Alternative::new(name::CLOSURE_FFI, || create::<F, ClosureFfi>(&closure)),
        ],
    )
}

/// Closures that borrow from the caller, for the length of one call into C.
fn race_scoped() -> Medians {
    let words = black_box([1_u64, 2]);
    let number = black_box(3);
    let scoped = || {
        let closure = |argument: u64| words[0] + number + argument;
        Trampoline::<Callback>::scoped(closure, |callback| {
            black_box(callback);
        })
        .expect("a trampoline");
    };
    race(
        rounds::MILLISECONDS,
        TIMES,
        vec![
            Alternative::new(name::DIRECT, || repeat(scoped)),
            Alternative::new(name::MAPPED, || {
                let _occupied = occupy();
                repeat(scoped)
            }),
            Alternative::new(name::LIBFFI, || {
                repeat(|| {
                    let closure = |argument: u64| words[0] + number + argument;
                    let ffi = libffi::high::Closure1::new(&closure);
                    black_box(ffi.code_ptr());
                })
            }),
            Alternative::new(name::CLOSURE_FFI, || {
                repeat(|| {
                    let closure = |argument: u64| words[0] + number + argument;
                    let bare = closure_ffi::BareFn::<Callback>::new(closure);
                    black_box(bare.bare());
                })
            }),
        ],
    )
}

/// The slot is read-only before and afterwards.
fn race_protected() -> Medians {
    let closure = || {
        let words = black_box([1_u64, 2]);
        move |argument| words[0] + words[1] + argument
    };
    let protected = Alternative::new(name::MAPPED, || create::<_, Protected>(closure));
    race(rounds::MILLISECONDS, TIMES, vec![protected])
}

pub fn run(bars: &mut Bars) {
    let mut table =
        Table::new(&["ns, create and drop", COLUMNS[0], COLUMNS[1], COLUMNS[2], COLUMNS[3], COLUMNS[4], COLUMNS[5]]);
    let mut row = |words, times: &Medians| table.row(words, COLUMNS.map(|column| number(times.get(column))));

    let sixteen = race_owned(|| {
        let words = black_box([1_u64, 2]);
        move |argument| words[0] + words[1] + argument
    });
    row("16 captured bytes", &sixteen);
    let eight = race_owned(|| {
        let word = black_box(1_u64);
        move |argument| word + argument
    });
    row("8 captured bytes", &eight);
    let zero = race_owned(|| |argument| argument + 1);
    row("nothing captured", &zero);
    let scoped = race_scoped();
    row("16 borrowed bytes, scoped", &scoped);
    row("16 captured bytes, protected", &race_protected());

    println!(
        "## Create and drop\n\n“Heap alone” is a `Box` of the closure. libffi’s typed closure borrows, so it has such a box \
         beside it, except in the scoped row. “libffi, low level” is `ffi_closure_alloc` and `ffi_prep_closure_loc` with \
         one `ffi_cif` for all closures.\n\n{table}"
    );

    for (slots, of) in [("direct", name::DIRECT), ("mapped", name::MAPPED)] {
        let mut bar = |what, bar, times: &Medians| {
            bars.at_most(&format!("create+drop, {what}, {slots}"), bar, "× libffi", times[of] / times[name::LIBFFI]);
        };
        bar("16 captured bytes", 0.2, &sixteen);
        bar("nothing captured", 0.08, &zero);
        bar("scoped", 0.08, &scoped);
    }
}
