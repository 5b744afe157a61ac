//! What holds of a callback in every form.

use syn::{Abi, Attribute, LifetimeParam, Meta, Path, ReturnType, Type};

use crate::errors::Errors;
use crate::parse::callback::Callback;
use crate::parse::on_panic::OnPanic;

pub(super) fn check(callback: &Callback, errors: &mut Errors) {
    match &callback.abi {
        Some(abi) => check_convention(abi, errors),
        None => errors.at(callback.fn_token, "C cannot call a Rust function; write `extern \"C\" fn`"),
    }
    if let Some(variadic) = &callback.variadic {
        errors.at(variadic, "variadic callbacks are not supported; take a `*mut c_void` instead");
    }
    check_lifetimes(&callback.lifetimes, errors);
    check_on_panic(callback, false, errors);
}

/// Checks what `callback` says of panics. `is_lent`: whether its closure is in a scope, where a panic is resumed.
pub(super) fn check_on_panic(callback: &Callback, is_lent: bool, errors: &mut Errors) {
    match &callback.on_panic {
        Some(OnPanic::Unwind(word)) if !callback.unwinds() => {
            errors.at(word, "a panic unwinds into C only where the convention says so; write `extern \"C-unwind\"`");
        }
        Some(OnPanic::Return { word, value, hook }) => {
            match &callback.output {
                ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => {
                    errors.at(word, "a callback that does not return has no value for C; write `abort`");
                }
                ReturnType::Type(..) if value.is_none() => {
                    errors.at(word, "write the value that C gets, a constant: `return = -1`");
                }
                _ => {}
            }
            if let Some(hook) = hook.as_ref().filter(|_| is_lent) {
                errors
                    .at(hook, "a lent closure's panic goes on when C has returned; remove `hook`, or keep the closure");
            }
        }
        _ => {}
    }
}

/// A state is bound to a slot.
pub(super) fn check_no_user_data(callback: &Callback, errors: &mut Errors) {
    for (_, param) in callback.user_data() {
        errors.at(
            &param.ty,
            "a state is bound to a slot, not to user data: write `*mut c_void` here and ignore it; or name the callback \
             by a `type`, for closures that are reached through user data",
        );
    }
}

pub(super) fn check_convention(abi: &Abi, errors: &mut Errors) {
    if let Some(name) = abi.name.as_ref().filter(|name| name.value() == "Rust") {
        errors.at(name, "C knows no Rust functions; write `extern \"C\"`");
    }
}

pub(super) fn check_lifetimes(lifetimes: &[LifetimeParam], errors: &mut Errors) {
    for lifetime in lifetimes.iter().filter(|lifetime| !lifetime.bounds.is_empty()) {
        errors.at(lifetime, "a lifetime of a callback has no bounds; remove them");
    }
}

pub(super) fn check_one_user_data(callback: &Callback, errors: &mut Errors) {
    for (_, second) in callback.user_data().skip(1) {
        errors.at(&second.ty, "what leads to the closure is passed once; write `*mut c_void` for the other");
    }
}

/// Whether `attr` gives a function a symbol.
pub(super) fn names_symbol(attr: &Attribute) -> bool {
    let names_symbol = |path: &Path| path.is_ident("no_mangle") || path.is_ident("export_name");
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("unsafe") => {
            attr.parse_args::<Meta>().is_ok_and(|meta| names_symbol(meta.path()))
        }
        meta => names_symbol(meta.path()),
    }
}
