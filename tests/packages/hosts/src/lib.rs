//! Puts processes into states that forbid or break dynamic code, and runs the library's code there.
//!
//! ```text
//!   parent  watch/     starts a child, and sees its mappings, files and signals by ptrace(2)
//!           outcome.rs says what that means: it works, works but …, or fails in some way
//!   child   child.rs   place → first use? → state → growth, calls, drops, again → exit
//!           state/     the states
//!           workload.rs the work in them, in this program or in a library
//!           subject.rs, peers.rs  whose closures: tramp's, libffi's, closure-ffi's, the naive ones of naive.rs
//! ```
//!
//! Nothing is simulated. The child does not judge itself, because the parent sees what it maps, creates and keeps.

#![cfg(target_os = "linux")]

pub mod child;
pub mod command;
pub mod naive;
pub mod outcome;
#[cfg(feature = "peers")]
pub mod peers;
pub mod place;
pub mod programs;
pub mod state;
pub mod subject;
pub mod system;
pub mod watch;
pub mod workload;

pub use command::main;
