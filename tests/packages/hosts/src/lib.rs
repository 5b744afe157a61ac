//! Puts processes really into states that forbid or break dynamic code, and runs the library's real code there.
//!
//! ```text
//!   parent  watch/     starts a child and sees, by ptrace(2), every mapping, file and signal of it
//!           outcome.rs what that means: works, works but …, fails how
//!   child   child.rs   place → first use? → state → growth, calls, drops, again → exit
//!           state/     the states
//!           workload.rs what is done in them, in this program or in a library
//!           subject.rs, peers.rs  whose closures: tramp's, libffi's, closure-ffi's, the naive ones of naive.rs
//! ```
//!
//! Nothing is mocked, and the child does not judge itself: what it maps, creates and keeps is seen from outside.

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
