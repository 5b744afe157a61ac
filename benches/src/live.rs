//! Many trampolines alive at once: the time and the memory that each costs.

use tramp_rt::Trampoline;

use crate::child;
use crate::memory::{mappings, resident_bytes};
use crate::owners::{Callback, ClosureFfi, Libffi, Owner};
use crate::race::{median, name, rounds, time};
use crate::report::{Bars, Table, number};

const TRAMP: &str = "tramp";

/// What to create, and how many. libffi ends before 10^7, because its tables are so small that it would need more
/// mappings than the default `vm.max_map_count` allows.
const CASES: [(&str, u64); 10] = [
    (TRAMP, 10_000),
    (TRAMP, 100_000),
    (TRAMP, 1_000_000),
    (TRAMP, 10_000_000),
    (name::LIBFFI, 10_000),
    (name::LIBFFI, 100_000),
    (name::LIBFFI, 1_000_000),
    (name::CLOSURE_FFI, 10_000),
    (name::CLOSURE_FFI, 100_000),
    (name::CLOSURE_FFI, 1_000_000),
];

/// The results of a child. Each number is per trampoline unless its comment says otherwise.
#[derive(Clone, Copy)]
enum Measured {
    CreateNanoseconds,
    DropNanoseconds,
    /// The closure, the slot or code, and the owner.
    ResidentBytes,
    /// The same after one call of each, which reads all the thunks.
    ResidentBytesCalled,
    /// The number of the process's mappings for all of them.
    Mappings,
    /// The time after all were dropped and as many created again.
    SecondCreateNanoseconds,
    /// How much more the process has the second time.
    SecondResidentBytes,
}

const MEASURED: usize = 7;

/// 16 captured bytes.
fn closure(number: u64) -> impl Fn(u64) -> u64 + Send + Sync + 'static {
    let words = std::hint::black_box([number, 1]);
    move |argument| words[0] + words[1] + argument
}

pub fn child(arguments: &[&str]) -> Vec<f64> {
    let [who, count] = arguments else { unreachable!("the parent passes two arguments") };
    let count = count.parse().expect("a number");
    let measured = match *who {
        TRAMP => live::<_, Trampoline<Callback>>(closure, count),
        name::LIBFFI => live::<_, Libffi<_>>(closure, count),
        name::CLOSURE_FFI => live::<_, ClosureFfi>(closure, count),
        _ => unreachable!("not among the cases"),
    };
    measured.to_vec()
}

fn live<F, O: Owner<F>>(closure: impl Fn(u64) -> F, count: u64) -> [f64; MEASURED] {
    let each = |total: f64| total / count as f64;
    let capacity = usize::try_from(count).expect("a count");
    let (bytes_before, mappings_before) = (resident_bytes(), mappings());

    let create = || {
        let mut owners: Vec<O> = Vec::with_capacity(capacity);
        let time = time(|| owners.extend((0..count).map(|number| O::create(closure(number)))));
        (owners, each(time.as_secs_f64() * 1e9))
    };
    let (owners, create_nanoseconds) = create();
    let (bytes, mappings) = (resident_bytes(), mappings() - mappings_before);
    // SAFETY: the pointer has this signature, and its owner is alive.
    let sum = owners.iter().map(|owner| unsafe { owner.callback()(1) }).sum::<u64>();
    assert_eq!(sum, count * (count - 1) / 2 + 2 * count, "each returns its number, and 2");
    let bytes_called = resident_bytes();
    let drop_time = time(|| drop(owners));

    let (owners, second_create_nanoseconds) = create();
    let second_bytes = resident_bytes();
    drop(owners);

    let mut measured = [0.0; MEASURED];
    for (what, value) in [
        (Measured::CreateNanoseconds, create_nanoseconds),
        (Measured::DropNanoseconds, each(drop_time.as_secs_f64() * 1e9)),
        (Measured::ResidentBytes, each(bytes - bytes_before)),
        (Measured::ResidentBytesCalled, each(bytes_called - bytes_before)),
        (Measured::Mappings, mappings),
        (Measured::SecondCreateNanoseconds, second_create_nanoseconds),
        // The code that was called stays in memory, so the comparison is with this.
        (Measured::SecondResidentBytes, second_bytes - bytes_called),
    ] {
        measured[what as usize] = value;
    }
    measured
}

pub fn run(bars: &mut Bars) {
    let mut processes = vec![Vec::new(); CASES.len()];
    for _ in 0..rounds::SECONDS {
        for (case, (who, count)) in CASES.iter().enumerate() {
            processes[case].push(child::measure("live", &[who, &count.to_string()]));
        }
    }
    let measured = |who: &str, count: u64, what: Measured| {
        let case = CASES.iter().position(|&case| case == (who, count)).expect("one of the cases");
        median(processes[case].iter().map(|measured| measured[what as usize]).collect())
    };

    let mut table = Table::new(&[
        "alive",
        "",
        "create, ns each",
        "drop, ns each",
        "RSS, bytes each",
        "RSS when called, bytes each",
        "mappings",
        "mappings per 1,000",
        "create again, ns each",
        "RSS then, MiB more",
    ]);
    for (who, count) in CASES {
        let of = |what| measured(who, count, what);
        table.row(
            &format!("10^{}", count.ilog10()),
            [
                who.into(),
                number(of(Measured::CreateNanoseconds)),
                number(of(Measured::DropNanoseconds)),
                number(of(Measured::ResidentBytes)),
                number(of(Measured::ResidentBytesCalled)),
                format!("{}", of(Measured::Mappings)),
                number(of(Measured::Mappings) / count as f64 * 1000.0),
                number(of(Measured::SecondCreateNanoseconds)),
                number(of(Measured::SecondResidentBytes) / f64::from(1 << 20)),
            ],
        );
    }
    println!(
        "## Many alive\n\nThe closures capture 16 bytes. Memory is everything that the process uses more: closures, slots, \
         owners. Each row is measured in its own process.\n\n{table}"
    );

    let (million, most) = (1_000_000, 10_000_000);
    let of_million = |what| measured(TRAMP, million, what);
    bars.at_most("10^6 alive, RSS each", 64.0, "bytes", of_million(Measured::ResidentBytes));
    bars.at_most("10^6 alive, mappings", 2.0, "per 1,000", of_million(Measured::Mappings) * 1000.0 / million as f64);
    let ratio =
        measured(TRAMP, most, Measured::CreateNanoseconds) / measured(TRAMP, 10_000, Measured::CreateNanoseconds);
    bars.at_most("creation at 10^7", 2.0, "× at 10^4", ratio);
    let growth = measured(TRAMP, most, Measured::SecondResidentBytes) / f64::from(1 << 20);
    let reusable = growth < 1.0;
    bars.holds("10^7 alive, dropped, 10^7 again", "RSS does not grow", &format!("{} MiB", number(growth)), reusable);
}
