//! Says what rustc would not say, or not as well, about an item that has one of the forms.

use syn::visit::{self, Visit};
use syn::{
    Abi, Attribute, GenericParam, Lifetime, LifetimeParam, Meta, ParenthesizedGenericArguments, Path, Signature, Type,
    TypeBareFn, TypeImplTrait, TypeReference,
};

use crate::Form;
use crate::args::Args;
use crate::callback::{Callback, FnKind};
use crate::callback_type::CallbackType;
use crate::errors::Errors;
use crate::extern_block::{Closure, ExternBlock, Function};
use crate::handler::{Handler, State};
use crate::on_panic;
use crate::ops::{Entry, Ops};

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
    match form {
        Form::ExternBlock(block) => check_extern_block(block, errors),
        Form::CallbackType(alias) => check_callback_type(alias, errors),
        Form::Handler(handler) => check_handler(handler, errors),
        Form::Ops(ops) => check_ops(ops, errors),
    }
}

// Form A: an `extern` block

fn check_extern_block(block: &ExternBlock, errors: &mut Errors) {
    check_convention(&block.abi, errors);
    for function in &block.functions {
        check_function(function, errors);
    }
}

fn check_function(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a C function is not `const`; remove it");
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, "a C function is not `async`; remove it");
    }
    if let Some(body) = &function.body {
        errors.at(body, "a function of an `extern` block has no body; end the declaration with `;`");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "a variadic function cannot take closures; declare their parameters as function pointers");
    }
    for param in &signature.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            errors.at(param, "a C function has no type parameters; write the type that C takes");
        }
    }
    for param in &function.params {
        match &param.closure {
            Some(closure) => check_closure(closure, signature, errors),
            None => check_plain_param(&param.ty, errors),
        }
    }
    let message = "C cannot return a closure; write the type of a function pointer";
    NoImpl { message, errors }.visit_return_type(&signature.output);
}

fn check_plain_param(ty: &Type, errors: &mut Errors) {
    let message = match ty {
        Type::ImplTrait(_) => return, // no closure, as the parser said
        Type::Reference(_) => "take the closure by value; a caller can pass `&mut closure` all the same",
        _ => "a closure inside another type is not supported; take `impl Fn…` itself, or a function pointer",
    };
    NoImpl { message, errors }.visit_type(ty);
}

fn check_closure(closure: &Closure, function: &Signature, errors: &mut Errors) {
    check_lifetimes(&closure.callback.lifetimes, errors);
    for ty in closure.callback.types() {
        let message = "a closure inside a callback is not supported; write the type of a function pointer";
        NoImpl { message, errors }.visit_type(ty);
        let message = "a callback cannot use a lifetime of the function; leave it out, or bind it with `for<…>`";
        NoLifetimeOf { function, message, errors }.visit_type(ty);
    }
    match &closure.lifetime {
        Some(lifetime) if lifetime.ident != "static" => {
            errors.at(lifetime, "a callback is lent for the call or kept for ever; remove this, or write `'static`");
        }
        _ => {}
    }
    check_threads(closure, errors);
    on_panic::check(&closure.callback, closure.lifetime.is_none(), errors);
}

/// A callback is called by any thread or by the one that made it, and the bounds say which.
fn check_threads(closure: &Closure, errors: &mut Errors) {
    match (closure.kind, &closure.send, &closure.sync) {
        (FnKind::Fn, Some(lone), None) | (FnKind::Fn, None, Some(lone)) => {
            errors.at(
                lone,
                "write `Send + Sync` for any thread to call it, several at once, or neither for this thread only",
            );
        }
        (FnKind::FnMut | FnKind::FnOnce, None, Some(lone)) => {
            errors.at(lone, "write `Send` for any thread to call it, one at a time, or no bound for this thread only");
        }
        _ => {}
    }
}

// Form B: a type alias

fn check_callback_type(alias: &CallbackType, errors: &mut Errors) {
    for lifetime in &alias.lifetimes {
        errors.at(lifetime, "a callback type has no lifetimes of its own; bind them with `for<…>`, or leave them out");
    }
    check_callback(&alias.callback, errors);
}

// Form C: a handler

fn check_handler(handler: &Handler, errors: &mut Errors) {
    let signature = &handler.function.sig;
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a handler is called by C, at run time; remove `const`");
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, "a handler is called by C, which cannot await; remove `async`");
    }
    for attr in handler.function.attrs.iter().filter(|attr| names_symbol(attr)) {
        errors.at(attr, "a handler has no symbol, only the pointers that `bind` makes; remove this attribute");
    }
    for input in &signature.inputs {
        let message = "`impl` is not supported here; name the type with a parameter: `<T: …>`";
        NoImpl { message, errors }.visit_fn_arg(input);
    }
    check_state(&handler.state, signature, errors);
    if let Type::Reference(_) = *handler.state.param.ty {
        let message = "C cannot borrow from the state; name the lifetime of another parameter, or return a pointer";
        NoElidedLifetime { message, errors }.visit_return_type(&signature.output);
    }
    check_callback(&handler.callback, errors);
}

fn names_symbol(attr: &Attribute) -> bool {
    let names_symbol = |path: &Path| path.is_ident("no_mangle") || path.is_ident("export_name");
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("unsafe") => {
            attr.parse_args::<Meta>().is_ok_and(|meta| names_symbol(meta.path()))
        }
        meta => names_symbol(meta.path()),
    }
}

