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
    /// Between these addresses and that of the result, which is all that a dynamic handler takes.
    Dynamic,
}

/// Who compiled or wrote a function that takes its context in a register that carries no argument: the static chain of
/// nested functions.
#[cfg(feature = "capi")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// GCC's nested functions, in C, Fortran and Ada.
    Gcc,
    /// LLVM's parameters with the attribute `nest`: flang's internal procedures.
    Llvm,
    /// libffi's closures for Go.
    Libffi,
}

/// Which thunks put a context into the register of a static chain.
#[cfg(feature = "capi")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "not on every processor")]
pub(crate) enum ChainPlace {
    /// Those of this register in the processor's list.
    Register(usize),
    /// The protocol's.
    Protocol,
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
