//! Form A: `unsafe extern "C" { fn qsort(…, compare: impl FnMut(…) -> c_int); }`

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Generics, Meta, ParenthesizedGenericArguments, Path, ReturnType, Token};

use crate::args::Args;
use crate::callback::FnKind;
use crate::cfg;
use crate::expand;
use crate::extern_block::{Closure, ExternBlock, Function, Param};
use crate::on_panic::OnPanic;

pub(super) fn expand(block: &ExternBlock, args: &Args) -> TokenStream {
    // Without functions a block still links its library.
    let stays = !block.others.is_empty() || block.attrs.iter().any(links);
    let rest = stays.then(|| rest(block));
    let wrappers = block.functions.iter().flat_map(|function| {
        cfg::combinations(&function.params)
            .into_iter()
            .map(move |(cfg, params)| wrapper(&cfg, block, &Function { params, ..function.clone() }, args))
    });
    quote!(#rest #(#wrappers)*)
}

/// The block without the functions that take closures.
fn rest(block: &ExternBlock) -> TokenStream {
    let ExternBlock { attrs, unsafety, abi, braces, others, .. } = block;
    let mut rest = quote!(#(#attrs)* #unsafety #abi);
    // The user's own braces: an edition before 2024 lets a block go without `unsafe` only if all of it is the user's.
    braces.surround(&mut rest, |rest| rest.append_all(others));
    rest
}

/// A Rust function that makes trampolines of the closures and calls the C function, declared in its body, with them.
fn wrapper(cfg: &TokenStream, block: &ExternBlock, function: &Function, args: &Args) -> TokenStream {
    let Function { vis, signature, params, .. } = function;
    let (name, output) = (&signature.ident, &signature.output);
    let (generics, _, where_clause) = signature.generics.split_for_impl();
    let unsafety = function.safe.is_none().then(|| quote!(unsafe));
    let lints = expand::lint_levels(&block.attrs);
    let (c_attrs, attrs) = split_attributes(&function.attrs);
    let rust_params = params.iter().map(|param| rust_param(param, args));

    let callback_types = callbacks(params).map(|(param, closure)| callback_type(param, closure, args));
    let abi = &block.abi;
    let links = block.attrs.iter().filter(|attr| links(attr));
    let c_params = params.iter().map(c_param);
    let function = Ident::new("__function", Span::mixed_site());
    let call = call(&function, params, args);
    let also_panics = callbacks(params).any(|(_, closure)| closure.lifetime.is_none() && resumes(closure)).then(
        || quote!(#[doc = " Or when C has returned, with the panic of a closure that had a value for C instead."]),
    );
    // The C function is declared in a block of its own: a parameter may have the same name.
    quote! {
        #cfg
        #lints
        #(#attrs)*
        ///
        /// # Panics
        ///
        /// If no trampoline can be created for a closure.
        #also_panics
        #[allow(clippy::too_many_arguments, reason = "C says how many")]
        #[track_caller]
        #vis #unsafety fn #name #generics(#(#rust_params),*) #output #where_clause {
            #(#callback_types)*

            let #function = {
                #(#links)*
                unsafe #abi {
                    #(#c_attrs)*
                    fn #name #generics(#(#c_params),*) #output #where_clause;
                }
                #name
            };
            #call
        }
    }
}

fn callbacks(params: &[Param]) -> impl DoubleEndedIterator<Item = (&Param, &Closure)> {
    params.iter().filter_map(|param| Some((param, param.closure.as_ref()?)))
}

/// A type that has the closure's signature, since lifetimes keep the function pointer itself from having one.
fn callback_type(param: &Param, closure: &Closure, args: &Args) -> TokenStream {
    let name = callback_type_name(param);
    let signature = expand::signature(&name, &Generics::default(), &closure.callback, args);
    quote! {
        #[allow(non_camel_case_types, reason = "named after the parameter")]
        struct #name {}
        #signature
    }
}

fn callback_type_name(param: &Param) -> Ident {
    format_ident!("__tramp_{}", param.name)
}

/// The parameter as the wrapper has it: as it was written.
fn rust_param(param: &Param, args: &Args) -> TokenStream {
    struct NamedNever<'a>(&'a Path);
    impl VisitMut for NamedNever<'_> {
        fn visit_parenthesized_generic_arguments_mut(&mut self, arguments: &mut ParenthesizedGenericArguments) {
            if let ReturnType::Type(_, ty) = &mut arguments.output {
                **ty = expand::named_never(ty, self.0);
            }
        }
    }
    let Param { attrs, name, ty, .. } = param;
    let mut ty = ty.clone();
    NamedNever(&args.runtime).visit_type_mut(&mut ty);
    quote!(#(#attrs)* #name: #ty)
}

