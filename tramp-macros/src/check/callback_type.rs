//! Form B: a type alias that names a callback's signature.

use crate::check::callback::{self, example};
use crate::errors::Errors;
use crate::parse::callback::Callback;
use crate::parse::callback_type::CallbackType;

pub(super) fn check(alias: &CallbackType, errors: &mut Errors) {
    for lifetime in &alias.lifetimes {
        errors.at(lifetime, "a callback type has no lifetimes of its own; bind them with `for<…>`, or leave them out");
    }
    callback::check(&alias.callback, errors);
    callback::check_declared(&alias.callback, &alias.lifetimes, example::TYPE, errors);
    callback::check_one_user_data(&alias.callback, errors);
    callback::check_elision(&alias.callback, example::TYPE, errors);
    check_unsafe(&alias.callback, errors);
}

/// A function with user data follows any pointer that it gets, so its type has to be `unsafe`.
fn check_unsafe(callback: &Callback, errors: &mut Errors) {
    if callback.unsafety.is_none() && callback.user_data().next().is_some() {
        errors.at(
            callback.fn_token,
            "a function that takes user data is `unsafe` to call, since it follows any pointer that it is given; write \
             `unsafe extern \"C\" fn`",
        );
    }
}
