#![deny(missing_docs)]
//! A crate.

use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    pub fn each(visit: impl FnMut(i32));
    pub safe fn all(visit: impl FnMut(i32) + Send) -> i32;
    /// Documented.
    pub fn some(visit: impl FnMut(i32));
}

fn main() {}
