//! Form D: an `impl` whose methods are the callbacks of a C struct.

use syn::visit::Visit;
use syn::{GenericParam, LifetimeParam};

use crate::check::callback::{self, example};
use crate::check::search::{NoElidedLifetime, NoImpl, NoLifetimeIn, NoSelf};
use crate::errors::Errors;
use crate::parse::ops::{Entry, Ops};

pub(super) fn check(ops: &Ops, errors: &mut Errors) {
    for bounded in ops.lifetimes.iter().filter(|lifetime| !lifetime.bounds.is_empty()) {
        errors.at(bounded, "a lifetime of a state has no bounds here; remove them");
    }
    if !ops.has_callbacks {
        errors.at(&ops.block.self_ty, "C calls none of the methods; write `extern \"C\" fn` for those that it does");
    }
    for entry in &ops.entries {
        check_entry(entry, &ops.lifetimes, errors);
    }
}

fn check_entry(entry: &Entry, of_impl: &[LifetimeParam], errors: &mut Errors) {
    let signature = &entry.method.sig;
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a callback is called by C, at run time; remove `const`");
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, "a callback is called by C, which cannot await; remove `async`");
    }
    for attr in entry.method.attrs.iter().filter(|attr| callback::names_symbol(attr)) {
        errors.at(attr, "a callback has no symbol, only the pointer in its field; remove this attribute");
    }
    for param in &signature.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            errors.at(param, "C chooses no types; move the parameter to the `impl`");
        }
    }
    if let Some(lifetime) = entry.receiver.lifetime() {
        errors.at(lifetime, "the state is borrowed for each call; leave the lifetime out");
    }
    for input in &signature.inputs {
        let message = "`impl` is not supported here; write the type that C passes";
        NoImpl { message, errors }.visit_fn_arg(input);
    }
    for ty in entry.callback.types() {
        NoSelf { errors }.visit_type(ty);
        let message = "C knows nothing of what the state borrows; leave this lifetime out, or bind it in the method";
        NoLifetimeIn { lifetimes: of_impl, message, errors }.visit_type(ty);
    }
    let message = "C cannot borrow from the state; name the lifetime of another parameter, or return a pointer";
    NoElidedLifetime { message, errors }.visit_return_type(&signature.output);
    callback::check(&entry.callback, errors);
    callback::check_declared(&entry.callback, of_impl, example::METHOD, errors);
    callback::check_no_user_data(&entry.callback, errors);
}
