//! How a call uses a closure.
//!
//! | access         | closure  | a call gets | what a call does to its slot's state                       |
//! |----------------|----------|-------------|------------------------------------------------------------|
//! | [`Shared`]     | `Fn`     | `&F`        | nothing                                                    |
//! | [`Exclusive`]  | `FnMut`  | `&mut F`    | *running* until it returns: another call dies of that,     |
//! |                |          |             | and the owner's drop is left to the call                   |
//! | [`Once`]       | `FnOnce` | `F`         | *spent* for good: another call dies of that                |
//!
//! The state is the word that a call reads anyway: a direct slot's tag or a mapped slot's handler. So a call that may
//! not get in finds a state of which it dies instead of the code to run.

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Shared {}
    impl Sealed for super::Exclusive {}
    impl Sealed for super::Once {}
}

/// How a call uses a closure: [`Shared`], [`Exclusive`] or [`Once`].
pub trait Access: sealed::Sealed + 'static {
    /// Whether a slot's state says that a call runs.
    const EXCLUSIVE: bool = false;
    /// Whether a call takes the closure.
    const ONCE: bool = false;
}

/// No call takes the closure. So it may have an owner that drops it.
pub trait Repeated: Access {}

/// By reference, any number of times at once.
#[derive(Debug)]
pub struct Shared;

/// By mutable reference, one call at a time.
#[derive(Debug)]
pub struct Exclusive;

/// By value.
#[derive(Debug)]
pub struct Once;

impl Access for Shared {}
impl Access for Exclusive {
    const EXCLUSIVE: bool = true;
}
impl Access for Once {
    const ONCE: bool = true;
}

impl Repeated for Shared {}
impl Repeated for Exclusive {}
