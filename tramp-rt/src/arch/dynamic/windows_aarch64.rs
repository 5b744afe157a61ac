//! aarch64 as Windows has it: arguments are passed as AAPCS64 says, unless the function is variadic.

pub(crate) use crate::arch::va_list::aarch64::{Spilled, VaList as Fixed};
