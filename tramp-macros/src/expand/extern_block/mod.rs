//! Form A: `unsafe extern "C" { fn qsort(…, compare: impl FnMut(…) -> c_int); }`

mod attributes;
mod body;
mod closures;
mod types;

use proc_macro2::{Span, TokenStream};
use quote::{TokenStreamExt, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, ParenthesizedGenericArguments, Path, ReturnType, Signature, Token, Type, TypeBareFn,
    Visibility,
};

use self::body::Body;
use super::rules::located;
use super::{lints, signature};
use crate::names;
use crate::parse::args::Args;
use crate::parse::callback::Callback;
use crate::parse::cfg;
use crate::parse::extern_block::{ExternBlock, Function, Param, Role};
use crate::parse::scope::ScopeKind;
use crate::parse::types::is_user_data;

/// The number of parameters that clippy allows.
const MOST_ARGUMENTS: usize = 7;

pub(super) fn expand(block: &ExternBlock, args: &Args) -> TokenStream {
    // Even without functions, a block links its library.
    let stays = !block.others.is_empty() || block.attrs.iter().any(attributes::links);
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
    // These are the user's own braces. Before edition 2024, a block may go without `unsafe` only if all of its tokens
    // are the user's.
    braces.surround(&mut rest, |rest| rest.append_all(others));
    rest
}

