//! Makes callbacks from the closures. Those that C keeps get the names of the parameters. Those that are lent surround
//! the call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;
use syn::spanned::Spanned;

use super::types::{inner_name, signature_name};
use crate::expand::rules::rules;
use crate::names;
use crate::parse::callback::FnKind;
use crate::parse::destroy::Destroy;
use crate::parse::extern_block::{Closure, Function, Param, Role};
use crate::parse::on_panic::OnPanic;
use crate::parse::scope::ScopeKind;

/// A closure, with the parameters that belong to it.
pub(super) struct Part<'a> {
    pub(super) param: &'a Param,
    pub(super) closure: &'a Closure,
    pub(super) user_data: Option<&'a Ident>,
    pub(super) destroy: Option<(&'a Param, &'a Destroy)>,
}

/// The first closure with user data has the first parameter that takes user data, and so on. The same holds for destroy
/// functions.
pub(super) fn paired(function: &Function) -> Vec<Part<'_>> {
    let mut places =
        function.params.iter().filter(|param| matches!(param.role, Role::UserData)).map(|param| &param.name);
    let mut destroys = function.params.iter().filter_map(|param| match &param.role {
        Role::Destroy(destroy) => Some((param, destroy)),
        _ => None,
    });
    function
        .closures()
        .map(|(param, closure)| Part {
            param,
            closure,
            user_data: if closure.has_user_data() { places.next() } else { None },
            destroy: if closure.scope() == ScopeKind::Notified { destroys.next() } else { None },
        })
        .collect()
}

