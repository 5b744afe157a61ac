//! Says at which interest rate the payments of each year pay a loan back. GSL finds this rate by Newton's method.
//!
//! ```sh
//! cargo run -p gsl -- 1000 300 400 500   # the loan, and the payment of each year
//! ```
//!
//! GSL takes a struct of three callbacks: a function, its derivative, and one that computes both. Here they are methods of one
//! state, which borrows the payments and counts the calls. GSL uses the struct until the search ends, so the state is lent for
//! the search.

use std::env;
use std::error::Error;
use std::ffi::{CStr, c_char, c_double, c_int, c_void};
use std::ptr;

use tramp_rt::trampoline;

/// `gsl_function_fdf`, as bindgen has it.
#[repr(C)]
struct Functions {
    f: Option<unsafe extern "C" fn(x: c_double, params: *mut c_void) -> c_double>,
    df: Option<unsafe extern "C" fn(x: c_double, params: *mut c_void) -> c_double>,
    fdf: Option<unsafe extern "C" fn(x: c_double, params: *mut c_void, f: *mut c_double, df: *mut c_double)>,
    params: *mut c_void,
}

/// `gsl_root_fdfsolver` and `gsl_root_fdfsolver_type`, which only GSL looks into.
#[repr(C)]
struct Solver {
    _private: [u8; 0],
}

#[link(name = "gsl")]
#[link(name = "gslcblas")]
unsafe extern "C" {
    static gsl_root_fdfsolver_newton: *const Solver;
    fn gsl_root_fdfsolver_alloc(kind: *const Solver) -> *mut Solver;
    fn gsl_root_fdfsolver_set(solver: *mut Solver, functions: *mut Functions, root: c_double) -> c_int;
    fn gsl_root_fdfsolver_iterate(solver: *mut Solver) -> c_int;
    safe fn gsl_root_test_delta(x1: c_double, x0: c_double, absolute: c_double, relative: c_double) -> c_int;
    fn gsl_root_fdfsolver_root(solver: *const Solver) -> c_double;
    fn gsl_root_fdfsolver_free(solver: *mut Solver);
    fn gsl_strerror(code: c_int) -> *const c_char;
    fn gsl_set_error_handler_off() -> *const c_void;
}

/// `GSL_CONTINUE`: the root is not exact enough yet.
const CONTINUE: c_int = -2;

/// What the payments of each year are worth at a rate, less what was lent.
struct Worth<'a> {
    lent: f64,
    payments: &'a [f64],
    calls: u32,
}

impl Worth<'_> {
    /// The worth, and its derivative by the rate.
    fn at(&mut self, rate: f64) -> (f64, f64) {
        self.calls += 1;
        let (mut worth, mut slope, mut factor, mut year) = (-self.lent, 0.0, 1.0, 0.0);
        for payment in self.payments {
            (factor, year) = (factor / (1.0 + rate), year + 1.0);
            worth += payment * factor;
            slope -= payment * factor * year / (1.0 + rate);
        }
        (worth, slope)
    }
}

#[trampoline(ops = Functions)]
impl Worth<'_> {
    extern "C" fn f(&mut self, x: c_double, _: *mut c_void) -> c_double {
        self.at(x).0
    }

    extern "C" fn df(&mut self, x: c_double, _: *mut c_void) -> c_double {
        self.at(x).1
    }

    extern "C" fn fdf(&mut self, x: c_double, _: *mut c_void, f: *mut c_double, df: *mut c_double) {
        // SAFETY: GSL passes places for both.
        unsafe { (*f, *df) = self.at(x) }
    }
}

/// The rate, and how often GSL has called.
fn rate(lent: f64, payments: &[f64]) -> Result<(f64, u32), Box<dyn Error>> {
    let mut worth = Worth { lent, payments, calls: 0 };
    let empty = Functions { f: None, df: None, fdf: None, params: ptr::null_mut() };
    // SAFETY: GSL has the struct until the solver is freed, and calls on this thread. There is room for a solver.
    let rate = worth.scoped(empty, |functions| unsafe {
        gsl_set_error_handler_off(); // GSL's own handler ends the process, and without it GSL returns a status
        let solver = gsl_root_fdfsolver_alloc(gsl_root_fdfsolver_newton);
        let mut status = gsl_root_fdfsolver_set(solver, functions, 0.1);
        let mut rate = gsl_root_fdfsolver_root(solver);
        for _ in 0..50 {
            if status == 0 {
                status = gsl_root_fdfsolver_iterate(solver);
            }
            let before = rate;
            rate = gsl_root_fdfsolver_root(solver);
            if status != 0 || gsl_root_test_delta(rate, before, 0.0, 1e-12) != CONTINUE {
                break;
            }
        }
        gsl_root_fdfsolver_free(solver);
        if status == 0 { Ok(rate) } else { Err(CStr::from_ptr(gsl_strerror(status)).to_string_lossy()) }
    })??;
    Ok((rate, worth.calls))
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers = env::args().skip(1).map(|text| text.parse()).collect::<Result<Vec<f64>, _>>()?;
    let (lent, payments) = numbers.split_first().ok_or("write what was lent, and what is paid back in each year")?;
    let (rate, calls) = rate(*lent, payments)?;
    println!("{:.3} % a year, after {calls} calls", rate * 100.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn gsl_finds_the_rate_by_calls_of_the_lent_state() {
        let (found, calls) = rate(1000.0, &[1210.0]).unwrap();
        assert!((found - 0.21).abs() < 1e-12 && calls >= 3, "{found} {calls}");
        let (found, _) = rate(1000.0, &[100.0, 1100.0]).unwrap();
        assert!((found - 0.1).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_gsl_refuses_is_an_error() {
        let error = rate(1000.0, &[]).unwrap_err().to_string();
        assert_eq!(error, "tried to divide by zero");
    }
}
