//! Types with the signatures of a function's closures. Lifetimes keep function pointers from being such types.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Generics;

use crate::expand::signature;
use crate::names;
use crate::parse::args::Args;
use crate::parse::destroy::Destroy;
use crate::parse::extern_block::{Closure, Function, Param};
use crate::parse::scope::ScopeKind;

/// A type with the closure's signature, inside the wrapper.
pub(super) fn callback_type(param: &Param, closure: &Closure, args: &Args) -> TokenStream {
    let name = inner_name(param);
    let signature = signature::signature(&name, &Generics::default(), &closure.callback, args);
    quote! {
        struct #name {}
        #signature
    }
}

/// A type with the closure's signature, beside the wrapper. The wrapper returns a trampoline with this signature.
pub(super) fn owned_type(
    cfg: &TokenStream,
    lints: &TokenStream,
    param: &Param,
    closure: &Closure,
    function: &Function,
    args: &Args,
) -> TokenStream {
    let (vis, name) = (&function.vis, owned_name(param, function));
    let summary = format!(" The signature of the closure that [`{0}`]({0}()) takes.", function.signature.ident);
    let signature = signature::signature(&name, &Generics::default(), &closure.callback, args);
    quote! {
        #cfg
        #lints
        #[doc = #summary]
        #vis struct #name {}

        #cfg
        #lints
        const _: () = { #signature };
    }
}

/// A type that makes the function with which C destroys a closure.
pub(super) fn destroy_type(param: &Param, destroy: &Destroy, args: &Args) -> TokenStream {
    let (name, runtime) = (inner_name(param), &args.runtime);
    let callback = &destroy.callback;
    let (pointer, abi) = (callback.pointer(), callback.convention());
    let arguments = callback.argument_names();
    let types = callback.params.iter().map(|param| &param.ty);
    let data = callback.user_data().next().map(|(index, _)| &arguments[index]);
    quote! {
        struct #name {}
        #runtime::__private::destroyer! {
            type: #name;
            pointer: #pointer;
            data: #data;
            fn: extern #abi fn(#(#arguments: #types,)*);
        }
    }
}

pub(super) fn inner_name(param: &Param) -> Ident {
    names::own(&param.name)
}

/// The function's name, which is free in the namespace of types. If the function has several such closures, the
/// parameter's name is added.
fn owned_name(param: &Param, function: &Function) -> Ident {
    let name = names::of_macro(&function.signature.ident);
    let owned = function.closures().filter(|(_, closure)| closure.scope() == ScopeKind::Owned).count();
    if owned == 1 { name } else { names::of_macro(&format_ident!("{name}_{}", param.name)) }
}

pub(super) fn signature_name(param: &Param, closure: &Closure, function: &Function) -> Ident {
    if closure.scope() == ScopeKind::Owned { owned_name(param, function) } else { inner_name(param) }
}
