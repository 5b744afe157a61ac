//! A call as it comes from C: what its closure reads, and where its result goes.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use super::plan::Plan;
use super::types::{Scalar, Type, Value};
use crate::arch::dynamic::{Frame, Returned};

/// The arguments of one call.
///
/// They lie in the frame of the call, so they are valid until the call returns. `'call` is that time, so the compiler rejects
/// code that keeps them longer.
#[derive(Clone, Copy)]
pub struct Arguments<'call> {
    plan: &'call Plan,
    frame: Frame,
}

impl Arguments<'_> {
    /// The argument with this index, from 0, of a type that the program knows.
    ///
    /// # Panics
    ///
    /// Panics if the prototype has no such argument, or if it is of another type. `u32` and `i32` are other types; `c_int` is
    /// `i32`.
    #[inline(always)] // on the path of every call: a comparison and a load
    pub fn get<T: Scalar>(&self, index: usize) -> T {
        match self.plan.arguments.get(index) {
            // SAFETY: C calls with the prototype's types, of which this is the argument's.
            Some(&(of, place)) if of == T::TYPE => unsafe { T::read(self.frame, place) },
            other => no_such_argument(index, other.map(|&(of, _)| of), T::TYPE),
        }
    }

    /// The argument with this index, from 0, of any type.
    ///
    /// # Panics
    ///
    /// Panics if the prototype has no such argument.
    pub fn value(&self, index: usize) -> Value {
        assert!(index < self.len(), "there is no argument {index}, as the prototype has {}", self.len());
        match self.plan.arguments[index].0 {
            Type::Void | Type::Struct => unreachable!("no prototype has such an argument"),
            Type::Bool => self.get::<bool>(index).into(),
            Type::I8 => self.get::<i8>(index).into(),
            Type::I16 => self.get::<i16>(index).into(),
            Type::I32 => self.get::<i32>(index).into(),
            Type::I64 => self.get::<i64>(index).into(),
            Type::U8 => self.get::<u8>(index).into(),
            Type::U16 => self.get::<u16>(index).into(),
            Type::U32 => self.get::<u32>(index).into(),
            Type::U64 => self.get::<u64>(index).into(),
            Type::F32 => self.get::<f32>(index).into(),
            Type::F64 => self.get::<f64>(index).into(),
            Type::Pointer => self.get::<*mut ()>(index).into(),
        }
    }

    /// All arguments, of any types.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        (0..self.len()).map(|index| self.value(index))
    }

    /// How many there are.
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.plan.arguments.len()
    }
}

#[cold]
#[inline(never)]
fn no_such_argument(index: usize, of: Option<Type>, read: Type) -> ! {
    match of {
        Some(of) => panic!("argument {index} is {of:?} in the prototype, and was read as {read:?}"),
        None => panic!("argument {index} was read, which the prototype does not have"),
    }
}

impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A call, as the dynamic routine passes it.
#[derive(Debug)]
pub(crate) struct DynamicCall<'call> {
    frame: Frame,
    returned: NonNull<Returned>,
    call: PhantomData<&'call mut ()>,
}

impl DynamicCall<'_> {
    /// # Safety
    /// * The dynamic routine passed these three, for a call that lasts for `'call`.
    /// * C calls with the types of the prototype whose closure answers.
    #[inline]
    pub(crate) unsafe fn new(spilled: *const (), stack: *const (), returned: NonNull<()>) -> Self {
        Self { frame: Frame::new(spilled, stack), returned: returned.cast(), call: PhantomData }
    }

    /// Runs a closure, and leaves its result where the routine loads it from.
    #[inline(always)] // on the path of every call
    pub(super) fn answer<R: Into<Value>>(self, plan: &Plan, closure: impl FnOnce(Arguments<'_>) -> R) {
        let value: Value = closure(Arguments { plan, frame: self.frame }).into();
        if value.of() != plan.result {
            wrong_result(value.of(), plan.result);
        }
        // SAFETY: the routine passed the address, for a call that lasts.
        unsafe { self.returned.write(value.returned()) };
    }
}

#[cold]
#[inline(never)]
fn wrong_result(returned: Type, result: Type) -> ! {
    panic!("the closure returned {returned:?}, and the prototype's result is {result:?}")
}
