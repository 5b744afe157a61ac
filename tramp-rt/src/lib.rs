//! Rust closures as plain C function pointers, with no code generated at run time.

#![cfg_attr(loom, allow(dead_code, unreachable_pub, reason = "a model is of the pool alone"))]

#[cfg(not(loom))]
mod arch;
#[cfg(not(loom))]
mod bind;
#[cfg(not(loom))]
mod call;
#[cfg(not(loom))]
mod claim;
#[cfg(not(loom))]
mod direct;
mod error;
#[cfg(not(loom))]
mod keeper;
#[cfg(not(loom))]
mod kept;
#[cfg(all(feature = "mapped", not(loom)))]
mod map;
mod misuse;
#[cfg(all(feature = "mapped", not(loom)))]
mod place;
#[cfg(feature = "mapped")]
mod pool;
#[cfg(not(loom))]
mod probe;
#[cfg(not(loom))]
mod signature;
mod slot;
mod sync;
#[cfg(all(feature = "mapped", not(loom)))]
mod table;
#[cfg(not(loom))]
mod trampoline;

#[cfg(not(loom))]
pub use tramp_macros::trampoline;

pub use error::{Attempt, CreateError, Error, Failure, Source, Unsupported};
#[cfg(not(loom))]
pub use {
    keeper::{AnyThread, Exclusive, InScope, Once, Shared, ThisThread, Threads},
    signature::{Entry, Signature},
    trampoline::Trampoline,
};

/// What expansions of `#[trampoline]` name. Not for use by hand: it changes without notice.
#[cfg(not(loom))]
#[doc(hidden)]
pub mod __private {
    pub use core::mem::{MaybeUninit, transmute};
    pub use core::ops::{Fn, FnMut, FnOnce};

    pub use crate::bind::{bind, bind_once, local, local_mut, local_once, new, new_mut, once};
    pub use crate::call::MappedCall;
    pub use crate::claim::EntryPoints;
    pub use crate::direct::{DEFAULT_THUNKS as DIRECT_DEFAULT, SLOTS as DIRECT_MAX, enter_direct};
    pub use crate::keeper::{Exclusive, Keeper, Once, Shared, Threads};
    pub use crate::probe::{ArgumentLayout, Probe, report};
    pub use crate::signature::{Entry, Never, Signature};
    pub use crate::{__entry as entry, __signature as signature, __thunks as thunks};

    /// What a wrapper made by `#[trampoline]` does with a trampoline that could not be created.
    #[track_caller]
    #[doc(hidden)]
    pub fn created<T, F>(created: Result<T, crate::CreateError<F>>) -> T {
        match created {
            Ok(created) => created,
            Err(failed) => panic!("no trampoline could be created: {failed}"),
        }
    }
}
