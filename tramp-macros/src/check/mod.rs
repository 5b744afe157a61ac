//! Says what rustc would not say, or not as well, about an item that has one of the forms.

use syn::visit::{self, Visit};
use syn::{
    Abi, Attribute, GenericParam, Lifetime, LifetimeParam, Meta, ParenthesizedGenericArguments, Path, ReturnType,
    Signature, Type, TypeBareFn, TypeImplTrait, TypeReference,
};

use crate::errors::Errors;
use crate::parse::Form;
use crate::parse::args::Args;
use crate::parse::callback::{Callback, FnKind};
use crate::parse::callback_type::CallbackType;
use crate::parse::destroy::Destroy;
use crate::parse::extern_block::{Closure, ExternBlock, Function, Param, Role};
use crate::parse::handler::{Handler, State};
use crate::parse::on_panic::OnPanic;
use crate::parse::ops::{Entry, Ops};
use crate::parse::scope::{Scope, ScopeKind};

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
        match &param.role {
            Role::Plain => check_plain_param(&param.ty, errors),
            Role::Closure(closure) => check_closure(closure, signature, errors),
            Role::UserData => {}
            Role::Destroy(destroy) => check_destroy(destroy, errors),
        }
    }
    check_user_data(function, errors);
    check_owned(function, errors);
    check_restore(function, errors);
    let message = "C cannot return a closure; write the type of a function pointer";
    NoImpl { message, errors }.visit_return_type(&signature.output);
}