fn check_state(state: &State, function: &Signature, errors: &mut Errors) {
    let is_conditional = |path: &Path| path.is_ident("cfg") || path.is_ident("cfg_attr");
    for attr in state.param.attrs.iter().filter(|attr| is_conditional(attr.path())) {
        errors.at(attr, "the state cannot be conditional; put the `cfg` on its fields, or on the handler");
    }
    if let Type::Reference(TypeReference { lifetime: Some(lifetime), .. }) = &*state.param.ty {
        errors.at(lifetime, "the state is borrowed for each call; leave the lifetime out");
    }
    if let Type::Ptr(_) = state.ty {
        errors.at(&state.ty, "a handler takes its state first, which C does not pass; add `state: &mut State`");
    }
    if is_unsized(&state.ty) {
        errors.at(&state.ty, "the state is moved into the trampoline; own it: `String`, `Vec<…>` or `Box<dyn …>`");
    }
    let message = "the state outlives the function that binds it; own the data, or borrow it for `'static`";
    NoLifetimeOf { function, message, errors }.visit_type(&state.ty);
    NoElidedLifetime { message, errors }.visit_type(&state.ty);
}

/// Whether rustc would say so too, but of generated code.
fn is_unsized(ty: &Type) -> bool {
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(ty) => ty.path.is_ident("str"),
        _ => false,
    }
}

// Form D: a C struct of callbacks

fn check_ops(ops: &Ops, errors: &mut Errors) {
    for lifetime in &ops.lifetimes {
        errors.at(lifetime, "the state outlives the function that binds it; own the data, or borrow it for `'static`");
    }
    if !ops.has_callbacks {
        errors.at(&ops.block.self_ty, "C calls none of the methods; write `extern \"C\" fn` for those that it does");
    }
    for entry in &ops.entries {
        check_entry(entry, errors);
    }
}

fn check_entry(entry: &Entry, errors: &mut Errors) {
    let signature = &entry.method.sig;
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a callback is called by C, at run time; remove `const`");
    }
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, "a callback is called by C, which cannot await; remove `async`");
    }
    for attr in entry.method.attrs.iter().filter(|attr| names_symbol(attr)) {
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
    }
    let message = "C cannot borrow from the state; name the lifetime of another parameter, or return a pointer";
    NoElidedLifetime { message, errors }.visit_return_type(&signature.output);
    check_callback(&entry.callback, errors);
}

// All forms

fn check_callback(callback: &Callback, errors: &mut Errors) {
    match &callback.abi {
        Some(abi) => check_convention(abi, errors),
        None => errors.at(callback.fn_token, "C cannot call a Rust function; write `extern \"C\" fn`"),
    }
    if let Some(variadic) = &callback.variadic {
        errors.at(variadic, "variadic callbacks are not supported; take a `*mut c_void` instead");
    }
    check_lifetimes(&callback.lifetimes, errors);
    on_panic::check(callback, false, errors);
}

fn check_convention(abi: &Abi, errors: &mut Errors) {
    if let Some(name) = abi.name.as_ref().filter(|name| name.value() == "Rust") {
        errors.at(name, "C knows no Rust functions; write `extern \"C\"`");
    }
}

fn check_lifetimes(lifetimes: &[LifetimeParam], errors: &mut Errors) {
    for lifetime in lifetimes.iter().filter(|lifetime| !lifetime.bounds.is_empty()) {
        errors.at(lifetime, "a lifetime of a callback has no bounds; remove them");
    }
}

// Searches

/// Complains about each `impl Trait`.
struct NoImpl<'a> {
    message: &'a str,
    errors: &'a mut Errors,
}

impl Visit<'_> for NoImpl<'_> {
    fn visit_type_impl_trait(&mut self, found: &TypeImplTrait) {
        self.errors.at(found, self.message);
    }
}

/// Complains about each `Self`, which the signature is written apart from.
struct NoSelf<'a> {
    errors: &'a mut Errors,
}

impl Visit<'_> for NoSelf<'_> {
    fn visit_path(&mut self, found: &Path) {
        if found.segments.first().is_some_and(|first| first.ident == "Self") {
            self.errors.at(found, "`Self` is not supported in what C passes; write the type's name");
        }
        visit::visit_path(self, found);
    }
}

/// Complains about each lifetime that the function declares.
struct NoLifetimeOf<'a> {
    function: &'a Signature,
    message: &'a str,
    errors: &'a mut Errors,
}

impl Visit<'_> for NoLifetimeOf<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if self.function.generics.lifetimes().any(|declared| declared.lifetime == *found) {
            self.errors.at(found, self.message);
        }
    }
}

/// Complains about each elided lifetime that can be seen, except in the signature of a function, where it is bound.
struct NoElidedLifetime<'a> {
    message: &'a str,
    errors: &'a mut Errors,
}

impl Visit<'_> for NoElidedLifetime<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if found.ident == "_" {
            self.errors.at(found, self.message);
        }
    }
    fn visit_type_reference(&mut self, found: &TypeReference) {
        if found.lifetime.is_none() {
            self.errors.at(found, self.message);
        }
        visit::visit_type_reference(self, found);
    }
    fn visit_type_bare_fn(&mut self, _: &TypeBareFn) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
}
