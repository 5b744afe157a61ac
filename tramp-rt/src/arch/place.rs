//! Where an argument travels.

use crate::slot::CopiedArguments;

/// Where a thunk has to put the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The argument register with this index in the processor's list.
    Register(usize),
    /// An argument register that a call preserves.
    /// Of what is on the stack only an upper bound is known.
    SavedRegister(CopiedArguments),
    /// On the stack, behind other arguments.
    Stack(CopiedArguments),
}

/// What a C function's arguments take before the one that is the context.
#[cfg(feature = "capi")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArgumentsBefore {
    pub(crate) registers: usize,
    pub(crate) stack_words: usize,
}

#[cfg(feature = "capi")]
impl ArgumentsBefore {
    /// As many words go to registers as there are, the others to the stack.
    #[allow(dead_code, reason = "not of every processor")]
    pub(super) fn in_order(words: usize, registers: usize) -> Self {
        let registers = words.min(registers);
        Self { registers, stack_words: words - registers }
    }
}