/// A Rust function that makes trampolines from the closures, declares the C function in its body, and calls it with
/// them.
fn wrapper(cfg: &TokenStream, block: &ExternBlock, function: &Function, args: &Args) -> TokenStream {
    let Function { vis, signature, params, .. } = function;
    let (c_name, where_clause) = (&signature.ident, &signature.generics.where_clause);
    let name = names::of_c(c_name);
    // The macro makes this name, with the span of the user's declaration. So rustc's messages point there.
    let at = names::of_macro(c_name).span();
    let unsafety = function.safe.is_none().then(|| quote_spanned!(at=> unsafe));
    let lints = lints::lint_levels(&block.attrs);
    let (c_attrs, attrs) = attributes::split_attributes(&function.attrs);
    let rust_params = params.iter().filter_map(|param| rust_param(param, args));

    let (outer, inner): (Vec<_>, Vec<_>) =
        function.closures().partition(|(_, closure)| closure.scope() == ScopeKind::Owned);
    let outer_types =
        outer.iter().map(|(param, closure)| types::owned_type(cfg, &lints, param, closure, function, args));
    let inner_types = inner.iter().map(|(param, closure)| types::callback_type(param, closure, args));
    let destroy_types = params.iter().filter_map(|param| match &param.role {
        Role::Destroy(destroy) => Some(types::destroy_type(param, destroy, args)),
        _ => None,
    });

    let declaration = declaration(&c_attrs, block, function);
    let c_function = names::own("function");
    let Body { generic, param, output: rust_output, code } = body::body(&c_function, function, args);
    let rust_generics = with_parameter(&signature.generics, generic);
    let (rust_generics, _, _) = rust_generics.split_for_impl();
    let docs = documentation(function);
    let twice = takes_pointers(function)
        .then(|| quote!(#[allow(improper_ctypes_definitions, reason = "rustc says it of the declaration inside")]));
    let too_many = (params.len() > MOST_ARGUMENTS)
        .then(|| quote!(#[allow(clippy::too_many_arguments, reason = "C says how many")]));
    let checked_threads = checked_threads(function, args);
    // The C function is declared in its own block, because a parameter may have the same name.
    quote_spanned! {at=>
        #(#outer_types)*

        #cfg
        #lints
        #(#attrs)*
        #docs
        #too_many
        #twice
        #[track_caller]
        #vis #unsafety fn #name #rust_generics(#(#rust_params,)* #param) #rust_output #where_clause {
            #(#inner_types)*
            #(#destroy_types)*
            #(#checked_threads)*

            let #c_function = {
                #declaration
                #c_name
            };
            #code
        }
    }
}

/// The C function as the user declared it, except that it takes pointers instead of closures.
///
/// The tokens are the user's own, also the braces. So rustc and the edition require the same as for a plain block. A
/// block without `unsafe` cannot have a `safe fn`, and since edition 2024 there is no such block.
fn declaration(c_attrs: &[TokenStream], block: &ExternBlock, function: &Function) -> TokenStream {
    let ExternBlock { attrs, unsafety: block_unsafety, abi: block_abi, braces, .. } = block;
    let Function { safe, signature, params, .. } = function;
    let Signature { unsafety, abi, fn_token, ident, output, .. } = signature;
    let (generics, _, where_clause) = signature.generics.split_for_impl();
    let links = attrs.iter().filter(|attr| attributes::links(attr));
    let c_params = params.iter().map(|param| c_param(param, function));
    let mut declaration = quote!(#(#links)* #block_unsafety #block_abi);
    let end = Token![;](ident.span());
    braces.surround(&mut declaration, |declaration| {
        declaration.extend(quote! {
            #(#c_attrs)*
            #[allow(clashing_extern_declarations, reason = "it may be declared again, for other closures")]
            #safe #unsafety #abi #fn_token #ident #generics(#(#c_params),*) #output #where_clause #end
        });
    });
    declaration
}

/// What a `safe fn` requires of the runtime: each call of a closure for one thread checks the thread. The user who
/// declares the function cannot promise the thread for its callers.
fn checked_threads(function: &Function, args: &Args) -> impl Iterator<Item = TokenStream> {
    let of_one_thread = function.closures().filter(|(_, closure)| function.safe.is_some() && closure.send.is_none());
    of_one_thread.map(move |(param, _)| {
        let at_closure = Span::mixed_site().located_at(param.ty.span());
        let runtime = located(&args.runtime, at_closure);
        quote_spanned!(at_closure=> const _: () = #runtime::__private::assert_this_thread_is_checked();)
    })
}

fn with_parameter(generics: &Generics, parameter: Option<GenericParam>) -> Generics {
    let mut generics = generics.clone();
    generics.params.extend(parameter);
    generics
}

/// Whether the wrapper's own signature has function pointers of C.
fn takes_pointers(function: &Function) -> bool {
    struct Search(bool);
    impl Visit<'_> for Search {
        fn visit_type_bare_fn(&mut self, _: &TypeBareFn) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    let plain = function.params.iter().filter(|param| matches!(param.role, Role::Plain)).map(|param| &param.ty);
    plain.chain(function.result()).for_each(|ty| search.visit_type(ty));
    search.0
}

/// What the wrapper does beyond its declaration: how long C has each closure, which threads may call it, and when the wrapper
/// panics. If others see the function and the user has written no documentation, this adds none, so that rustc asks for it.
fn documentation(function: &Function) -> Option<TokenStream> {
    let is_documented = function.attrs.iter().any(|attr| attr.path().is_ident("doc"));
    if !is_documented && matches!(function.vis, Visibility::Public(_)) {
        return None;
    }
    let closures = function.closures().map(|(param, closure)| {
        let text =
            format!(" * `{}`: {} {}", param.name.unraw(), closures::duration(closure), closures::callers(closure));
        quote!(#[doc = #text])
    });
    let lent_resumes = function.closures().any(|(_, closure)| closure.is_lent() && closures::resumes(closure));
    let failures = if function.fallible.is_some() {
        let panics = lent_resumes.then(|| {
            quote! {
                ///
                /// # Panics
                ///
                /// When C has returned, with the panic of a closure that had a value for C instead.
            }
        });
        quote! {
            ///
            /// # Errors
            ///
            /// If no trampoline can be created for a closure. Then C is not called, and the closures are dropped.
            #panics
        }
    } else {
        let also_panics = lent_resumes.then(
            || quote!(#[doc = " Or when C has returned, with the panic of a closure that had a value for C instead."]),
        );
        quote! {
            ///
            /// # Panics
            ///
            /// If no trampoline can be created for a closure.
            #also_panics
        }
    };
    Some(quote! {
        ///
        /// # Closures
        ///
        #(#closures)*
        #failures
    })
}

/// The parameter of the wrapper: as the user wrote it, without the attributes that only the C function gets.
fn rust_param(param: &Param, args: &Args) -> Option<TokenStream> {
    struct Visible<'a>(&'a Path);
    impl VisitMut for Visible<'_> {
        fn visit_parenthesized_generic_arguments_mut(&mut self, arguments: &mut ParenthesizedGenericArguments) {
            let visible = arguments.inputs.iter().filter(|ty| !is_user_data(ty)).cloned();
            arguments.inputs = visible.collect();
            if let ReturnType::Type(_, ty) = &mut arguments.output {
                **ty = signature::named_never(ty, self.0);
            }
        }
    }
    let Param { attrs, name, ty, role, .. } = param;
    let mut ty = ty.clone();
    match role {
        Role::UserData | Role::Destroy(_) => return None,
        Role::Closure(_) => Visible(&args.runtime).visit_type_mut(&mut ty),
        Role::Plain => {}
    }
    Some(quote!(#(#attrs)* #name: #ty))
}

/// The parameter of the C function.
fn c_param(param: &Param, function: &Function) -> TokenStream {
    /// What C gets instead of closures and of functions that destroy them, also inside the user's own `Option`.
    struct Pointer<'a>(&'a Callback);
    impl VisitMut for Pointer<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) | Type::BareFn(_) => *ty = Type::Verbatim(self.0.pointer_in_declaration()),
                _ => visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    let Param { name, role, .. } = param;
    let mut ty = param.ty.clone();
    match (role, function.result()) {
        (Role::Plain | Role::UserData, _) => {}
        // The caller passes the function's result to it again.
        (Role::Closure(_), Some(result)) if function.restore.is_some() => ty = result.clone(),
        (Role::Closure(closure), _) => Pointer(&closure.callback).visit_type_mut(&mut ty),
        (Role::Destroy(destroy), _) => Pointer(&destroy.callback).visit_type_mut(&mut ty),
    }
    quote!(#name: #ty)
}
