//! The probe: asking the compiler where the extra argument of a signature lives.
//!
//! Every psABI has its own rules for structs by value, homogeneous aggregates, `i128`, vectors, return pointers. rustc
//! knows them all, so none are written here. A function with the signature's arguments and the slot behind them is
//! called with a distinct *mark* in every argument register and in every word where stack arguments can be, and the
//! mark that arrives as the slot names its place. If that would be too many marks, they are fewer, and the function is
//! called once for each digit of the place.
//!
//! ```text
//!   registers   m0 m1 m2 m3 m4 m5                 m = base + i × stride
//!   stack       m6 m7 m8 …          ──call──▶     probe(…, slot)      slot = base + i × stride, so place = i
//! ```
//!
//! A mark may be used before it arrives: a return pointer is written through, and an argument that is passed by
//! reference may be copied from. So marks are aligned pointers, each to as much memory as the largest type needs.

use core::alloc::Layout;
use core::ptr::NonNull;

/// A signature's sizes, as far as the marks depend on them.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentLayout {
    pub(crate) arguments: usize,
    /// An upper bound of what the arguments take on the stack.
    pub(crate) stack_bytes: usize,
    /// The strictest alignment of an argument.
    pub(crate) argument_align: usize,
    /// The largest of arguments and result.
    pub(crate) largest_bytes: usize,
    /// The strictest alignment of arguments and result.
    pub(crate) largest_align: usize,
}

impl ArgumentLayout {
    /// A signature with this result and no arguments yet.
    pub const fn of_return<R>() -> Self {
        let layout = Layout::new::<R>();
        Self {
            arguments: 0,
            stack_bytes: 0,
            argument_align: 1,
            largest_bytes: layout.size(),
            largest_align: layout.align(),
        }
    }

    /// One argument more.
    #[must_use]
    pub const fn argument<A>(self) -> Self {
        let layout = Layout::new::<A>();
        // A slot of a word at least, and whatever padding its alignment brings before it. If that is more than there are
        // addresses, the signature has no place.
        let bytes = layout.size().next_multiple_of(8).saturating_add(layout.align());
        Self {
            arguments: self.arguments + 1,
            stack_bytes: self.stack_bytes.saturating_add(bytes),
            argument_align: max(self.argument_align, layout.align()),
            largest_bytes: max(self.largest_bytes, layout.size()),
            largest_align: max(self.largest_align, layout.align()),
        }
    }
}

const fn max(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

/// How to ask for one signature.
#[derive(Debug)]
pub struct Probe {
    /// The probe function; none if nobody has to be asked, because the signature is variadic.
    #[cfg_attr(not(feature = "mapped"), expect(dead_code, reason = "direct thunks need no place"))]
    pub(crate) function: Option<NonNull<()>>,
    #[cfg_attr(not(feature = "mapped"), expect(dead_code, reason = "direct thunks need no place"))]
    pub(crate) layout: ArgumentLayout,
}

// SAFETY: the pointer is a function's.
unsafe impl Sync for Probe {}

#[cfg(feature = "mapped")]
std::thread_local! {
    pub(crate) static ARRIVED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// Called by the probe function with what it received as the slot. Nobody asks where there is no place to find.
#[cfg_attr(not(feature = "mapped"), allow(unused_variables, reason = "direct thunks need no place"))]
pub fn report(slot: usize) {
    #[cfg(feature = "mapped")]
    ARRIVED.set(slot);
}

impl Probe {
    /// A probe that calls `function`, which takes arguments of this `layout` and the slot.
    pub const fn new(function: *const (), layout: ArgumentLayout) -> Self {
        Self { function: NonNull::new(function.cast_mut()), layout }
    }

    /// What is known of every variadic signature.
    #[cfg(feature = "mapped")]
    pub const VARIADIC: Self = Self { function: None, layout: ArgumentLayout::of_return::<()>() };
}
