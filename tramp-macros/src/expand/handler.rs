//! Form C: `extern "C" fn on_line(log: &mut Log, line: *mut c_char) { … }`

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ItemFn, Visibility};

use crate::expand::rules::rules;
use crate::expand::{lints, signature};
use crate::names;
use crate::parse::args::Args;
use crate::parse::callback::{Callback, FnKind};
use crate::parse::cfg;
use crate::parse::generics;
use crate::parse::handler::Handler;

pub(super) fn expand(handler: &Handler, args: &Args) -> TokenStream {
    cfg::combinations(&handler.callback.params)
        .into_iter()
        .map(|(cfg, params)| expand_under(&cfg, handler, &Callback { params, ..handler.callback.clone() }, args))
        .collect()
}

fn expand_under(cfg: &TokenStream, handler: &Handler, callback: &Callback, args: &Args) -> TokenStream {
    let Handler { function, generics, .. } = handler;
    let (vis, name) = (&function.vis, &function.sig.ident);
    let type_name = names::of_macro(name);
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    let lints = lints::lint_levels(&function.attrs);
    let documentation = function.attrs.iter().filter(|attr| describes_type(attr));
    let marker = signature::marker(generics);
    let signature = signature::signature(name, generics, callback, args);
    let ffi_check = signature::ffi_check(generics, callback);
    let body = body(function, args);
    // The body is no `extern` function any more. So clippy's advice for parameters does not apply.
    let allow_passing = quote! {
        #[allow(
            clippy::needless_pass_by_value,
            clippy::too_many_arguments,
            clippy::trivially_copy_pass_by_ref,
            reason = "C says how it passes the parameters"
        )]
    };
    let bind_any = bind(handler, callback, Threads::Any, args);
    let bind_this = bind(handler, callback, Threads::This, args);
    let lend_any = lend(handler, callback, Threads::Any, args);
    let lend_this = lend(handler, callback, Threads::This, args);
    // Braces make this a name of types only. So `let on_line = on_line::bind(log)` stays possible.
    quote! {
        #cfg
        #(#documentation)*
        #lints
        #vis struct #type_name #generics { #marker }

        #cfg
        #lints
        const _: () = {
            #signature
            #ffi_check

            #allow_passing
            #body

            impl #impl_generics #name #type_generics {
                #bind_any
                #bind_this
                #lend_any
                #lend_this
            }
        };
    }
}

/// Whether `attr` belongs to the type that stands for the handler. Otherwise it belongs to the function that is the
/// body.
fn describes_type(attr: &Attribute) -> bool {
    attr.path().is_ident("doc") || attr.path().is_ident("deprecated")
}

/// The user's function. Only Rust calls it now.
fn body(function: &ItemFn, args: &Args) -> ItemFn {
    let mut body = function.clone();
    signature::receive_variable(&mut body.sig, &args.runtime);
    body.attrs.retain(|attr| !describes_type(attr) && !lints::is_lint_level(attr));
    body.vis = Visibility::Inherited;
    body.sig.abi = None;
    body
}

/// Which threads may call the bound handler.
#[derive(Clone, Copy)]
enum Threads {
    Any,
    This,
}

