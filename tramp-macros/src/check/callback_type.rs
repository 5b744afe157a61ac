//! Form B: a type alias that names a callback's signature.

use crate::check::callback;
use crate::errors::Errors;
use crate::parse::callback_type::CallbackType;

pub(super) fn check(alias: &CallbackType, errors: &mut Errors) {
    for lifetime in &alias.lifetimes {
        errors.at(lifetime, "a callback type has no lifetimes of its own; bind them with `for<…>`, or leave them out");
    }
    callback::check(&alias.callback, errors);
    callback::check_one_user_data(&alias.callback, errors);
}
