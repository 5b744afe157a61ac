//! Callbacks whose types are known only at run time.
//!
//! ```text
//!   C calls     a function of some prototype
//!   thunk       of the stack's table, leads to the dynamic routine
//!   handler     extern "C" fn handler<F>(spilled, stack, slot: &Slot, result)
//!   closure     Fn(Arguments<'_>) -> R, where R becomes a Value
//! ```
//!
//! The handler is no function of C's signature, so no probe is asked and no direct thunk can be made. `arch::dynamic` says where
//! the arguments are. A [`Prototype`] keeps these places, so that a call computes none.

mod arguments;
mod plan;
mod types;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;

pub use self::arguments::Arguments;
pub(crate) use self::arguments::DynamicCall;
use self::plan::Plan;
pub use self::types::{Scalar, Type, Value};
use crate::arch::dynamic::{Place, Places};

/// The types of a C function that are known only at run time.
///
/// It is cheap to clone.
///
/// # Examples
///
/// ```
/// use tramp_rt::Trampoline;
/// use tramp_rt::dynamic::{Dynamic, Prototype, Type};
///
/// // What a script has declared: double (*)(int32_t, double)
/// let prototype = Prototype::new(&[Type::I32, Type::F64], Type::F64)?;
///
/// # #[cfg(any(target_os = "linux", windows))] {
/// let offset = 0.5;
/// let scale = Trampoline::<Dynamic>::new(prototype.closure(move |args| {
///     f64::from(args.get::<i32>(0)) * args.get::<f64>(1) + offset
/// }))?;
///
/// // C gets the pointer. Here it is called as C calls it:
/// type Scale = unsafe extern "C" fn(i32, f64) -> f64;
/// // SAFETY: the prototype's types.
/// let pointer = unsafe { std::mem::transmute::<unsafe extern "C" fn(), Scale>(scale.as_fn()) };
/// // SAFETY: the prototype's types, and the trampoline is there.
/// assert_eq!(unsafe { pointer(4, 2.5) }, 10.5);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Prototype(Arc<Plan>);

impl Prototype {
    /// More arguments than anybody's function has.
    const MOST_ARGUMENTS: usize = 1 << 16;

    /// The prototype of a C function with these arguments and this result.
    ///
    /// # Errors
    ///
    /// Returns an error if a type cannot be passed: a struct, or `void` as an argument.
    pub fn new(arguments: &[Type], result: Type) -> Result<Self, PrototypeError> {
        if arguments.len() > Self::MOST_ARGUMENTS {
            return Err(PrototypeError::TooManyArguments { most: Self::MOST_ARGUMENTS });
        }
        if result == Type::Struct {
            return Err(PrototypeError::Struct { argument: None });
        }
        let mut places = Places::new();
        let mut place = |(index, &of): (usize, &Type)| match of {
            Type::Void => Err(PrototypeError::Void { argument: index }),
            Type::Struct => Err(PrototypeError::Struct { argument: Some(index) }),
            Type::F32 => Ok((of, places.float())),
            Type::F64 => Ok((of, places.double())),
            _ => Ok((of, places.integer(of.bytes()))),
        };
        let arguments = arguments.iter().enumerate().map(&mut place).collect::<Result<Box<[_]>, _>>()?;
        let is_in_register =
            |&&(of, place): &&(Type, Place)| matches!(of, Type::F32 | Type::F64) && !place.is_on_stack();
        let float_registers = u32::try_from(arguments.iter().filter(is_in_register).count()).unwrap_or(u32::MAX);
        Ok(Self(Arc::new(Plan { arguments, result, float_registers })))
    }

    /// The types of the arguments.
    pub fn arguments(&self) -> impl ExactSizeIterator<Item = Type> + '_ {
        self.0.arguments.iter().map(|&(of, _)| of)
    }

    /// The type of the result.
    pub fn result(&self) -> Type {
        self.0.result
    }

    /// An `Fn` with this prototype, for the constructors of [`Trampoline<Dynamic>`](crate::Trampoline).
    ///
    /// The closure returns a value of the [`result`](Self::result)'s type, as a [`Scalar`] or as a [`Value`]; if the result is
    /// [`Type::Void`], it returns `()`.
    ///
    /// # Panics
    ///
    /// A call panics if the closure returns a value of another type. As every panic of a callback, that aborts the process.
    pub fn closure<F, R>(&self, closure: F) -> Closure<F, R>
    where
        F: Fn(Arguments<'_>) -> R,
        R: Into<Value>,
    {
        Closure::new(self, closure)
    }

    /// An `FnMut` with this prototype, for `new_mut` and the other constructors that end in `mut`. See
    /// [`closure`](Self::closure).
    pub fn closure_mut<F, R>(&self, closure: F) -> Closure<F, R>
    where
        F: FnMut(Arguments<'_>) -> R,
        R: Into<Value>,
    {
        Closure::new(self, closure)
    }

    /// An `FnOnce` with this prototype, for `once` and the other constructors that end so. See [`closure`](Self::closure).
    pub fn closure_once<F, R>(&self, closure: F) -> Closure<F, R>
    where
        F: FnOnce(Arguments<'_>) -> R,
        R: Into<Value>,
    {
        Closure::new(self, closure)
    }
}

impl fmt::Debug for Prototype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Prototype");
        self.arguments().for_each(|of| {
            tuple.field(&of);
        });
        tuple.finish()?;
        write!(f, " -> {:?}", self.result())
    }
}