/// Code that calls the body with the state and C's arguments.
fn call(handler: &Handler, state: &TokenStream, arguments: &[Ident]) -> TokenStream {
    let body = &handler.function.sig.ident;
    let generic_names = generics::names(&handler.generics);
    let turbofish = (!generic_names.is_empty()).then(|| quote!(::<#(#generic_names),*>));
    let call = quote!(#body #turbofish(#state #(, #arguments)*));
    if handler.function.sig.unsafety.is_some() { quote!(unsafe { #call }) } else { call }
}

/// `scoped_any` or `scoped`. A handler that takes its state by value has neither, because its state does not come back.
fn lend(handler: &Handler, callback: &Callback, threads: Threads, args: &Args) -> Option<TokenStream> {
    let Handler { function, state, .. } = handler;
    let (vis, runtime) = (&function.vis, &args.runtime);
    let (name, ty) = (&state.name, &state.ty);
    let at_state = Span::mixed_site().located_at(ty.span());
    let (reference, borrow, bound) = match state.kind {
        FnKind::Fn => (quote!(&#ty), quote!(#name), quote_spanned!(at_state=> ::core::marker::Sync)),
        FnKind::FnMut => (quote!(&mut #ty), quote!(&mut *#name), quote_spanned!(at_state=> ::core::marker::Send)),
        FnKind::FnOnce => return None,
    };
    let (method, who, bound) = match threads {
        Threads::Any => {
            ("scoped_any", "any thread", Some(quote_spanned!(at_state=> where for<'__tramp_bound> #ty: #bound)))
        }
        Threads::This => ("scoped", "this thread only", None),
    };
    let constructor = match (threads, state.kind) {
        (Threads::Any, FnKind::Fn) => quote!(scoped_any),
        (Threads::Any, _) => quote!(scoped_any_mut),
        (Threads::This, FnKind::Fn) => quote!(scoped),
        (Threads::This, _) => quote!(scoped_mut),
    };
    let arguments = callback.received_names();
    let call = call(handler, &borrow, &arguments);
    let method = Ident::new(method, Span::call_site());
    let summary = format!(" Lends the handler with its state to C while `body` runs, for calls from {who}.");
    Some(quote! {
        #[doc = #summary]
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. Then `body` does not run.
        #vis fn #method<__TrampR>(
            #name: #reference,
            __tramp_lent: impl ::core::ops::FnOnce(<Self as #runtime::__private::Signature>::Pointer) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, #runtime::Error>
        #bound
        {
            let __tramp_result = #runtime::Trampoline::<Self>::#constructor(move |#(#arguments),*| #call, __tramp_lent);
            ::core::result::Result::map_err(__tramp_result, |__tramp_failed| __tramp_failed.error)
        }
    })
}

/// `bind` or `bind_local`. Makes a closure from the state and the body.
fn bind(handler: &Handler, callback: &Callback, threads: Threads, args: &Args) -> TokenStream {
    let Handler { function, state, .. } = handler;
    let (vis, runtime) = (&function.vis, &args.runtime);
    let (name, ty) = (&state.name, &state.ty);

    let (method, who, marker) = match threads {
        Threads::Any => ("bind", "any thread", quote!(AnyThread)),
        Threads::This => ("bind_local", "this thread only", quote!(ThisThread)),
    };
    let at_state = Span::mixed_site().located_at(ty.span());
    let send = quote_spanned!(at_state=> ::core::marker::Send + 'static);
    let send_sync = quote_spanned!(at_state=> ::core::marker::Send + ::core::marker::Sync + 'static);
    let kept = quote_spanned!(at_state=> 'static);
    let bounds = match (threads, state.kind) {
        (Threads::Any, FnKind::Fn) => send_sync,
        (Threads::Any, FnKind::FnMut | FnKind::FnOnce) => send,
        (Threads::This, _) => kept,
    };
    let pointer = callback.pointer();
    let (bound, bind) = match state.kind {
        FnKind::Fn | FnKind::FnMut => (quote!(#runtime::Trampoline<Self, #runtime::#marker>), quote!(bind)),
        FnKind::FnOnce => (pointer, quote!(bind_once)),
    };
    let (pattern, borrow) = match state.kind {
        FnKind::Fn => (quote!(#name), quote!(&#name)),
        FnKind::FnMut => (quote!(mut #name), quote!(&mut #name)),
        FnKind::FnOnce => (quote!(#name), quote!(#name)),
    };
    let arguments = callback.received_names();
    let call = call(handler, &borrow, &arguments);
    let method = Ident::new(method, Span::call_site());
    let rules = rules(state.kind, &marker, runtime, at_state);
    let summary = format!(" Binds the handler's state, for a callback from {who}.");
    // rustc would check a bound on a type without parameters here. With `for<…>` in front, it checks the bound at the
    // callers.
    let state_bound = quote_spanned!(at_state=> for<'__tramp_bound> #ty: #bounds);
    quote! {
        #[doc = #summary]
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state comes back in the error.
        #vis fn #method(#name: #ty) -> ::core::result::Result<#bound, #runtime::CreateError<#ty>>
        where
            #state_bound,
        {
            #runtime::__private::#bind::<Self, #rules, _>(#name, |#pattern| move |#(#arguments),*| #call)
        }
    }
}
