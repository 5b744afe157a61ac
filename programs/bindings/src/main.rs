//! Closures for bindings that bindgen wrote, as it wrote them.
//!
//! ```sh
//! cargo run -p bindings
//! ```
//!
//! `records.h` declares callbacks in each way that C has: by a typedef of a pointer to a function, by a typedef of a
//! function, and in place. bindgen makes an `Option<unsafe extern "C" fn(…)>` of all three, with the typedef's name if it has
//! one. That is a signature: `Trampoline::<ffi::record_order>` gives out what `records_sort` takes.

use std::error::Error;
use std::ffi::{CStr, c_int};

use tramp_rt::Trampoline;

#[allow(clippy::allow_attributes_without_reason, dead_code, non_camel_case_types, reason = "as bindgen wrote it")]
mod ffi {
    include!(concat!(env!("OUT_DIR"), "/records.rs"));
}

/// The type of a callback that the header gives no name.
type Keep = Option<unsafe extern "C" fn(*const ffi::record) -> c_int>;

struct Records(Vec<ffi::record>);

impl Records {
    fn new(records: &[(&'static CStr, f64)]) -> Self {
        Self(records.iter().map(|&(name, weight)| ffi::record { name: name.as_ptr(), weight }).collect())
    }

    /// Sorts by `key`, and says how often that was asked.
    fn sort_by(&mut self, key: impl Fn(&ffi::record) -> f64) -> Result<usize, Box<dyn Error>> {
        let mut asked = 0;
        let order = |a: *const ffi::record, b: *const ffi::record| {
            asked += 1;
            // SAFETY: C passes two of the records.
            let (a, b) = unsafe { (key(&*a), key(&*b)) };
            a.total_cmp(&b) as c_int
        };
        let (records, count) = (self.0.as_mut_ptr(), self.0.len());
        Trampoline::<ffi::record_order>::scoped_mut(order, |order| {
            // SAFETY: as many records as said; the closure takes what it is called with, and lives for the call.
            unsafe { ffi::records_sort(records, count, order) }
        })
        .map_err(|failed| failed.to_string())?;
        Ok(asked)
    }

    /// The names of the records that are heavier than `weight`.
    fn heavier_than(&self, weight: f64) -> Result<Vec<&'static str>, Box<dyn Error>> {
        let mut names = Vec::new();
        // SAFETY: C passes one of the records, whose names are static.
        let visit = |_, record: *const ffi::record| names.push(unsafe { CStr::from_ptr((*record).name) });
        // SAFETY: C passes one of the records.
        let keep = |record: *const ffi::record| unsafe { (*record).weight > weight }.into();
        Trampoline::<ffi::record_visit>::scoped_mut(visit, |visit| {
            Trampoline::<Keep>::scoped(keep, |keep| {
                // SAFETY: as many records as said; the closures live for the call.
                unsafe { ffi::records_each(self.0.as_ptr(), self.0.len(), visit, keep) }
            })
            .map_err(|failed| failed.to_string())
        })
        .map_err(|failed| failed.to_string())??;
        names.into_iter().map(|name| Ok(name.to_str()?)).collect()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut records = Records::new(&[(c"gold", 19.3), (c"iron", 7.9), (c"lead", 11.3)]);
    let asked = records.sort_by(|record| -record.weight)?;
    println!("{} after {asked} comparisons", records.heavier_than(10.0)?.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn records() -> Records {
        Records::new(&[(c"a", 3.0), (c"b", 1.0), (c"c", 2.0)])
    }

    #[test]
    fn a_typedef_of_a_pointer() {
        let mut records = records();
        assert_eq!(records.sort_by(|record| record.weight).unwrap(), 3);
        assert_eq!(records.heavier_than(0.0).unwrap(), ["b", "c", "a"]);
    }

    #[test]
    fn a_typedef_of_a_function_and_one_without_a_name() {
        assert_eq!(records().heavier_than(1.5).unwrap(), ["a", "c"]);
        assert!(records().heavier_than(3.0).unwrap().is_empty());
    }

    #[test]
    fn the_handler_that_was_there_before_has_the_type_of_a_handler() {
        let (first, firsts) = channel();
        let (second, seconds) = channel();
        let on_change = |sender: std::sync::mpsc::Sender<usize>| {
            Trampoline::<ffi::records_changed>::new(move |count| sender.send(count).unwrap()).unwrap()
        };
        let (first, second) = (on_change(first), on_change(second));
        // SAFETY: both live until they are replaced; no other test sets one, and every thread that sorts may call.
        unsafe {
            let before = ffi::records_on_change(first.as_fn());
            let replaced = ffi::records_on_change(second.as_fn());
            assert_eq!(replaced.map(|f| f as usize), first.as_fn().map(|f| f as usize));
            ffi::records_sort([].as_mut_ptr(), 0, None);
            ffi::records_on_change(replaced);
            ffi::records_sort([].as_mut_ptr(), 1, None);
            ffi::records_on_change(before);
        }
        assert!(firsts.try_iter().any(|count| count == 1) && seconds.try_iter().any(|count| count == 0));
    }
}
