
/// Which mutant is on: the one whose number is in the environment. `ci/mutants` writes this module into the crate that it changes.
#[allow(unused, clippy::all, clippy::pedantic)]
pub(crate) mod __mutant {
    use core::ffi::{CStr, c_char};
    use core::sync::atomic::{AtomicU32, Ordering};

    unsafe extern "C" {
        fn getenv(name: *const c_char) -> *const c_char;
    }

    const UNKNOWN: u32 = u32::MAX;
    static ON: AtomicU32 = AtomicU32::new(UNKNOWN);

    // This allocates nothing and calls nothing of the system, so it may be asked everywhere.
    #[inline(never)]
    pub(crate) fn on(number: u32) -> bool {
        if ON.load(Ordering::Relaxed) == UNKNOWN {
            ON.store(in_environment(), Ordering::Relaxed);
        }
        ON.load(Ordering::Relaxed) == number
    }

    #[cold]
    fn in_environment() -> u32 {
        // SAFETY: the name ends in a zero byte.
        let value = unsafe { getenv(c"TRAMP_MUTANT".as_ptr()) };
        if value.is_null() {
            return 0;
        }
        // SAFETY: `getenv` returns null or a string that ends in a zero byte.
        let digits = unsafe { CStr::from_ptr(value) }.to_bytes();
        digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }
}
