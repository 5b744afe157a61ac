//! Form C: a function whose first parameter is its state.

use syn::visit::Visit;
use syn::{Path, Signature, Type, TypeReference};

use crate::check::callback::{self, example};
use crate::check::search::{NoElidedLifetime, NoImpl, NoLifetimeOf};
use crate::errors::Errors;
use crate::parse::handler::{Handler, State};
use crate::parse::types;

pub(super) fn check(handler: &Handler, errors: &mut Errors) {
    let signature = &handler.function.sig;
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a handler is called by C, at run time; remove `const`");
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, "a handler is called by C, which cannot await; remove `async`");
    }
    for attr in handler.function.attrs.iter().filter(|attr| callback::names_symbol(attr)) {
        errors.at(attr, "a handler has no symbol, only the pointers that `bind` makes; remove this attribute");
    }
    for input in &signature.inputs {
        let message = "`impl` is not supported here; name the type with a parameter: `<T: …>`";
        NoImpl { message, errors }.visit_fn_arg(input);
    }
    check_state(&handler.state, signature, errors);
    if let Type::Reference(_) = types::ungrouped(&handler.state.param.ty) {
        let message = "C cannot borrow from the state; name the lifetime of another parameter, or return a pointer";
        NoElidedLifetime { message, errors }.visit_return_type(&signature.output);
    } else {
        callback::check_elision(&handler.callback, example::HANDLER, errors);
    }
    callback::check(&handler.callback, errors);
    callback::check_declared(&handler.callback, [], example::HANDLER, errors);
    callback::check_no_user_data(&handler.callback, errors);
}

fn check_state(state: &State, function: &Signature, errors: &mut Errors) {
    let is_conditional = |path: &Path| path.is_ident("cfg") || path.is_ident("cfg_attr");
    for attr in state.param.attrs.iter().filter(|attr| is_conditional(attr.path())) {
        errors.at(attr, "the state cannot be conditional; put the `cfg` on its fields, or on the handler");
    }
    if let Type::Reference(TypeReference { lifetime: Some(lifetime), .. }) = types::ungrouped(&state.param.ty) {
        errors.at(lifetime, "the state is borrowed for each call; leave the lifetime out");
    }
    if matches!(types::ungrouped(&state.ty), Type::Ptr(_)) || types::is_user_data(&state.ty) {
        errors.at(&state.ty, "a handler takes its state first, which C does not pass; add `state: &mut State`");
    }
    if is_unsized(&state.ty) {
        errors.at(&state.ty, "the state is moved into the trampoline; own it: `String`, `Vec<…>` or `Box<dyn …>`");
    }
    let message = "the state outlives the function that binds it; own the data, or borrow it for `'static`";
    NoLifetimeOf { function, message, errors }.visit_type(&state.ty);
    NoElidedLifetime { message, errors }.visit_type(&state.ty);
}

/// Whether rustc would say this too, but about generated code.
fn is_unsized(ty: &Type) -> bool {
    match types::ungrouped(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(ty) => ty.path.is_ident("str"),
        _ => false,
    }
}
