//! Thousands of mapped trampolines, called through registers and through the stack, and a report.

use tramp_rt::{Trampoline, diagnostics};

type InRegister = unsafe extern "C" fn(u64, u64) -> u64;
/// Its context travels on the stack on every processor.
type OnStack = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64) -> u64;

fn main() -> Result<(), tramp_rt::Error> {
    let live: Vec<_> =
        (0..20_000).map(|n| Trampoline::<InRegister>::new(move |a, b| n + a * b)).collect::<Result<_, _>>()?;
    let deep: Vec<_> = (0..1_000)
        .map(|n| Trampoline::<OnStack>::new(move |a, _, _, _, _, _, _, _, i| n * a + i))
        .collect::<Result<_, _>>()?;
    for (n, trampoline) in (0..).zip(&live) {
        // SAFETY: the trampoline is alive.
        assert_eq!(unsafe { (trampoline.as_fn())(2, 3) }, n + 6);
    }
    for (n, trampoline) in (0..).zip(&deep) {
        // SAFETY: the trampoline is alive.
        assert_eq!(unsafe { (trampoline.as_fn())(2, 0, 0, 0, 0, 0, 0, 0, 7) }, 2 * n + 7);
    }
    println!("{}\nlinked: ok", diagnostics());
    Ok(())
}
