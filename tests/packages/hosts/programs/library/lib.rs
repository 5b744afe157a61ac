//! The workload as a library for `dlopen(3)`, which contains another copy of the runtime.

/// See `hosts::workload::work`.
// SAFETY: no other library or program defines this name.
#[unsafe(no_mangle)]
extern "C" fn hosts_work(subject: u32, phase: u32) -> u32 {
    hosts::workload::work(subject, phase)
}