/// The parameter as C has it.
fn c_param(param: &Param) -> TokenStream {
    let Param { name, ty, closure, .. } = param;
    let ty = closure.as_ref().map_or_else(|| ty.to_token_stream(), |closure| closure.callback.pointer());
    quote!(#name: #ty)
}

/// First the callbacks that stay, then inside the loans of those that do not, the call.
fn call(function: &Ident, params: &[Param], args: &Args) -> TokenStream {
    let runtime = &args.runtime;
    let kept = callbacks(params).filter(|(_, closure)| closure.lifetime.is_some()).map(|(param, closure)| {
        let (callback, ty) = (&param.name, callback_type_name(param));
        let constructor = constructor(closure);
        let leak = (closure.kind != FnKind::FnOnce).then(|| quote!(.leak())); // a `FnOnce` frees itself
        quote! {
            let #callback = #runtime::__private::created(#runtime::Trampoline::<#ty>::#constructor(#callback)) #leak;
        }
    });
    let names = params.iter().map(|param| &param.name);
    let call = quote!(unsafe { #function(#(#names),*) });
    let lent: Vec<_> = callbacks(params).filter(|(_, closure)| closure.lifetime.is_none()).collect();
    // One place for all: after a panic of one, none is called of those that have a value.
    let resumes = lent.len() > 1 && lent.iter().any(|(_, closure)| resumes(closure));
    let pending = Ident::new("__pending", Span::mixed_site());
    let call = lent.into_iter().rev().fold(call, |call, (param, closure)| {
        let (callback, ty) = (&param.name, callback_type_name(param));
        let lent = if resumes {
            let keeper = keeper(closure, runtime);
            quote!(#runtime::__private::lend::<#ty, #keeper, _, _>(#pending, #callback, |#callback| #call))
        } else {
            let constructor = constructor(closure);
            quote!(#runtime::Trampoline::<#ty>::#constructor(#callback, |#callback| #call))
        };
        quote!(#runtime::__private::created(#lent))
    });
    if resumes {
        quote!(#(#kept)* #runtime::__private::Pending::resume_after(|#pending| #call))
    } else {
        quote!(#(#kept)* #call)
    }
}

/// Whether a panic of the closure is resumed once C has returned.
fn resumes(closure: &Closure) -> bool {
    closure.callback.on_panic.as_ref().is_some_and(OnPanic::returns)
}

fn constructor(closure: &Closure) -> Ident {
    let name = match (&closure.lifetime, &closure.send, closure.kind) {
        (None, Some(_), FnKind::Fn) => "scoped_any",
        (None, Some(_), FnKind::FnMut) => "scoped_any_mut",
        (None, Some(_), FnKind::FnOnce) => "scoped_any_once",
        (None, None, FnKind::Fn) => "scoped",
        (None, None, FnKind::FnMut) => "scoped_mut",
        (None, None, FnKind::FnOnce) => "scoped_once",
        (Some(_), Some(_), FnKind::Fn) => "new",
        (Some(_), Some(_), FnKind::FnMut) => "new_mut",
        (Some(_), Some(_), FnKind::FnOnce) => "once",
        (Some(_), None, FnKind::Fn) => "local",
        (Some(_), None, FnKind::FnMut) => "local_mut",
        (Some(_), None, FnKind::FnOnce) => "local_once",
    };
    Ident::new(name, Span::mixed_site())
}

/// What a lent closure is kept in, which the constructors above choose by their names.
fn keeper(closure: &Closure, runtime: &Path) -> TokenStream {
    let keeper = match closure.kind {
        FnKind::Fn => quote!(Shared),
        FnKind::FnMut => quote!(Exclusive),
        FnKind::FnOnce => quote!(Once),
    };
    let threads = if closure.send.is_some() { quote!(AnyThread) } else { quote!(ThisThread) };
    quote!(#runtime::__private::#keeper<_, #runtime::__private::InScope<#runtime::__private::#threads, _>>)
}

/// Whether `attr` names a library, which every block that declares a function of it must do.
fn links(attr: &Attribute) -> bool {
    attr.path().is_ident("link")
}

/// The attributes for the declaration of the C function, and those for its wrapper.
fn split_attributes(attrs: &[Attribute]) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let (mut of_c, mut of_wrapper) = (Vec::new(), Vec::new());
    for attr in attrs {
        match conditional(attr) {
            Some((predicate, metas)) => {
                for meta in metas {
                    let side = if names_symbol(meta.path()) { &mut of_c } else { &mut of_wrapper };
                    side.push(quote!(#[cfg_attr(#predicate, #meta)]));
                }
            }
            None if names_symbol(attr.path()) => of_c.push(attr.to_token_stream()),
            None => of_wrapper.push(attr.to_token_stream()),
        }
    }
    (of_c, of_wrapper)
}

/// `predicate` and `attributes` of `#[cfg_attr(predicate, attributes)]`
fn conditional(attr: &Attribute) -> Option<(Meta, Vec<Meta>)> {
    if !attr.path().is_ident("cfg_attr") {
        return None;
    }
    let mut metas = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?.into_iter();
    Some((metas.next()?, metas.collect()))
}

fn names_symbol(path: &Path) -> bool {
    ["link_name", "link_ordinal"].iter().any(|name| path.is_ident(name))
}
