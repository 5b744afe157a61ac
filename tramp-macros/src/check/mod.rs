//! Checks an item with one of the forms. It reports what rustc would not report, or with a worse message.

mod callback;
mod callback_type;
mod extern_block;
mod handler;
mod ops;
mod search;

use crate::errors::Errors;
use crate::parse::Form;
use crate::parse::args::Args;
use crate::parse::callback_type::CallbackType;
use crate::parse::handler::Handler;

pub(crate) fn check(form: &Form, args: &Args, errors: &mut Errors) {
    match (form, &args.ops) {
        (Form::Ops(ops), None) if errors.is_empty() => {
            errors
                .at(&ops.block.self_ty, "say which C struct has the callbacks: `#[trampoline(ops = file_operations)]`");
        }
        (Form::ExternBlock(_) | Form::CallbackType(_) | Form::Handler(_), Some(c_struct)) => {
            errors.at(c_struct, "`ops` is for an `impl`, whose methods are the struct's callbacks; remove it");
        }
        _ => {}
    }
    if let (Form::CallbackType(CallbackType { callback, .. }) | Form::Handler(Handler { callback, .. }), Some(direct)) =
        (form, &args.direct)
    {
        if callback.variadic.is_some() && direct.base10_digits() != "0" {
            errors.at(direct, "a callback with variable arguments has no direct trampolines; remove this");
        }
    }
    match form {
        Form::ExternBlock(block) => extern_block::check(block, errors),
        Form::CallbackType(alias) => callback_type::check(alias, errors),
        Form::Handler(handler) => handler::check(handler, errors),
        Form::Ops(ops) => ops::check(ops, errors),
    }
}
