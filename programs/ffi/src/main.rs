//! Rust closures for C functions whose types are known only at run time, structs by value too, with the system's libffi.
//!
//! ```sh
//! cargo run -p ffi -- '{ddi}i'   # a struct of two doubles and an int, and an int
//! ```
//!
//! libffi knows how each processor passes arguments. But as most distributions build it, its own closures need code that is
//! made at run time. Its closures for Go take their data in the register of the static chain, and others have to put the data
//! there. libtramp's static trampolines do so, and libffi needs no change.
//!
//! If no struct is passed by value, `Trampoline::<Dynamic>` of `tramp-rt` is shorter and faster.

use std::env;
use std::error::Error;
use std::ffi::{c_int, c_void};
use std::iter::Peekable;
use std::slice;
use std::str::Chars;

use libffi::middle::{Cif, Type};
use libffi::raw::{ffi_cif, ffi_go_closure, ffi_prep_go_closure, ffi_status_FFI_OK};
use tramp::{TRAMP_CHAIN_LIBFFI, ffi_tramp_free, tramp_alloc_chain, tramp_bind, tramp_function};

/// Reads types: `i` is an `int`, `d` a `double`, `p` a pointer, and `{…}` a struct of what is inside.
fn types(text: &str) -> Result<Vec<Type>, String> {
    let mut letters = text.chars().peekable();
    let types = list(&mut letters)?;
    if letters.next().is_some() { Err("a brace is closed that is not open".into()) } else { Ok(types) }
}

fn list(letters: &mut Peekable<Chars<'_>>) -> Result<Vec<Type>, String> {
    let mut types = Vec::new();
    while let Some(letter) = letters.next_if(|letter| *letter != '}') {
        types.push(match letter {
            'i' => Type::c_int(),
            'd' => Type::f64(),
            'p' => Type::pointer(),
            '{' => {
                let fields = list(letters)?;
                if letters.next() != Some('}') || fields.is_empty() {
                    return Err("a struct has fields and ends with a brace".into());
                }
                Type::structure(fields)
            }
            _ => return Err(format!("no type has the letter {letter}")),
        });
    }
    Ok(types)
}

/// The data to which the trampoline and libffi lead.
#[repr(C)]
struct Data<F> {
    go: ffi_go_closure, // first, because libffi passes its address as that of the data
    cif: Cif,
    function: F,
}

/// A closure that C can call. It gets the address of each argument, and returns a `double`.
struct Callback<F> {
    data: *mut Data<F>, // of a box
    trampoline: *mut c_void,
    pointer: tramp_function,
}

impl<F: Fn(&[*mut c_void]) -> f64> Callback<F> {
    fn new(arguments: Vec<Type>, function: F) -> Result<Self, &'static str> {
        let cif = Cif::try_new(arguments, Type::f64()).map_err(|_| "libffi refuses these types")?;
        let data = Box::into_raw(Box::new(Data { go: ffi_go_closure::default(), cif, function }));
        let mut callback = Self { data, trampoline: tramp_alloc_chain(TRAMP_CHAIN_LIBFFI), pointer: None };
        if callback.trampoline.is_null() {
            return Err("there is no trampoline");
        }
        // SAFETY: `data` is a box that lives as long as `callback`, and `go` and `cif` are two fields of it.
        let code = unsafe {
            if ffi_prep_go_closure(&raw mut (*data).go, (*data).cif.as_raw_ptr(), Some(call::<F>)) != ffi_status_FFI_OK
            {
                return Err("libffi has no closures for Go on this processor");
            }
            (*data).go.tramp
        };
        // SAFETY: libffi put the address of a function there, which takes `data` in the register of the static chain.
        let code = unsafe { std::mem::transmute::<*mut c_void, tramp_function>(code) };
        callback.pointer = tramp_bind(callback.trampoline, code, data.cast());
        Ok(callback)
    }
}

impl<F> Drop for Callback<F> {
    fn drop(&mut self) {
        if !self.trampoline.is_null() {
            ffi_tramp_free(self.trampoline);
        }
        // SAFETY: it is from `Box::into_raw`, and nothing leads to it any more.
        drop(unsafe { Box::from_raw(self.data) });
    }
}

/// libffi calls this with the arguments that C passed.
unsafe extern "C" fn call<F: Fn(&[*mut c_void]) -> f64>(
    cif: *mut ffi_cif,
    result: *mut c_void,
    arguments: *mut *mut c_void,
    data: *mut c_void,
) {
    // SAFETY: `data` is what the trampoline was bound with, and libffi passes as many addresses as the `ffi_cif` has types.
    // `result` has room for a `double`. Nobody changes `data` as long as C may call.
    unsafe {
        let arguments = match (*cif).nargs as usize {
            0 => &[],
            count => slice::from_raw_parts(arguments, count),
        };
        result.cast::<f64>().write(((*data.cast::<Data<F>>()).function)(arguments));
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    label: c_int,
}

/// Calls a function of the types `{ddi}i`, as C does.
fn call_with_point(pointer: tramp_function, point: Point, number: c_int) -> f64 {
    // SAFETY: the caller made the pointer for these types.
    let function = unsafe { std::mem::transmute::<tramp_function, extern "C" fn(Point, c_int) -> f64>(pointer) };
    function(point, number)
}

/// A closure of the types `{ddi}i` that captures a factor.
fn scaled(types: Vec<Type>, factor: f64) -> Result<Callback<impl Fn(&[*mut c_void]) -> f64>, &'static str> {
    Callback::new(types, move |arguments| {
        // SAFETY: they are a `Point` and an `int`, as `types` says.
        let (point, number) = unsafe { (*arguments[0].cast::<Point>(), *arguments[1].cast::<c_int>()) };
        factor * (point.x + point.y) + f64::from(point.label + number)
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = env::args().nth(1).unwrap_or_else(|| "{ddi}i".into());
    let arguments = types(&text)?;
    println!("({text}) has {} arguments", arguments.len());
    if text == "{ddi}i" {
        let callbacks: Vec<_> =
            [10.0, 20.0, 30.0].map(|factor| scaled(arguments.clone(), factor)).into_iter().collect::<Result<_, _>>()?;
        for callback in &callbacks {
            println!("{}", call_with_point(callback.pointer, Point { x: 1.5, y: 2.5, label: 1 }, 100));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No memory of this process that can be written is executable.
    fn no_code_was_made() -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc");
        !maps
            .lines()
            .any(|line| line.split(' ').nth(1).is_some_and(|rights| rights.contains('w') && rights.contains('x')))
    }

    #[test]
    fn many_closures_have_their_own_data() {
        let types = types("{ddi}i").expect("types");
        let live: Vec<_> =
            (0..3000).map(|factor| scaled(types.clone(), f64::from(factor)).expect("a closure")).collect();
        for (callback, factor) in live.iter().zip(0..) {
            let got = call_with_point(callback.pointer, Point { x: 1.5, y: 2.5, label: 7 }, 100);
            assert!((got - f64::from(4 * factor + 107)).abs() < 1e-9, "{factor}: {got}");
        }
        assert!(no_code_was_made());
    }

    #[test]
    fn mistakes_in_types_are_found() {
        for text in ["{d", "d}", "{}", "x"] {
            assert!(types(text).is_err(), "{text}");
        }
        assert_eq!(types("{d{ip}}pd").expect("types").len(), 3);
    }
}
