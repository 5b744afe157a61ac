//! The probe asks the compiler where the extra argument of a signature travels.
//!
//! Every psABI has its own rules for structs by value, homogeneous aggregates, `i128`, vectors and return pointers.
//! rustc knows all of them, so this crate contains none of them. The compiler makes a function with the signature's
//! arguments and the slot behind them. The crate calls it with a different *mark* in every argument register and in
//! every word where stack arguments can be. The mark that arrives as the slot says where the slot travels. If that
//! needs too many marks, there are fewer, and the crate calls the function once for each digit of the place.
//!
//! ```text
//!   registers   m0 m1 m2 m3 m4 m5                 m = base + i × stride
//!   stack       m6 m7 m8 …          ──call──▶     probe(…, slot)      slot = base + i × stride, so place = i
//! ```
//!
//! The probe function may use a mark before it arrives: it may write through a return pointer, and copy an argument
//! that is passed by reference. So each mark is an aligned pointer to as much memory as the largest type needs.

use core::alloc::Layout;

/// The sizes of a signature's arguments and result, on which the marks depend.
#[derive(Debug, Clone, Copy)]
pub struct ArgumentLayout {
    pub(crate) arguments: usize,
    /// An upper bound for the bytes of the arguments on the stack.
    pub(crate) stack_bytes: usize,
    /// The strictest alignment of an argument.
    pub(crate) argument_align: usize,
    /// The size of the largest type among arguments and result.
    pub(crate) largest_bytes: usize,
    /// The strictest alignment of arguments and result.
    pub(crate) largest_align: usize,
}

impl ArgumentLayout {
    /// The layout of a signature with this result and no arguments yet.
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

    /// Adds one argument.
    #[must_use]
    pub const fn argument<A>(self) -> Self {
        let layout = Layout::new::<A>();
        // An argument takes at least one word on the stack, and its alignment may need padding in front of it. If the
        // sum is larger than any address, the signature has no place.
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

/// The probe of one signature.
#[derive(Debug)]
pub struct Probe {
    #[cfg_attr(not(feature = "mapped"), expect(dead_code, reason = "direct thunks need no place"))]
    pub(crate) question: Question,
    #[cfg_attr(not(feature = "mapped"), expect(dead_code, reason = "direct thunks need no place"))]
    pub(crate) layout: ArgumentLayout,
}

/// Whom to ask.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    /// The compiler, by calling the probe function.
    Call(#[cfg_attr(not(feature = "mapped"), expect(dead_code, reason = "direct thunks need no place"))] *const ()),
    /// Nobody: a routine stores all arguments, and C passes variable ones.
    #[cfg(feature = "mapped")]
    Variadic,
    /// Nobody: a routine stores all arguments, and their types are known only at run time.
    #[cfg(feature = "mapped")]
    Dynamic,
}

// SAFETY: the pointer leads to a function.
unsafe impl Sync for Probe {}

#[cfg(feature = "mapped")]
std::thread_local! {
    pub(crate) static ARRIVED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// The probe function calls this with what it received as the slot. Without mapped trampolines, nothing calls the probe
/// function.
#[cfg_attr(not(feature = "mapped"), allow(unused_variables, reason = "direct thunks need no place"))]
pub fn report(slot: usize) {
    #[cfg(feature = "mapped")]
    ARRIVED.set(slot);
}

impl Probe {
    /// A probe that calls `function`, which takes arguments of this `layout` and the slot.
    pub const fn new(function: *const (), layout: ArgumentLayout) -> Self {
        Self { question: Question::Call(function), layout }
    }

    /// The probe of every variadic signature.
    #[cfg(feature = "mapped")]
    pub const VARIADIC: Self = Self { question: Question::Variadic, layout: ArgumentLayout::of_return::<()>() };

    /// What is known of every dynamic signature.
    #[cfg(feature = "mapped")]
    pub(crate) const DYNAMIC: Self = Self { question: Question::Dynamic, layout: ArgumentLayout::of_return::<()>() };
}