fn check_plain_param(ty: &Type, errors: &mut Errors) {
    let message = match ty {
        Type::ImplTrait(_) => return, // no closure, as the parser said
        Type::Reference(_) => "take the closure by value; a caller can pass `&mut closure` all the same",
        _ => {
            "a closure inside another type is not supported; take `impl Fn…` or `Option<impl Fn…>`, or a function pointer"
        }
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
    check_scope(closure, errors);
    check_threads(closure, errors);
    check_one_user_data(&closure.callback, errors);
    check_on_panic(&closure.callback, closure.is_lent(), errors);
}

/// How long C keeps the closure, and what its bounds say of that.
fn check_scope(closure: &Closure, errors: &mut Errors) {
    match (&closure.scope, &closure.lifetime) {
        (_, Some(lifetime)) if lifetime.ident != "static" => {
            errors.at(
                lifetime,
                "a closure is lent for the call, or may borrow nothing; remove this, or write `'static` and a scope",
            );
        }
        (None, Some(lifetime)) if closure.kind == FnKind::FnOnce => {
            errors.at(
                lifetime,
                "C keeps this closure until it calls it: write `#[scope(async)]` in front of the parameter; or \
                 remove `'static`, to lend the closure until the function returns",
            );
        }
        (None, Some(lifetime)) => {
            errors.at(
                lifetime,
                "say how long C keeps this closure: write `#[scope(owned)]`, `#[scope(notified)]` or \
                 `#[scope(forever)]` in front of the parameter; or remove `'static`, to lend the closure until the \
                 function returns",
            );
        }
        (Some(Scope { kind: ScopeKind::Call, .. }), Some(lifetime)) => {
            errors.at(
                lifetime,
                "`call` lends the closure until the function returns, so that it may borrow; remove `'static`, or \
                 write how long C keeps it: `async`, `notified`, `owned` or `forever`",
            );
        }
        (Some(scope), None) if scope.kind != ScopeKind::Call => {
            errors.at(
                &scope.word,
                "C keeps this closure when the function has returned, so it may borrow nothing: add the bound \
                 `'static`; or write `call`, if C does not keep it",
            );
        }
        _ => {}
    }
    let Some(Scope { word, kind }) = &closure.scope else {
        return;
    };
    match kind {
        ScopeKind::Async if closure.kind != FnKind::FnOnce => {
            errors.at(
                word,
                "`async` is for what C calls once: write `impl FnOnce`; for more calls there are `owned`, `notified` \
                 and `forever`",
            );
        }
        ScopeKind::Owned | ScopeKind::Forever if closure.kind == FnKind::FnOnce => {
            errors.at(
                word,
                "an `FnOnce` is called once and then gone: write `async`; or take `impl FnMut`, to be called more often",
            );
        }
        ScopeKind::Notified if !closure.has_user_data() => {
            errors.at(
                word,
                "C tells a destroy function by user data which closure is meant: write `UserData` for the parameters in \
                 which C takes and passes it; without user data write `owned`, and drop the trampoline when C is done",
            );
        }
        _ => {}
    }
}

fn check_one_user_data(callback: &Callback, errors: &mut Errors) {
    for (_, second) in callback.user_data().skip(1) {
        errors.at(&second.ty, "what leads to the closure is passed once; write `*mut c_void` for the other");
    }
}

fn check_destroy(destroy: &Destroy, errors: &mut Errors) {
    let callback = &destroy.callback;
    match &callback.abi {
        Some(abi) => check_convention(abi, errors),
        None => errors.at(callback.fn_token, "C cannot call a Rust function; write `unsafe extern \"C\" fn`"),
    }
    check_one_user_data(callback, errors);
    if let ReturnType::Type(_, ty) = &callback.output {
        errors.at(
            ty,
            "this function destroys the closure and returns nothing; for any other, write `*mut c_void` as its user data",
        );
    }
}

/// The first closure with user data gets the first parameter that takes it, and so on; and so with destroy functions.
fn check_user_data(function: &Function, errors: &mut Errors) {
    let closures = || function.params.iter().filter_map(Param::closure).filter(|closure| closure.has_user_data());
    let places = || function.params.iter().filter(|param| matches!(param.role, Role::UserData));
    for (_, missing) in closures().skip(places().count()).filter_map(|closure| closure.callback.user_data().next()) {
        errors.at(
            &missing.ty,
            "the function takes no user data for this closure: mark its parameter `UserData`; or write `*mut c_void` \
             here, and the closure gets a slot",
        );
    }
    for extra in places().skip(closures().count()) {
        errors.at(
            &extra.ty,
            "no closure is reached through this: write `UserData` among its arguments too, where C passes it; or \
             `*mut c_void` here",
        );
    }
    let notified = || closures().filter(|closure| closure.scope() == ScopeKind::Notified);
    let destroys = || function.params.iter().filter(|param| matches!(param.role, Role::Destroy(_)));
    for scope in notified().skip(destroys().count()).filter_map(|closure| closure.scope.as_ref()) {
        errors.at(
            &scope.word,
            "no parameter takes the function that destroys this closure: write its type with `UserData`, as in \
             `destroy: Option<unsafe extern \"C\" fn(UserData)>`",
        );
    }
    for extra in destroys().skip(notified().count()) {
        errors.at(
            &extra.ty,
            "this is a function that destroys a closure, and there is none to destroy: write `#[scope(notified)]` in front \
             of the closure's parameter; or `*mut c_void` here, to pass a function of your own",
        );
    }
}

fn check_owned(function: &Function, errors: &mut Errors) {
    let owned = function.params.iter().filter_map(Param::closure).filter_map(|closure| closure.scope.as_ref());
    if let ReturnType::Type(_, ty) = &function.signature.output {
        if matches!(**ty, Type::Never(_)) {
            for scope in owned.filter(|scope| scope.kind == ScopeKind::Owned) {
                errors.at(&scope.word, "the function does not return, so nobody owns the closure: write `forever`");
            }
        }
    }
}

/// `#[restore]` wants one closure, and its type in the place of the result.
fn check_restore(function: &Function, errors: &mut Errors) {
    let Some(restore) = &function.restore else {
        return;
    };
    if let Err(error) = restore.meta.require_path_only() {
        errors.push(error);
    }
    if let ReturnType::Default = function.signature.output {
        errors.at(
            restore,
            "C puts back the handler that this function returns: write its type as the result, as in \
             `-> Option<unsafe extern \"C\" fn(c_int)>`",
        );
    }
    let closures: Vec<_> = function.params.iter().filter_map(Param::closure).collect();
    let [closure] = closures[..] else {
        errors.at(restore, "one handler takes the place of another: declare the parameter of one closure, and no more");
        return;
    };
    if closure.nullable {
        errors.at(
            restore,
            "there is nothing to put back for a handler that may be absent: take `impl Fn…` without `Option`, and \
             declare the function a second time to set none",
        );
    }
    if let Some((_, user_data)) = closure.callback.user_data().next() {
        errors.at(&user_data.ty, "the user data of the handler before is not returned; write `*mut c_void`");
    }
    match &closure.scope {
        Some(scope) if !matches!(scope.kind, ScopeKind::Call | ScopeKind::Owned) => {
            errors.at(
                &scope.word,
                "a handler is put back at the end of a call or when its owner is dropped: write `call` or `owned`",
            );
        }
        _ => {}
    }
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
    check_one_user_data(&alias.callback, errors);
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
    check_no_user_data(&handler.callback, errors);
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
    check_no_user_data(&entry.callback, errors);
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
    check_on_panic(callback, false, errors);
}

/// Checks what `callback` says of panics. `is_lent`: whether its closure is in a scope, where a panic is resumed.
fn check_on_panic(callback: &Callback, is_lent: bool, errors: &mut Errors) {
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
fn check_no_user_data(callback: &Callback, errors: &mut Errors) {
    for (_, param) in callback.user_data() {
        errors.at(
            &param.ty,
            "a state is bound to a slot, not to user data: write `*mut c_void` here and ignore it; or name the callback \
             by a `type`, for closures that are reached through user data",
        );
    }
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
