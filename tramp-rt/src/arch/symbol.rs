//! The names of linked symbols.

/// The name of a linked symbol. It contains the version and everything else that the assembly depends on, because one
/// program may contain this crate more than once: in two versions, or in the C library beside a Rust library.
macro_rules! symbol {
    ($name:literal) => {
        concat!(
            "tramp_rt_",
            env!("CARGO_PKG_VERSION_MAJOR"),
            "_",
            env!("CARGO_PKG_VERSION_MINOR"),
            "_",
            env!("CARGO_PKG_VERSION_PATCH"),
            env!("CARGO_PKG_VERSION_PRE"),
            $crate::arch::symbol::with_c!(),
            $name
        )
    };
}

#[cfg(feature = "capi")]
macro_rules! with_c {
    () => {
        "_with_c"
    };
}
#[cfg(not(feature = "capi"))]
macro_rules! with_c {
    () => {
        ""
    };
}

pub(crate) use {symbol, with_c};

unsafe extern "C" {
    /// The beginning of all these names, as the object format writes it. The assembler gets it as an operand.
    #[link_name = symbol!("")]
    pub(crate) static tramp_rt: u8;
}
