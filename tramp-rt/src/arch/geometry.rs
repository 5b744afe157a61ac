//! How the linked tables lie. The assembly, the mapping of copies and the tables of slots share these numbers.
//!
//! ```text
//!    linked    ┌──────────┬──────────┬─ … ─┬──────────┐   one table for each register that can carry the slot,
//!    tables    │ reg 0    │ reg 1    │     │ stack    │   and one for the stack: TABLE_BYTES each
//!              └──────────┴──────────┴─ … ─┴──────────┘   a copy takes COPY_BYTES of this: one table, or all of them
//!                                                         where pages are too large for a table to have its own
//! ```

use core::mem::{align_of, offset_of, size_of};

use super::{
    CHAIN_REGISTERS, CONTEXT_BYTES, COPY_BYTES, PAGE_BYTES, PROTOCOL_BYTES, REGISTERS, RUN_BYTES, SAVED_REGISTERS,
    STACK_KEPT_BYTES, STACK_PUSHED_BYTES, TABLE_BYTES, THUNK_BYTES, THUNKS_CALL,
};
use crate::slot::{CopiedArguments, Slot, StackSlot};

/// A linked table. Its name says what its thunks pass, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// The thunks pass the slot to a closure's handler, in the argument register with this number in the processor's
    /// list.
    Closure(usize),
    /// The thunks pass the slot to a stack routine.
    Stack,
    /// The thunks pass the context to a target of the C library, with the processor's protocol.
    #[cfg(feature = "capi")]
    Protocol,
    /// The thunks pass the context to a target of the C library, in the argument register with this number.
    #[cfg(feature = "capi")]
    Context(usize),
    /// The thunks pass the context to a target of the C library, in the static chain's register with this number in the
    /// processor's list.
    #[cfg(feature = "capi")]
    Chain(usize),
}

/// The argument registers that a thunk may change. Each of them has its own table.
const REGISTER_TABLES: usize = REGISTERS - SAVED_REGISTERS;
const CLOSURE_TABLES: usize = REGISTER_TABLES + 1;
const CONTEXT_TABLES: usize = if cfg!(feature = "capi") { 1 + REGISTER_TABLES } else { 0 };
const CHAIN_TABLES: usize = if cfg!(feature = "capi") { CHAIN_REGISTERS } else { 0 };

impl Table {
    /// The number of linked tables.
    pub(crate) const COUNT: usize = CLOSURE_TABLES + CONTEXT_TABLES + CHAIN_TABLES;

    /// All tables, in the order in which they are linked.
    #[allow(dead_code, reason = "a system without a way to map asks for none")]
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self::of)
    }

    /// The table with this number, in the order in which the tables are linked.
    #[inline]
    pub(crate) const fn of(number: usize) -> Self {
        if number < REGISTER_TABLES {
            return Self::Closure(number);
        }
        match number - REGISTER_TABLES {
            0 => Self::Stack,
            #[cfg(feature = "capi")]
            1 => Self::Protocol,
            #[cfg(feature = "capi")]
            number if number - 2 < REGISTER_TABLES => Self::Context(number - 2),
            #[cfg(feature = "capi")]
            number => Self::Chain(number - 2 - REGISTER_TABLES),
            #[cfg(not(feature = "capi"))]
            _ => unreachable!(),
        }
    }

    /// Its number, in the order in which the tables are linked.
    #[inline]
    pub(crate) const fn number(self) -> usize {
        match self {
            Self::Closure(register) => register,
            Self::Stack => REGISTER_TABLES,
            #[cfg(feature = "capi")]
            Self::Protocol => CLOSURE_TABLES,
            #[cfg(feature = "capi")]
            Self::Context(register) => CLOSURE_TABLES + 1 + register,
            #[cfg(feature = "capi")]
            Self::Chain(register) => CLOSURE_TABLES + CONTEXT_TABLES + register,
        }
    }

    /// Its offset in the linked tables.
    pub(crate) const fn linked_offset(self) -> usize {
        let number = self.number();
        let (start, first) = if number < CLOSURE_TABLES {
            (0, 0)
        } else if number < FIRST_CHAIN {
            (CLOSURE_LINKED_BYTES, CLOSURE_TABLES)
        } else {
            (CLOSURE_LINKED_BYTES + CONTEXT_LINKED_BYTES, FIRST_CHAIN)
        };
        start + (number - first) * TABLE_BYTES
    }

    /// The part of the linked tables that contains it. A copy holds one part.
    pub(crate) const fn part(self) -> usize {
        self.linked_offset() / COPY_BYTES
    }

    /// The distance between its slots, in bytes.
    #[inline]
    pub(crate) const fn stride(self) -> usize {
        match self {
            Self::Closure(_) => THUNK_BYTES,
            Self::Stack => STACK_STRIDE,
            #[cfg(feature = "capi")]
            Self::Protocol => PROTOCOL_BYTES,
            #[cfg(feature = "capi")]
            Self::Context(_) | Self::Chain(_) => CONTEXT_BYTES,
        }
    }

    /// The number of bytes after which it repeats: one thunk, or a run if thunks call a helper.
    #[allow(dead_code, reason = "not in every object format")]
    pub(crate) const fn pattern_bytes(self) -> usize {
        if THUNKS_CALL { RUN_BYTES } else { self.stride() }
    }
}

