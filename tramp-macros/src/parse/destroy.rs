//! A parameter for the function with which C destroys a closure.

use syn::{Type, TypeBareFn};

use crate::errors::Errors;
use crate::parse::callback::Callback;
use crate::parse::types::{self, is_user_data};

/// A parameter for the function with which C destroys a closure: `Option<unsafe extern "C" fn(UserData)>`
#[derive(Clone)]
pub(crate) struct Destroy {
    pub(crate) callback: Callback,
    pub(crate) nullable: bool,
}

impl Destroy {
    /// Returns nothing if `ty` is not a function pointer that takes user data.
    pub(crate) fn parse(ty: &Type, errors: &mut Errors) -> Option<Self> {
        let (pointer, nullable) = match types::in_option(ty) {
            Some(inner) => (types::as_pointer(inner)?, true),
            None => (types::as_pointer(ty)?, false),
        };
        takes_user_data(pointer).then(|| Self { callback: Callback::from_pointer(pointer, errors), nullable })
    }
}

fn takes_user_data(pointer: &TypeBareFn) -> bool {
    pointer.inputs.iter().any(|input| is_user_data(&input.ty))
}
