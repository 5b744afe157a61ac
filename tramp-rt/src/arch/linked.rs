//! A processor's assembly, which is assembled for an object format with the numbers from Rust.
//!
//! Each processor's module offers the same names:
//!
//! * `assembly!`: the text of its file in `asm/`, with its thunks, the stack routine and the code that calls the probe;
//! * `REGISTERS`: how many argument registers can carry the slot, in the order of the tables and of the probe's marks;
//! * `SAVED_REGISTERS`: how many of these registers, counted from the last one, a call preserves; and
//!   `saved_register_routine()` for them;
//! * `CHAIN_REGISTERS`: in how many registers, beside the protocol's, somebody's static chain travels, and `chain()`, which
//!   of them has whose;
//! * `LANDING_PADS`: how to map pages whose indirect entries the processor checks;
//! * `THUNK_BYTES`: the size of a thunk. The other sizes are those of [`geometries`](super::geometries);
//! * `THUNKS_CALL`: whether thunks call a helper;
//! * `STACK_PUSHED_BYTES`, `STACK_KEPT_BYTES`: the parts of the stack routine's frame beside the
//!   [copy](super::geometry::copied_arguments).

use core::arch::global_asm;
use core::mem::{offset_of, size_of};

use super::dynamic::{self, Returned};
use super::geometries::{COPY_BYTES, DISTANCE, RUN_BYTES, TABLE_BYTES};
use super::geometry::{C_LINKED_BYTES, CLOSURE_LINKED_BYTES, CONTEXT_LINKED_BYTES, PATTERN_BYTES, Table};
use super::va_list::Spilled;
use crate::slot::{Slot, StackSlot};

// One line for each processor with thunks.
#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "x86", path = "x86.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "arm", path = "arm.rs")]
#[cfg_attr(target_arch = "riscv64", path = "riscv64.rs")]
#[cfg_attr(target_arch = "powerpc64", path = "powerpc64.rs")]
#[cfg_attr(target_arch = "s390x", path = "s390x.rs")]
#[cfg_attr(target_arch = "loongarch64", path = "loongarch64.rs")]
mod processor;

// The object format.
#[cfg_attr(target_vendor = "apple", path = "macho.rs")]
#[cfg_attr(windows, path = "coff.rs")]
#[cfg_attr(not(any(target_vendor = "apple", windows)), path = "elf.rs")]
mod object;

pub(crate) use self::object::*;
pub(crate) use self::processor::*;

use self::object::{tramp_rt_call_marked, tramp_rt_stack, tramp_rt_tables};

const _: () = assert!(COPY_BYTES % LARGEST_PAGE_BYTES == 0);

global_asm!(
    ".set TRAMP_TABLE_BYTES, {table_bytes}",
    ".set TRAMP_COPY_BYTES, {copy_bytes}",
    ".set TRAMP_LINKED_BYTES, {linked_bytes}",
    ".set TRAMP_RUN_BYTES, {run_bytes}",
    ".set TRAMP_PAGE_BYTES, {page_bytes}",
    ".set TRAMP_DISTANCE, {distance}",
    ".set TRAMP_THUNK_BYTES, {thunk_bytes}",
    ".set TRAMP_SLOT_CONTEXT, {slot_context}",
    ".set TRAMP_SLOT_HANDLER, {slot_handler}",
    ".set TRAMP_STACK_SLOT_BYTES, {stack_slot_bytes}",
    ".set TRAMP_STACK_SLOT_STACK_HANDLER, {stack_slot_stack_handler}",
    ".set TRAMP_STACK_SLOT_BYTE_COUNT, {stack_slot_byte_count}",
    ".set TRAMP_STACK_SLOT_FRAME, {stack_slot_frame}",
    ".set TRAMP_SPILLED_BYTES, {spilled_bytes}",
    ".set TRAMP_SPILLED_FLOATS, {spilled_floats}",
    ".set TRAMP_DYNAMIC_BYTES, {dynamic_bytes}",
    ".set TRAMP_DYNAMIC_FLOATS, {dynamic_floats}",
    ".set TRAMP_RETURNED_BYTES, {returned_bytes}",
    ".set TRAMP_RETURNED_IS_FLOAT, {returned_is_float}",
    ".set TRAMP_C, {c}",
    ".set TRAMP_C_LINKED_BYTES, {c_linked_bytes}",
    ".set TRAMP_C_CHAINS, {c_chains}",
    ".set TRAMP_PROTOCOL_BYTES, {protocol_bytes}",
    ".set TRAMP_CONTEXT_BYTES, {context_bytes}",
    ".set TRAMP_TABLES_ARE_DATA, {tables_are_data}",
    ".set TRAMP_GUARD, {guard}",
    object::assembly!(),
    include_str!("../../asm/tables.s"),
    processor::assembly!(),
    include_str!("../../asm/end.s"),
    tramp = sym crate::arch::symbol::tramp_rt,
    table_bytes = const TABLE_BYTES,
    copy_bytes = const COPY_BYTES,
    linked_bytes = const CLOSURE_LINKED_BYTES,
    run_bytes = const RUN_BYTES,
    page_bytes = const LARGEST_PAGE_BYTES,
    distance = const DISTANCE,
    thunk_bytes = const THUNK_BYTES,
    slot_context = const offset_of!(Slot, context),
    slot_handler = const offset_of!(Slot, handler),
    stack_slot_bytes = const size_of::<StackSlot>(),
    stack_slot_stack_handler = const offset_of!(StackSlot, stack_handler),
    stack_slot_byte_count = const offset_of!(StackSlot, copied.bytes),
    stack_slot_frame = const offset_of!(StackSlot, copied.frame),
    spilled_bytes = const size_of::<Spilled>(),
    spilled_floats = const offset_of!(Spilled, floats),
    dynamic_bytes = const size_of::<dynamic::Spilled>(),
    dynamic_floats = const offset_of!(dynamic::Spilled, floats),
    returned_bytes = const size_of::<Returned>().next_multiple_of(16),
    returned_is_float = const Returned::IS_FLOAT,
    c = const cfg!(feature = "capi") as usize,
    c_linked_bytes = const C_LINKED_BYTES,
    c_chains = const CONTEXT_LINKED_BYTES,
    protocol_bytes = const PROTOCOL_BYTES,
    context_bytes = const CONTEXT_BYTES,
    tables_are_data = const object::TABLES_ARE_DATA as usize,
    guard = const cfg!(target_env = "msvc") as usize,
);