/// Makes the callbacks that C keeps. They become C's when they are [given](give). If a loan fails, they are dropped.
pub(super) fn prepare(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let Part { param, closure, .. } = part;
    let (callback, owner) = (&param.name, owner_name(part));
    match closure.scope() {
        ScopeKind::Owned => {
            let created = created(part, function, runtime);
            if closure.nullable {
                let split = split(part, runtime);
                let created = if_some(callback, &created);
                quote! {
                    let #owner = #created;
                    let #callback = ::core::option::Option::as_ref(&#owner);
                    let #callback = ::core::option::Option::map(#callback, #runtime::Trampoline::as_fn);
                    #split
                }
            } else {
                let pattern = pattern(part);
                quote!(let #owner = #created; let #pattern = #runtime::Trampoline::as_fn(&#owner);)
            }
        }
        ScopeKind::Notified => notified(part, function, runtime),
        ScopeKind::Call | ScopeKind::Async | ScopeKind::Forever => {
            let ty = inner_name(param);
            let rules = rules(closure.kind, &threads(closure), runtime, at_closure(part));
            let prepare = if closure.nullable { quote!(prepare_nullable) } else { quote!(prepare) };
            let prepared = quote!(#runtime::__private::#prepare::<#ty, #rules>(#callback));
            let prepared = or_fail(&prepared, function, runtime);
            quote!(let #owner = #prepared;)
        }
    }
}

/// Gives C the callbacks that it keeps, under the names of the parameters. Nothing can fail after this.
pub(super) fn give(part: &Part<'_>, runtime: &Path) -> TokenStream {
    let (callback, owner) = (&part.param.name, owner_name(part));
    match part.closure.scope() {
        ScopeKind::Owned => TokenStream::new(), // it stays with its owner
        _ if part.closure.nullable => {
            let split = split(part, runtime);
            quote!(let #callback = ::core::option::Option::map(#owner, #runtime::__private::Prepared::give); #split)
        }
        _ => {
            let pattern = pattern(part);
            quote!(let #pattern = #runtime::__private::Prepared::give(#owner);)
        }
    }
}

/// The `call`, inside the loans. In a fallible function it is a `Result`, as `call` has to be.
pub(super) fn lend(lent: &[&Part<'_>], call: TokenStream, function: &Function, runtime: &Path) -> TokenStream {
    // All closures share one place. After a panic of one of them, those whose signature has a value are not called any
    // more.
    let share_place = lent.len() > 1 && lent.iter().any(|part| resumes(part.closure));
    let share_place = share_place || lent.iter().any(|part| part.closure.nullable);
    let pending = names::own("pending");
    let call = lent.iter().rev().fold(call, |call, part| {
        let (callback, ty) = (&part.param.name, inner_name(part.param));
        let body = if part.closure.nullable {
            let split = split(part, runtime);
            quote!(|#callback| { #split #call })
        } else {
            let pattern = pattern(part);
            quote!(|#pattern| #call)
        };
        let lent = if part.closure.nullable || share_place && resumes(part.closure) {
            let rules = rules(part.closure.kind, &threads(part.closure), runtime, at_closure(part));
            let lend = if part.closure.nullable { quote!(lend_nullable) } else { quote!(lend) };
            quote!(#runtime::__private::#lend::<#ty, #rules, _>(#pending, #callback, #body))
        } else {
            let constructor = constructor(part.closure);
            quote!(#runtime::Trampoline::<#ty>::#constructor(#callback, #body))
        };
        if function.fallible.is_some() {
            quote!(#runtime::__private::lent(#lent))
        } else {
            quote!(#runtime::__private::created(#lent))
        }
    });
    if share_place { quote!(#runtime::__private::PendingPanic::resume_after(|#pending| #call)) } else { call }
}

/// The value of a `Result`. If it is an error, the code panics, or returns the error from a fallible function.
fn or_fail(result: &TokenStream, function: &Function, runtime: &Path) -> TokenStream {
    if function.fallible.is_some() { quote!(#result?) } else { quote!(#runtime::__private::created(#result)) }
}

/// `Trampoline::<Signature>::new(closure)`, with the constructor for this closure.
pub(super) fn created(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let (callback, ty) = (&part.param.name, signature_name(part.param, part.closure, function));
    let constructor = constructor(part.closure);
    or_fail(&quote!(#runtime::Trampoline::<#ty>::#constructor(#callback)), function, runtime)
}

/// Like `Option::map`, but a panic has the caller's location.
fn if_some(callback: &Ident, then: &TokenStream) -> TokenStream {
    quote! {
        match #callback {
            ::core::option::Option::Some(#callback) => ::core::option::Option::Some(#then),
            ::core::option::Option::None => ::core::option::Option::None,
        }
    }
}

/// Makes a closure that C destroys, and the function that destroys it.
fn notified(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let Part { param, closure, .. } = part;
    let (callback, owner, ty) = (&param.name, owner_name(part), inner_name(param));
    let rules = rules(closure.kind, &threads(closure), runtime, at_closure(part));
    let Some((destroy, Destroy { nullable, .. })) = part.destroy else {
        return TokenStream::new(); // the check has complained
    };
    let (destroy, destroy_ty) = (&destroy.name, inner_name(destroy));
    let make = if closure.nullable { quote!(notified_nullable) } else { quote!(notified) };
    let nullable = nullable.then(|| quote!(let #destroy = ::core::option::Option::Some(#destroy);));
    let made = quote!(#runtime::__private::#make::<#ty, #rules, #destroy_ty>(#callback));
    let made = or_fail(&made, function, runtime);
    quote!(let (#owner, #destroy) = #made; #nullable)
}

/// The result of a closure's constructor: a pointer, or a pointer and user data.
fn pattern(part: &Part<'_>) -> TokenStream {
    let callback = &part.param.name;
    match part.user_data {
        Some(data) => quote!((#callback, #data)),
        None => callback.to_token_stream(),
    }
}

/// Takes this result apart where it may be absent.
fn split(part: &Part<'_>, runtime: &Path) -> TokenStream {
    let callback = &part.param.name;
    let data = part.user_data.map(|data| quote!(let (#callback, #data) = #runtime::__private::split(#callback);));
    data.unwrap_or_default()
}

/// The place of the compiler's complaints about a closure.
fn at_closure(part: &Part<'_>) -> Span {
    Span::mixed_site().located_at(part.param.ty.span())
}

pub(super) fn owner_name(part: &Part<'_>) -> Ident {
    names::own(format_args!("owner_{}", part.param.name))
}

/// Whether a panic of the closure is resumed after C has returned.
pub(super) fn resumes(closure: &Closure) -> bool {
    closure.callback.on_panic.as_ref().is_some_and(OnPanic::returns)
}

fn constructor(closure: &Closure) -> Ident {
    let name = match (closure.is_lent(), &closure.send, closure.kind) {
        (true, Some(_), FnKind::Fn) => "scoped_any",
        (true, Some(_), FnKind::FnMut) => "scoped_any_mut",
        (true, Some(_), FnKind::FnOnce) => "scoped_any_once",
        (true, None, FnKind::Fn) => "scoped",
        (true, None, FnKind::FnMut) => "scoped_mut",
        (true, None, FnKind::FnOnce) => "scoped_once",
        (false, Some(_), FnKind::Fn) => "new",
        (false, Some(_), FnKind::FnMut) => "new_mut",
        (false, Some(_), FnKind::FnOnce) => "once",
        (false, None, FnKind::Fn) => "local",
        (false, None, FnKind::FnMut) => "local_mut",
        (false, None, FnKind::FnOnce) => "local_once",
    };
    Ident::new(name, Span::mixed_site())
}

/// Which threads may call.
pub(super) fn threads(closure: &Closure) -> TokenStream {
    if closure.send.is_some() { quote!(AnyThread) } else { quote!(ThisThread) }
}

/// How long C has the closure, for users.
pub(super) fn duration(closure: &Closure) -> &'static str {
    match closure.scope() {
        ScopeKind::Call => "C has it until this function returns.",
        ScopeKind::Async => "C calls it once, maybe after this function has returned, and the call frees it.",
        ScopeKind::Notified => "C has it until C destroys it.",
        ScopeKind::Forever => "C has it for the rest of the process.",
        ScopeKind::Owned => "C has it until the trampoline that this function returns is dropped.",
    }
}

/// Which threads may call, for users.
pub(super) fn callers(closure: &Closure) -> &'static str {
    match (&closure.send, closure.kind) {
        (None, _) => "Only the thread that calls this function may call it.",
        (Some(_), FnKind::Fn) => "Any thread may call it, several at once.",
        (Some(_), FnKind::FnMut) => "Any thread may call it, one at a time.",
        (Some(_), FnKind::FnOnce) => "Any thread may call it.",
    }
}
