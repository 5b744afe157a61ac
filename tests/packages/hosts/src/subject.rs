//! Whose closures are tried.

use std::borrow::Cow;

use tramp_rt::Trampoline;

/// The signature of everything that is created.
pub type Callback = unsafe extern "C" fn(u64) -> u64;

/// Why a closure could not be had. To say it must not need memory where that is what there is none of.
pub type Why = Cow<'static, str>;

/// Owns a closure that C can call.
pub trait Owner: Sized {
    fn create(closure: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why>;
    fn callback(&self) -> Callback;
    /// Has `count` in stock, if there is a way to.
    fn stock(_count: usize) -> Option<Result<(), String>> {
        None
    }
}

impl Owner for Trampoline<Callback> {
    fn create(closure: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why> {
        Self::new(closure).map_err(|failed| failed.to_string().into())
    }

    fn callback(&self) -> Callback {
        self.as_fn()
    }

    fn stock(count: usize) -> Option<Result<(), String>> {
        Some(Self::reserve(count).map_err(|error| error.to_string()))
    }
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Subject {
    Tramp = 0,
    Libffi = 1,
    ClosureFfi = 2,
    /// Not a column. It fails in every state that forbids something, so it shows a state that forbids nothing.
    Naive = 3,
}

impl Subject {
    /// The columns that this build has.
    pub const ALL: &[Self] =
        if cfg!(feature = "peers") { &[Self::Tramp, Self::Libffi, Self::ClosureFfi] } else { &[Self::Tramp] };

    pub fn name(self) -> &'static str {
        match self {
            Self::Tramp => "tramp",
            Self::Libffi => "libffi 5.2",
            Self::ClosureFfi => "closure-ffi 4.1",
            Self::Naive => "naive",
        }
    }

    pub fn parse(number: &str) -> Option<Self> {
        Self::from_number(number.parse().ok()?)
    }

    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().chain([Self::Naive]).find(|&subject| subject as u32 == number)
    }
}