pub(crate) const SUPPORTED: bool = true;

/// The linked code tables: one for each register, and then the stack's.
#[allow(dead_code, reason = "a system without a way to map them does not ask")]
pub(crate) fn tables() -> *const u8 {
    &raw const tramp_rt_tables
}

/// Whether these bytes are a part of the tables as it was assembled, thunk by thunk. Mapped bytes may come from another
/// file or another version. Or a tool such as BOLT has taken the tables for functions. Then it moves them, and their thunks
/// still lead to the old place of the linked slots.
#[allow(dead_code, reason = "only copies are compared")]
pub(crate) fn is_as_assembled(part: usize, bytes: &[u8]) -> bool {
    let Some(patterns) = object::patterns() else { return true };
    // SAFETY: the constants have this length, and nothing writes them.
    let mut patterns = unsafe { core::slice::from_raw_parts(patterns, PATTERN_BYTES) };
    Table::all().all(|table| {
        let Some((pattern, others)) = patterns.split_at_checked(table.pattern_bytes()) else { return false };
        patterns = others;
        let start = table.linked_offset() % COPY_BYTES;
        table.part() != part || bytes.get(start..start + TABLE_BYTES).is_some_and(|table| repeats(pattern, table))
    })
}

/// Whether a table consists of this pattern and nothing else.
#[inline(never)] // one copy of it in every program, and not one for each table
fn repeats(pattern: &[u8], table: &[u8]) -> bool {
    // After a thunk, the assembler fills up with zeros among constants, but with no-ops among code.
    let behind = pattern.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let period = pattern.len();
    table[..behind] == pattern[..behind] && table[period..] == table[..TABLE_BYTES - period]
}

/// The handler of all stack slots.
pub(crate) fn stack_routine() -> *const () {
    (&raw const tramp_rt_stack).cast()
}

/// The handler of variadic slots.
pub(crate) fn spill_routine() -> *const () {
    unsafe extern "C" {
        #[link_name = symbol!("_spill")]
        static tramp_rt_spill: u8;
    }
    (&raw const tramp_rt_spill).cast()
}

/// The handler of dynamic slots.
pub(crate) fn dynamic_routine() -> *const () {
    unsafe extern "C" {
        #[link_name = symbol!("_dynamic")]
        static tramp_rt_dynamic: u8;
    }
    (&raw const tramp_rt_dynamic).cast()
}

/// The stack routine, for a target in C that takes its context as the last argument.
#[cfg(feature = "capi")]
pub(crate) fn c_stack_routine() -> *const () {
    unsafe extern "C" {
        #[link_name = symbol!("_c_stack")]
        static tramp_rt_c_stack: u8;
    }
    (&raw const tramp_rt_c_stack).cast()
}

/// Calls a probe function with a mark in every place.
///
/// # Safety
/// `function` must accept any argument registers and `stack.len()` words on the stack. Memory that it writes or reads
/// through a mark must be valid.
pub(crate) unsafe fn call_marked(function: *const (), registers: &[usize; REGISTERS], stack: &[usize]) {
    // SAFETY: the function accepts any registers and this many words of stack. The routine reads the two arrays and
    // follows its convention.
    unsafe { tramp_rt_call_marked(function, registers.as_ptr(), stack.as_ptr(), stack.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::geometry::LINKED_BYTES;

    /// A tool may change all thunks in the same way. Then a table still repeats.
    #[test]
    fn tables_that_repeat_something_else_are_refused() {
        let Some(patterns) = object::patterns() else { return };
        // SAFETY: the constants have this length, and nothing writes them.
        let mut patterns = unsafe { core::slice::from_raw_parts(patterns, PATTERN_BYTES) };
        let mut linked = alloc::vec![0; LINKED_BYTES];
        let mut tables = alloc::vec::Vec::new();
        for table in Table::all() {
            let (pattern, others) = patterns.split_at(table.pattern_bytes());
            patterns = others;
            let bytes = &mut linked[table.linked_offset()..][..TABLE_BYTES];
            bytes.iter_mut().zip(pattern.iter().cycle()).for_each(|(byte, &of)| *byte = of);
            tables.push((table, pattern));
        }
        let is_whole = |linked: &[u8], part: usize| is_as_assembled(part, &linked[part * COPY_BYTES..][..COPY_BYTES]);
        for (table, pattern) in tables {
            assert!(is_whole(&linked, table.part()));
            // The end, because a pattern may be a whole run.
            for offset in (0..pattern.len()).rev().filter(|&offset| pattern[offset] != 0).take(32) {
                let mut changed = linked.clone();
                let bytes = &mut changed[table.linked_offset()..][..TABLE_BYTES];
                bytes.iter_mut().skip(offset).step_by(pattern.len()).for_each(|byte| *byte ^= 1);
                assert!(!is_whole(&changed, table.part()), "byte {offset} of {pattern:x?}");
            }
        }
    }
}
