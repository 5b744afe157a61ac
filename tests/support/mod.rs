//! What several tests share.

#![allow(dead_code, reason = "each test uses a part of it")]

use tramp_rt::{Signature, Threads, Trampoline};

/// As many live trampolines as it takes for the next one of any type to be mapped.
pub(crate) fn fill_direct_slots() -> Vec<Trampoline<unsafe extern "C" fn()>> {
    let mut live = Vec::new();
    loop {
        let next = Trampoline::<unsafe extern "C" fn()>::new(|| ()).expect("a slot");
        let direct = is_direct(&next);
        live.push(next);
        if !direct {
            return live;
        }
    }
}

pub(crate) fn is_direct<S: Signature, T: Threads>(trampoline: &Trampoline<S, T>) -> bool {
    format!("{trampoline:?}").contains("direct: true")
}

/// Runs `test` with direct slots free, and again with none.
pub(crate) fn direct_and_mapped(test: impl Fn()) {
    test();
    let _live = fill_direct_slots();
    test();
}