/// A closure with its [`Prototype`]: what a [`Trampoline<Dynamic>`](crate::Trampoline) runs.
pub struct Closure<F, R> {
    prototype: Prototype,
    run: F,
    result: PhantomData<fn() -> R>,
}

impl<F, R> Closure<F, R> {
    fn new(prototype: &Prototype, run: F) -> Self {
        Self { prototype: prototype.clone(), run, result: PhantomData }
    }

    /// How many floating-point registers have an argument.
    pub(crate) fn float_registers(&self) -> u32 {
        self.prototype.0.float_registers
    }

    /// The closure alone.
    pub fn into_inner(self) -> F {
        self.run
    }
}

// What the entry points call, which have the prototype's arguments.
impl<F, R: Into<Value>> Closure<F, R> {
    /// Runs an `Fn`.
    #[inline(always)] // on the path of every call
    pub(crate) fn run(&self, call: DynamicCall<'_>)
    where
        F: Fn(Arguments<'_>) -> R,
    {
        call.answer(&self.prototype.0, |args| (self.run)(args));
    }

    /// Runs an `FnMut`.
    #[inline(always)] // on the path of every call
    pub(crate) fn run_mut(&mut self, call: DynamicCall<'_>)
    where
        F: FnMut(Arguments<'_>) -> R,
    {
        call.answer(&self.prototype.0, |args| (self.run)(args));
    }

    /// Runs an `FnOnce`.
    #[inline(always)] // on the path of every call
    pub(crate) fn run_once(self, call: DynamicCall<'_>)
    where
        F: FnOnce(Arguments<'_>) -> R,
    {
        call.answer(&self.prototype.0, self.run);
    }
}

impl<F, R> fmt::Debug for Closure<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("prototype", &self.prototype).finish_non_exhaustive()
    }
}

/// Why a [`Prototype`] cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrototypeError {
    /// A struct or a union is passed by value. Which registers hold it depends on its fields, by rules of each processor that
    /// this crate does not have.
    ///
    /// **Remedy:** use a closure of libffi (the crate `libffi`), which has these rules. The repository's [`programs/ffi`] makes
    /// such closures with static trampolines, so no code is made at run time. Or write a C function between the two that passes
    /// a pointer. If the types are known when the program is compiled, [`Trampoline`](crate::Trampoline) takes structs.
    ///
    /// [`programs/ffi`]: https://github.com/tramp-rs/tramp/tree/main/programs/ffi
    Struct {
        /// Which argument it is, from 0, or `None` for the result.
        argument: Option<usize>,
    },
    /// An argument is `void`.
    ///
    /// **Remedy:** a C function `(void)` has an empty list of arguments.
    Void {
        /// Which argument it is, from 0.
        argument: usize,
    },
    /// There are more arguments than this crate allows.
    ///
    /// **Remedy:** check where the list of types comes from.
    TooManyArguments {
        /// How many there can be.
        most: usize,
    },
}

impl fmt::Display for PrototypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Struct { argument } => {
                match argument {
                    Some(index) => write!(f, "argument {index} is a struct by value")?,
                    None => f.write_str("the result is a struct by value")?,
                }
                f.write_str("; use a closure of libffi, or let C pass a pointer to the struct")
            }
            Self::Void { argument } => {
                write!(f, "argument {argument} is `void`; a function `(void)` has an empty list of arguments")
            }
            Self::TooManyArguments { most } => write!(f, "there are more than {most} arguments"),
        }
    }
}

impl core::error::Error for PrototypeError {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn what_cannot_be_passed_is_refused() {
        for (arguments, result, expected) in [
            (vec![Type::Struct], Type::Void, "argument 0 is a struct by value; use a closure of libffi"),
            (vec![Type::I8, Type::F32, Type::Struct], Type::I8, "argument 2 is a struct by value"),
            (vec![], Type::Struct, "the result is a struct by value"),
            (vec![Type::I8, Type::Void], Type::Void, "argument 1 is `void`"),
            (vec![Type::I8; Prototype::MOST_ARGUMENTS + 1], Type::Void, "there are more than 65536 arguments"),
        ] {
            let error = Prototype::new(&arguments, result).expect_err(expected);
            assert!(error.to_string().starts_with(expected), "{error}");
        }
        assert!(Prototype::new(&vec![Type::F64; Prototype::MOST_ARGUMENTS], Type::Void).is_ok());
    }

    #[test]
    fn a_prototype_says_its_types() {
        let prototype = Prototype::new(&[Type::Bool, Type::of::<*const u8>()], Type::F32).expect("scalars");
        assert_eq!(prototype.arguments().collect::<Vec<_>>(), [Type::Bool, Type::Pointer]);
        assert_eq!(prototype.result(), Type::F32);
        assert_eq!(format!("{prototype:?}"), "Prototype(Bool, Pointer) -> F32");
    }
}
