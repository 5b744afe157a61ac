//! The sources of code tables, the order in which they are tried, and how each can fail.
//!
//! This module knows neither tables nor the systems that have these sources.

#[cfg(not(loom))]
mod order;
mod types;

#[cfg(all(feature = "mapped", not(loom)))]
#[allow(unused_imports, reason = "a system without a way to map asks for none")]
pub(crate) use self::order::in_order;
#[cfg(not(loom))]
pub use self::order::{SourcesInUse, set_sources};
pub use self::types::Source;
#[cfg(feature = "std")]
pub use self::types::{Attempt, Failure};
