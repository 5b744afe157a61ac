//! The libraries whose closures are tried.

use std::borrow::Cow;

use tramp_rt::Trampoline;

/// The signature of everything that is created.
pub type Callback = unsafe extern "C" fn(u64) -> u64;

/// Why there is no closure. It needs no memory, because there may be none.
pub type Why = Cow<'static, str>;

/// Owns a closure that C can call.
pub trait Owner: Sized {
    fn create(closure: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Result<Self, Why>;
    fn callback(&self) -> Callback;
    /// Puts `count` in stock, if the library can.
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
    /// This is not a column. It fails in every state that forbids something. So it shows if a state forbids nothing.
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
