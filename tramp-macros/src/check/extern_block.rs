//! Form A: an `extern` block whose functions take closures.

use syn::visit::Visit;
use syn::{GenericParam, ReturnType, Signature, Type};

use crate::check::callback::{self, example};
use crate::check::search::{NoImpl, NoLifetimeOf};
use crate::errors::Errors;
use crate::parse::callback::FnKind;
use crate::parse::destroy::Destroy;
use crate::parse::extern_block::{Closure, ExternBlock, Function, Param, Role};
use crate::parse::generics;
use crate::parse::scope::{Scope, ScopeKind};
use crate::parse::types;

pub(super) fn check(block: &ExternBlock, errors: &mut Errors) {
    callback::check_convention(&block.abi, errors);
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
        errors.at(
            variadic,
            "a function with variable arguments cannot take closures; take function pointers, and make them with \
             `Trampoline::<unsafe extern \"C\" fn(…)>::scoped`",
        );
    }
    for param in &signature.generics.params {
        match param {
            GenericParam::Lifetime(_) => {}
            GenericParam::Type(ty) => match generics::closure_bound(&signature.generics, ty) {
                Some(name) => {
                    errors.at(
                        ty,
                        format_args!("a C function has no type parameters; write `impl {name}(…)` for the type"),
                    );
                }
                None => errors.at(ty, "a C function has no type parameters; write the type that C takes"),
            },
            GenericParam::Const(number) => {
                errors.at(number, "a C function has no constant parameters; write the type that C takes");
            }
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
    if let Some(Err(error)) = function.fallible.as_ref().map(|fallible| fallible.meta.require_path_only()) {
        errors.push(error);
    }
    check_safe(function, errors);
    let message = "C cannot return a closure; write the type of a function pointer";
    NoImpl { message, errors }.visit_return_type(&signature.output);
    if let Some(result) = function.result().filter(|ty| types::closure_object(ty).is_some()) {
        errors.at(result, message);
    }
}

fn check_plain_param(ty: &Type, errors: &mut Errors) {
    if let Some(name) = types::closure_object(ty) {
        let closure = match types::in_option(ty) {
            Some(_) => format!("Option<impl {name}(…)>"),
            None => format!("impl {name}(…)"),
        };
        errors.at(ty, format_args!("C cannot call a trait object; take the closure itself: `{closure}`"));
    }
    let message = match types::ungrouped(ty) {
        Type::ImplTrait(_) => return, // not a closure, as the parser has said
        Type::Reference(_) => "take the closure by value; a caller can pass `&mut closure` all the same",
        _ => {
            "a closure inside another type is not supported; take `impl Fn…` or `Option<impl Fn…>`, or a function pointer"
        }
    };
    NoImpl { message, errors }.visit_type(ty);
}

fn check_closure(closure: &Closure, function: &Signature, errors: &mut Errors) {
    callback::check_lifetimes(&closure.callback.lifetimes, errors);
    for ty in closure.callback.types() {
        let message = "a closure inside a callback is not supported; write the type of a function pointer";
        NoImpl { message, errors }.visit_type(ty);
        let message = "a callback cannot use a lifetime of the function; leave it out, or bind it with `for<…>`";
        NoLifetimeOf { function, message, errors }.visit_type(ty);
    }
    check_scope(closure, errors);
    check_threads(closure, errors);
    callback::check_one_user_data(&closure.callback, errors);
    callback::check_variadic(&closure.callback, errors);
    callback::check_declared(&closure.callback, function.generics.lifetimes(), example::CLOSURE, errors);
    callback::check_elision(&closure.callback, example::CLOSURE, errors);
    callback::check_on_panic(&closure.callback, closure.is_lent(), errors);
}

/// Checks how long C keeps the closure, and whether the bounds agree.
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

fn check_destroy(destroy: &Destroy, errors: &mut Errors) {
    let callback = &destroy.callback;
    match &callback.abi {
        Some(abi) => callback::check_convention(abi, errors),
        None => errors.at(callback.fn_token, "C cannot call a Rust function; write `unsafe extern \"C\" fn`"),
    }
    callback::check_one_user_data(callback, errors);
    if let ReturnType::Type(_, ty) = &callback.output {
        errors.at(
            ty,
            "this function destroys the closure and returns nothing; for any other, write `*mut c_void` as its user data",
        );
    }
}

/// The first closure with user data gets the first parameter that takes user data, and so on. The same holds for
/// destroy functions.
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
        if types::is_never(ty) {
            for scope in owned.filter(|scope| scope.kind == ScopeKind::Owned) {
                errors.at(&scope.word, "the function does not return, so nobody owns the closure: write `forever`");
            }
        }
    }
}

/// A user who declares a `safe fn` makes promises for the callers. So a callback must not need a promise that only the
/// callers can make.
fn check_safe(function: &Function, errors: &mut Errors) {
    let Some(safe) = &function.safe else {
        return;
    };
    if function.closures().any(|(_, closure)| closure.scope() == ScopeKind::Owned) && function.restore.is_none() {
        errors.at(
            safe,
            "this function is `unsafe` to call: who drops the trampoline of an owned closure promises that C calls it no \
             more; remove `safe`",
        );
    }
    if function.restore.is_some() {
        errors.at(
            safe,
            "this function is `unsafe` to call: who installs handlers promises that the last one is the first to go, on \
             all threads; remove `safe`",
        );
    }
}

/// `#[restore]` requires one closure, and that the result has the type of the parameter.
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

/// Either any thread may call a callback, or only the thread that made it. The bounds say which.
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
