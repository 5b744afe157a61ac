//! A type with a callback's signature, made by the runtime's macros.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Generics, Path, ReturnType, Type, Variadic, parse_quote};

use crate::names;
use crate::parse::args::Args;
use crate::parse::callback::Callback;
use crate::parse::generics;
use crate::parse::on_panic::OnPanic;
use crate::parse::types;

/// Gives the type `name` the signature of `callback`.
pub(super) fn signature(name: &impl ToTokens, generics: &Generics, callback: &Callback, args: &Args) -> TokenStream {
    let runtime = &args.runtime;
    let version = env!("CARGO_PKG_VERSION");
    let declared_generics = generics::declared(generics);
    let generic_names = generics::names(generics);
    let (_, type_generics, _) = generics.split_for_impl();
    let pointer = callback.pointer();
    let declared = callback.declared();
    let default = || quote!(#runtime::__private::DIRECT_DEFAULT);
    let direct = args.direct.as_ref().map_or_else(default, ToTokens::to_token_stream);
    let on_panic = callback.on_panic.as_ref().and_then(|said| on_panic(said, callback, runtime));
    let on_panic = on_panic.map(|on_panic| quote!(on_panic: #on_panic;));
    let lifetimes = callback.lifetimes.iter().map(|param| &param.lifetime);
    let abi = callback.convention();
    let output = match &callback.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => named_never(ty, runtime).to_token_stream(),
    };
    let mut arguments: Vec<_> = callback
        .argument_names()
        .iter()
        .zip(&callback.params)
        .map(|(name, param)| {
            let ty = &param.ty;
            quote!(#name: #ty)
        })
        .collect();
    if callback.variadic.is_some() {
        return quote! {
            #runtime::__private::variadic! {
                promise: unsafe { #runtime::__private::Promise::new(#version) };
                generics: [#declared_generics] [#(#generic_names,)*] [];
                type: #name #type_generics;
                pointer: #pointer;
                declared: #declared;
                #on_panic
                fn: for<#(#lifetimes,)*> extern #abi fn(#(#arguments,)* ...) -> #output;
            }
        };
    }
    let user_data = callback.user_data().next().map(|(index, _)| index);
    let (of_slots, arguments) = match user_data {
        None => (Some(quote!(declared: #declared; direct: #direct;)), quote!(#(#arguments,)*)),
        Some(index) => {
            let after = arguments.split_off(index + 1);
            let data = arguments.pop();
            (None, quote!(#(#arguments,)* [#data] #(#after,)*))
        }
    };
    quote! {
        #runtime::__private::signature! {
            promise: unsafe { #runtime::__private::Promise::new(#version) };
            generics: [#declared_generics] [#(#generic_names,)*];
            type: #name #type_generics;
            pointer: #pointer;
            #of_slots
            #on_panic
            fn: for<#(#lifetimes,)*> extern #abi fn(#arguments) -> #output;
        }
    }
}

/// A function of Rust's takes no `...`: what the user wrote so receives a value.
pub(super) fn receive_variable(function: &mut syn::Signature, runtime: &Path) {
    let Some(Variadic { attrs, pat, dots, .. }) = function.variadic.take() else { return };
    let pattern = pat.map_or_else(|| quote_spanned!(dots.spans[0]=> _), |(pattern, _)| pattern.to_token_stream());
    function.inputs.push(parse_quote!(#(#attrs)* #pattern: #runtime::VaArgs<'_>));
}

/// A function with the types of `callback` that nobody calls. With it, rustc checks whether they are FFI-safe. rustc
/// checks the types of C's functions where they are declared.
pub(super) fn ffi_check(generics: &Generics, callback: &Callback) -> TokenStream {
    let name = names::own("ffi_check");
    let generics = generics::declared(generics);
    let lifetimes = callback.lifetimes.iter().map(|param| &param.lifetime);
    let abi = callback.convention();
    let types = callback.params.iter().map(|param| &param.ty);
    let output = &callback.output;
    quote! {
        extern #abi fn #name<#(#lifetimes,)* #generics>(#(_: #types),*) #output {
            loop {}
        }
    }
}

/// The argument for the runtime's `signature!`, if it differs from the convention's default.
fn on_panic(on_panic: &OnPanic, callback: &Callback, runtime: &Path) -> Option<TokenStream> {
    match on_panic {
        OnPanic::Abort => callback.unwinds().then(|| quote!([abort])),
        OnPanic::Unwind(_) => None,
        OnPanic::Return { value, hook, .. } => {
            let value = value.clone().unwrap_or_else(|| parse_quote!(()));
            let hook = hook.clone().unwrap_or_else(|| parse_quote!(#runtime::__private::no_hook));
            Some(quote!([return #value, #hook]))
        }
    }
}

/// The result type `ty`. `!` gets a name, because stable Rust accepts `!` only after the `->` of a function.
pub(super) fn named_never(ty: &Type, runtime: &Path) -> Type {
    if types::is_never(ty) { parse_quote!(#runtime::__private::Never) } else { ty.clone() }
}

/// A field that uses the type parameters, as a struct has to.
///
/// The field has raw pointers to mutable data, so that a type that stands for a signature is no subtype of another one.
/// With any variance, a trampoline could be called as one whose closure takes or returns longer or shorter lifetimes.
pub(super) fn marker(generics: &Generics) -> Option<TokenStream> {
    let types: Vec<_> = generics.type_params().map(|param| &param.ident).collect();
    (!types.is_empty()).then(|| quote!(_types: ::core::marker::PhantomData<fn(#(*mut #types,)*)>))
}
