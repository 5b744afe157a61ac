//! The types that are known at run time, as types and as values.

use core::ffi::c_void;

use crate::arch::dynamic::{Frame, Place, Returned};

/// A C type that is known only at run time.
///
/// [`Type::of`] finds the type of C's names, whose width depends on the system: `Type::of::<c_long>()`. An `enum` is mostly an
/// `int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// `void`, of a result only.
    Void,
    /// `_Bool`
    Bool,
    /// `int8_t`
    I8,
    /// `int16_t`
    I16,
    /// `int32_t`
    I32,
    /// `int64_t`
    I64,
    /// `uint8_t`
    U8,
    /// `uint16_t`
    U16,
    /// `uint32_t`
    U32,
    /// `uint64_t`
    U64,
    /// `float`
    F32,
    /// `double`
    F64,
    /// Any pointer, also one to a function.
    Pointer,
    /// A struct or a union by value. [`Prototype::new`](super::Prototype::new) refuses it, with an error that says what to do.
    Struct,
}

impl Type {
    /// The C type of a Rust type.
    ///
    /// ```
    /// # use std::ffi::{c_int, c_void};
    /// # use tramp_rt::dynamic::Type;
    /// assert_eq!(Type::of::<c_int>(), Type::I32);
    /// assert_eq!(Type::of::<*mut c_void>(), Type::Pointer);
    /// ```
    pub const fn of<T: Scalar>() -> Self {
        T::TYPE
    }

    /// How large an integer or a pointer is.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Void | Self::Struct => 0,
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
            Self::Pointer => size_of::<usize>(),
        }
    }
}

/// A value of a [`Type`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is of the type of its name")]
pub enum Value {
    Void,
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Pointer(*mut c_void),
}

impl Value {
    /// Its type.
    pub fn of(self) -> Type {
        match self {
            Self::Void => Type::Void,
            Self::Bool(_) => Type::Bool,
            Self::I8(_) => Type::I8,
            Self::I16(_) => Type::I16,
            Self::I32(_) => Type::I32,
            Self::I64(_) => Type::I64,
            Self::U8(_) => Type::U8,
            Self::U16(_) => Type::U16,
            Self::U32(_) => Type::U32,
            Self::U64(_) => Type::U64,
            Self::F32(_) => Type::F32,
            Self::F64(_) => Type::F64,
            Self::Pointer(_) => Type::Pointer,
        }
    }

    /// As C gets it.
    #[allow(clippy::cast_sign_loss, reason = "the bits are extended")]
    pub(super) fn returned(self) -> Returned {
        let signed = |value: i64| Returned::integer(value as u64);
        match self {
            Self::Void => Returned::integer(0),
            Self::Bool(value) => Returned::integer(value.into()),
            Self::I8(value) => signed(value.into()),
            Self::I16(value) => signed(value.into()),
            Self::I32(value) => signed(value.into()),
            Self::I64(value) => signed(value),
            Self::U8(value) => Returned::integer(value.into()),
            Self::U16(value) => Returned::integer(value.into()),
            Self::U32(value) => Returned::unsigned(value),
            Self::U64(value) => Returned::integer(value),
            Self::F32(value) => Returned::float(value),
            Self::F64(value) => Returned::double(value),
            Self::Pointer(value) => Returned::integer(value.expose_provenance() as u64),
        }
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Void
    }
}

mod sealed {
    use super::{Frame, Place};

    pub trait Sealed {
        /// Reads an argument.
        ///
        /// # Safety
        /// * The frame is a call's, in which an argument of this type lies there.
        #[allow(private_interfaces, reason = "nobody else names it")]
        unsafe fn read(frame: Frame, place: Place) -> Self;
    }
}
use sealed::Sealed;

/// A Rust type that is the same as a [`Type`]: integers of 8 to 64 bits, `bool`, `f32`, `f64` and raw pointers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of a dynamic callback",
    label = "no integer of 8 to 64 bits, `bool`, `f32`, `f64` or raw pointer"
)]
pub trait Scalar: Sealed + Into<Value> {
    /// The type.
    const TYPE: Type;
}

macro_rules! scalars {
    ($($type:ty, $variant:ident, $read:ident;)*) => { $(
        impl Scalar for $type {
            const TYPE: Type = Type::$variant;
        }
        impl Sealed for $type {
            #[inline]
            #[allow(private_interfaces, reason = "nobody else names it")]
            unsafe fn read(frame: Frame, place: Place) -> Self {
                // SAFETY: an argument of this type lies there.
                unsafe { frame.$read(place) }
            }
        }
        impl From<$type> for Value {
            #[inline]
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )* };
}
scalars! {
    i8, I8, read;
    i16, I16, read;
    i32, I32, read;
    i64, I64, read;
    u8, U8, read;
    u16, U16, read;
    u32, U32, read;
    u64, U64, read;
    f32, F32, read_float;
    f64, F64, read;
}

impl Scalar for bool {
    const TYPE: Type = Type::Bool;
}
impl Sealed for bool {
    #[inline]
    #[allow(private_interfaces, reason = "nobody else names it")]
    unsafe fn read(frame: Frame, place: Place) -> Self {
        // SAFETY: a `_Bool` lies there, which is a byte.
        unsafe { frame.read::<u8>(place) != 0 }
    }
}
impl From<bool> for Value {
    #[inline]
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! words {
    ($($type:ty, $narrow:ident $narrow_variant:ident, $wide:ident $wide_variant:ident;)*) => { $(
        impl Scalar for $type {
            const TYPE: Type = if size_of::<Self>() == 4 { Type::$narrow_variant } else { Type::$wide_variant };
        }
        impl Sealed for $type {
            #[inline]
            #[allow(private_interfaces, reason = "nobody else names it")]
            unsafe fn read(frame: Frame, place: Place) -> Self {
                // SAFETY: an argument of this type lies there.
                unsafe { frame.read(place) }
            }
        }
        impl From<$type> for Value {
            #[inline]
            fn from(value: $type) -> Self {
                #[cfg(target_pointer_width = "64")]
                return Self::$wide_variant(value as $wide);
                #[cfg(not(target_pointer_width = "64"))]
                return Self::$narrow_variant(value as $narrow);
            }
        }
    )* };
}
words! {
    isize, i32 I32, i64 I64;
    usize, u32 U32, u64 U64;
}

macro_rules! pointers {
    ($($type:ty;)*) => { $(
        impl<T> Scalar for $type {
            const TYPE: Type = Type::Pointer;
        }
        impl<T> Sealed for $type {
            #[inline]
            #[allow(private_interfaces, reason = "nobody else names it")]
            unsafe fn read(frame: Frame, place: Place) -> Self {
                // SAFETY: a pointer lies there.
                unsafe { frame.read(place) }
            }
        }
        impl<T> From<$type> for Value {
            #[inline]
            #[allow(clippy::ptr_as_ptr, reason = "one form for both")]
            fn from(value: $type) -> Self {
                Self::Pointer(value as *mut c_void)
            }
        }
    )* };
}
pointers! {
    *const T;
    *mut T;
}