/// The bytes that are linked, and that the master copy of a system holds.
#[allow(dead_code, reason = "a system without a way to map asks for none of the three")]
pub(crate) const LINKED_BYTES: usize = CLOSURE_LINKED_BYTES + C_LINKED_BYTES;
pub(crate) const CLOSURE_LINKED_BYTES: usize = linked_bytes(CLOSURE_TABLES);
#[allow(dead_code, reason = "as above")]
pub(crate) const C_LINKED_BYTES: usize = CONTEXT_LINKED_BYTES + linked_bytes(CHAIN_TABLES);
/// Where the chain's tables begin in the C library's.
#[allow(dead_code, reason = "as above")]
pub(crate) const CONTEXT_LINKED_BYTES: usize = linked_bytes(CONTEXT_TABLES);
const FIRST_CHAIN: usize = CLOSURE_TABLES + CONTEXT_TABLES;

const fn linked_bytes(tables: usize) -> usize {
    (tables * TABLE_BYTES).next_multiple_of(COPY_BYTES)
}

const STACK_STRIDE: usize = size_of::<StackSlot>();

const _: () = {
    assert!(size_of::<Slot>() <= THUNK_BYTES && THUNK_BYTES % align_of::<Slot>() == 0);
    assert!(size_of::<Slot>() <= PROTOCOL_BYTES && size_of::<Slot>() <= CONTEXT_BYTES);
    assert!(PROTOCOL_BYTES.is_power_of_two() && CONTEXT_BYTES.is_power_of_two());
    assert!(RUN_BYTES.is_power_of_two() && RUN_BYTES % THUNK_BYTES == 0 && RUN_BYTES % STACK_STRIDE == 0);
    assert!(TABLE_BYTES % RUN_BYTES == 0 && COPY_BYTES % PAGE_BYTES == 0);
    assert!(COPY_BYTES == TABLE_BYTES || COPY_BYTES == CLOSURE_LINKED_BYTES);
    assert!(offset_of!(StackSlot, slot) == 0);
};

/// The bytes of all patterns.
#[allow(dead_code, reason = "as above")]
pub(crate) const PATTERN_BYTES: usize = {
    let (mut table, mut bytes) = (0, 0);
    while table < Table::COUNT {
        bytes += Table::of(table).pattern_bytes();
        table += 1;
    }
    bytes
};

/// How the stack routine copies `bytes` of arguments. None of them is aligned to more than `align`.
///
/// The copy has the original's address modulo this alignment, and the slot's address lies after the copy. If an
/// argument needs more alignment than all arguments have bytes, it is not on the stack itself. Then only its address is
/// there.
///
/// ```text
///   caller's arguments   ──▶ ┬────────────────────┐
///                            │ STACK_PUSHED_BYTES │   by the call and by the routine, as it begins
///       stack pointer    ──▶ ┼────────────────────┤ ┐
///                            │ padding            │ │
///                            │ the slot's address │ │
///                            │ the copy           │ │ frame
///                            │ STACK_KEPT_BYTES   │ │ what a convention keeps free, and saved registers
///       stack pointer    ──▶ ┴────────────────────┘ ┘ of the handler's call
/// ```
pub(crate) const fn copied_arguments(bytes: usize, align: usize) -> Option<CopiedArguments> {
    /// The alignment of every stack. Some processors require less.
    const MIN_ALIGN: usize = 16;
    let align = if align > MIN_ALIGN && align <= bytes { align } else { MIN_ALIGN };
    let Some(room) = bytes.checked_add(STACK_PUSHED_BYTES + STACK_KEPT_BYTES + size_of::<usize>() + align - 1) else {
        return None;
    };
    let frame = (room & !(align - 1)) - STACK_PUSHED_BYTES;
    if frame > i32::MAX as usize {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "compared above")]
    Some(CopiedArguments { bytes: bytes as u32, frame: frame as u32 })
}
