//! Where arguments are passed as those in front of `...` are, and stored as for them.

pub(crate) use crate::arch::va_list::{Named as Fixed, Spilled};
