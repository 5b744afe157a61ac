//! The place where an argument travels.

use crate::slot::CopiedArguments;

/// The place where a thunk has to put the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The argument register with this index in the processor's list.
    Register(usize),
    /// An argument register that a call preserves. The number of bytes on the stack is only an upper bound here.
    SavedRegister(CopiedArguments),
    /// On the stack, after other arguments.
    Stack(CopiedArguments),
    /// Behind the addresses of spilled arguments, which is all that a variadic handler takes.
    Variadic,
}

/// What the arguments before the context take, for a C function.
#[cfg(feature = "capi")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArgumentsBefore {
    pub(crate) registers: usize,
    pub(crate) stack_words: usize,
}

#[cfg(feature = "capi")]
impl ArgumentsBefore {
    /// The first words go to registers, as long as there are registers, and the others go to the stack.
    #[allow(dead_code, reason = "not of every processor")]
    pub(super) fn in_order(words: usize, registers: usize) -> Self {
        let registers = words.min(registers);
        Self { registers, stack_words: words - registers }
    }
}
