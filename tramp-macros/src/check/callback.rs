//! Checks that every form needs for its callbacks.

use syn::visit::Visit;
use syn::{Abi, Attribute, LifetimeParam, Meta, Path, ReturnType};

use crate::check::search::{Lifetimes, Undeclared};
use crate::errors::Errors;
use crate::parse::callback::Callback;
use crate::parse::cfg::Conditional;
use crate::parse::on_panic::OnPanic;
use crate::parse::types;

/// How a form binds lifetimes, as a text for users.
pub(super) mod example {
    pub(crate) const CLOSURE: &str = "impl for<'a> Fn(&'a T, &U) -> &'a T";
    pub(crate) const TYPE: &str = "for<'a> unsafe extern \"C\" fn(&'a T, &U) -> &'a T";
    pub(crate) const HANDLER: &str = "fn name<'a>(state: &mut State, this: &'a T, that: &U) -> &'a T";
    pub(crate) const METHOD: &str = "fn name<'a>(&mut self, this: &'a T, that: &U) -> &'a T";
}

pub(super) fn check(callback: &Callback, errors: &mut Errors) {
    match &callback.abi {
        Some(abi) => check_convention(abi, errors),
        None => errors.at(callback.fn_token, "C cannot call a Rust function; write `extern \"C\" fn`"),
    }
    check_variadic(callback, errors);
    check_lifetimes(&callback.lifetimes, errors);
    check_on_panic(callback, false, errors);
}

/// Checks what is variable, and that it stands behind what is not.
pub(super) fn check_variadic(callback: &Callback, errors: &mut Errors) {
    for misplaced in callback.params.iter().map(|param| &param.ty).filter(|ty| types::is_va_args(ty)) {
        errors.at(
            misplaced,
            "variable arguments come last, once: write `...` as C does, or in `impl Fn(…)` `VaArgs` in its place",
        );
    }
    if callback.variadic.is_none() {
        return;
    }
    let convention = callback.convention();
    if !["C", "C-unwind", "cdecl"].contains(&convention.value().as_str()) {
        errors.at(
            &convention,
            "a callback with variable arguments has C's own convention; write `extern \"C\"` or `extern \"C-unwind\"`",
        );
    }
    for (_, param) in callback.user_data() {
        errors.at(
            &param.ty,
            "a callback with variable arguments is reached through a slot, not through user data: write `*mut c_void` \
             here and ignore it",
        );
    }
}

/// Checks what `callback` says about panics. `is_lent` says whether its closure is in a scope, which resumes a panic.
pub(super) fn check_on_panic(callback: &Callback, is_lent: bool, errors: &mut Errors) {
    match &callback.on_panic {
        Some(OnPanic::Unwind(word)) if !callback.unwinds() => {
            errors.at(word, "a panic unwinds into C only where the convention says so; write `extern \"C-unwind\"`");
        }
        Some(OnPanic::Return { word, value, hook }) => {
            match &callback.output {
                ReturnType::Type(_, ty) if types::is_never(ty) => {
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

/// Complains about user data. The state of such a form is bound to a slot.
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

/// Requires that each lifetime is bound by the callback or is one of `others`. rustc would check this too, but once for
/// each copy of the signature.
pub(super) fn check_declared<'a>(
    callback: &'a Callback,
    others: impl IntoIterator<Item = &'a LifetimeParam>,
    example: &str,
    errors: &mut Errors,
) {
    let declared = callback.lifetimes.iter().chain(others).map(|param| param.lifetime.clone()).collect();
    let message = format!("this lifetime is not declared; bind it as in `{example}`");
    let mut search = Undeclared { declared, message: &message, errors };
    callback.types().for_each(|ty| search.visit_type(ty));
}

/// Requires that a result without lifetimes can only borrow from one argument. rustc would check this too, but once for
/// each copy of the signature.
pub(super) fn check_elision(callback: &Callback, example: &str, errors: &mut Errors) {
    if callback.params.iter().any(|param| !param.conditions().is_empty()) {
        return; // conditions decide which parameters there are
    }
    let ReturnType::Type(_, output) = &callback.output else {
        return;
    };
    let Some(elided) = Lifetimes::of([&**output]).elided.into_iter().next() else {
        return;
    };
    let of_variable = usize::from(callback.variadic.is_some()); // `VaArgs<'_>` has one too
    match Lifetimes::of(callback.params.iter().map(|param| &param.ty)).count() + of_variable {
        0 => errors.at(
            elided,
            "C passes nothing that this could borrow from; name its lifetime, as in `&'static T`, or return a pointer",
        ),
        1 => {}
        _ => errors.at(elided, format_args!("say which argument this borrows from, as in `{example}`")),
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
