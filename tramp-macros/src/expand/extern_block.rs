//! Form A: `unsafe extern "C" { fn qsort(…, compare: impl FnMut(…) -> c_int); }`

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, GenericParam, Generics, Meta, ParenthesizedGenericArguments, Path, ReturnType, Token, Type, parse_quote,
};

use crate::expand;
use crate::parse::args::Args;
use crate::parse::callback::FnKind;
use crate::parse::cfg;
use crate::parse::destroy::Destroy;
use crate::parse::extern_block::{Closure, ExternBlock, Function, Param, Role};
use crate::parse::on_panic::OnPanic;
use crate::parse::scope::ScopeKind;
use crate::parse::types::is_user_data;

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
    let rust_params = params.iter().filter_map(|param| rust_param(param, args));

    let (outer, inner): (Vec<_>, Vec<_>) =
        callbacks(params).partition(|(_, closure)| closure.scope() == ScopeKind::Owned);
    let outer_types = outer.iter().map(|(param, closure)| owned_type(cfg, &lints, param, closure, function, args));
    let inner_types = inner.iter().map(|(param, closure)| callback_type(param, closure, args));
    let destroy_types = params.iter().filter_map(|param| match &param.role {
        Role::Destroy(destroy) => Some(destroy_type(param, destroy, args)),
        _ => None,
    });

    let abi = &block.abi;
    let links = block.attrs.iter().filter(|attr| links(attr));
    let c_params = params.iter().map(|param| c_param(param, function));
    let c_function = Ident::new("__function", Span::mixed_site());
    let Body { generic, param, output: rust_output, code } = body(&c_function, function, args);
    let rust_generics = with_parameter(&signature.generics, generic);
    let (rust_generics, _, _) = rust_generics.split_for_impl();
    let docs = documentation(function);
    // The C function is declared in a block of its own: a parameter may have the same name.
    quote! {
        #(#outer_types)*

        #cfg
        #lints
        #(#attrs)*
        #docs
        #[allow(clippy::too_many_arguments, reason = "C says how many")]
        #[track_caller]
        #vis #unsafety fn #name #rust_generics(#(#rust_params,)* #param) #rust_output #where_clause {
            #(#inner_types)*
            #(#destroy_types)*

            let #c_function = {
                #(#links)*
                unsafe #abi {
                    #(#c_attrs)*
                    fn #name #generics(#(#c_params),*) #output #where_clause;
                }
                #name
            };
            #code
        }
    }
}

fn with_parameter(generics: &Generics, parameter: Option<GenericParam>) -> Generics {
    let mut generics = generics.clone();
    generics.params.extend(parameter);
    generics
}

/// What the wrapper does that its declaration does not show.
fn documentation(function: &Function) -> TokenStream {
    let lent_resumes = callbacks(&function.params).any(|(_, closure)| closure.is_lent() && resumes(closure));
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
}

fn callbacks(params: &[Param]) -> impl DoubleEndedIterator<Item = (&Param, &Closure)> {
    params.iter().filter_map(|param| Some((param, param.closure()?)))
}

/// A type that has the closure's signature, since lifetimes keep the function pointer itself from having one.
fn callback_type(param: &Param, closure: &Closure, args: &Args) -> TokenStream {
    let name = inner_name(param);
    let signature = expand::signature(&name, &Generics::default(), &closure.callback, args);
    quote! {
        #[allow(non_camel_case_types, reason = "named after the parameter")]
        struct #name {}
        #signature
    }
}

fn inner_name(param: &Param) -> Ident {
    format_ident!("__tramp_{}", param.name)
}

/// The same beside the wrapper, which returns a trampoline with it.
fn owned_type(
    cfg: &TokenStream,
    lints: &TokenStream,
    param: &Param,
    closure: &Closure,
    function: &Function,
    args: &Args,
) -> TokenStream {
    let (vis, name) = (&function.vis, owned_name(param, function));
    let summary = format!(" The signature of the closure that [`{0}`]({0}()) takes.", function.signature.ident);
    let signature = expand::signature(&name, &Generics::default(), &closure.callback, args);
    quote! {
        #cfg
        #lints
        #[doc = #summary]
        #[allow(non_camel_case_types, missing_debug_implementations, reason = "named after a function, and no value")]
        #vis struct #name {}

        #cfg
        #lints
        const _: () = { #signature };
    }
}

/// The function's name, which for types is free; if it has several such closures, with the parameter's.
fn owned_name(param: &Param, function: &Function) -> Ident {
    let name = &function.signature.ident;
    let owned = callbacks(&function.params).filter(|(_, closure)| closure.scope() == ScopeKind::Owned).count();
    if owned == 1 { name.clone() } else { format_ident!("{name}_{}", param.name) }
}

fn signature_name(param: &Param, closure: &Closure, function: &Function) -> Ident {
    if closure.scope() == ScopeKind::Owned { owned_name(param, function) } else { inner_name(param) }
}

/// A type that makes what C calls to destroy a closure.
fn destroy_type(param: &Param, destroy: &Destroy, args: &Args) -> TokenStream {
    let (name, runtime) = (inner_name(param), &args.runtime);
    let callback = &destroy.callback;
    let (pointer, abi) = (callback.pointer(), callback.convention());
    let arguments = callback.argument_names();
    let types = callback.params.iter().map(|param| &param.ty);
    let data = callback.user_data().next().map(|(index, _)| &arguments[index]);
    quote! {
        #[allow(non_camel_case_types, reason = "named after the parameter")]
        struct #name {}
        #runtime::__private::destroyer! {
            type: #name;
            pointer: #pointer;
            data: #data;
            fn: extern #abi fn(#(#arguments: #types,)*);
        }
    }
}

/// The parameter as the wrapper has it: as it was written, but for what only C sees.
fn rust_param(param: &Param, args: &Args) -> Option<TokenStream> {
    struct Visible<'a>(&'a Path);
    impl VisitMut for Visible<'_> {
        fn visit_parenthesized_generic_arguments_mut(&mut self, arguments: &mut ParenthesizedGenericArguments) {
            let visible = arguments.inputs.iter().filter(|ty| !is_user_data(ty)).cloned();
            arguments.inputs = visible.collect();
            if let ReturnType::Type(_, ty) = &mut arguments.output {
                **ty = expand::named_never(ty, self.0);
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

/// The parameter as C has it.
fn c_param(param: &Param, function: &Function) -> TokenStream {
    let Param { name, ty, role, .. } = param;
    let (pointer, nullable) = match role {
        Role::Plain | Role::UserData => (ty.to_token_stream(), false),
        Role::Closure(closure) => match result(function) {
            // What the function returns is given to it again.
            Some(ty) if function.restore.is_some() => (ty.to_token_stream(), false),
            _ => (closure.callback.pointer(), closure.nullable),
        },
        Role::Destroy(destroy) => (destroy.callback.pointer(), destroy.nullable),
    };
    if nullable { quote!(#name: ::core::option::Option<#pointer>) } else { quote!(#name: #pointer) }
}

fn result(function: &Function) -> Option<&Type> {
    match &function.signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}

/// What stands between the braces of the wrapper, and what that needs in its declaration.
struct Body {
    generic: Option<GenericParam>,
    param: Option<TokenStream>,
    output: TokenStream,
    code: TokenStream,
}

/// First the callbacks that stay, then inside the loans of those that do not, the call, and at last what has an owner.
fn body(c_function: &Ident, function: &Function, args: &Args) -> Body {
    let Function { params, signature, .. } = function;
    let runtime = &args.runtime;
    let mut parts = paired(params);
    let arguments = params.iter().map(|param| &param.name);
    let mut call = quote!(unsafe { #c_function(#(#arguments),*) });

    let mut generic = None;
    let mut param = None;
    let mut output = signature.output.to_token_stream();
    if let (Some(_), Some(ty), Some(part)) = (&function.restore, result(function), parts.first_mut()) {
        let name = &part.param.name;
        let set = quote!(move |#name: #ty| #call);
        let pointer = part.closure.callback.pointer();
        let at_result = Span::mixed_site().located_at(ty.span());
        let in_type = quote_spanned!(at_result=> #runtime::__private::replaced::<#pointer, #ty>);
        if part.closure.is_lent() {
            let body = Ident::new("body", Span::mixed_site());
            generic = Some(parse_quote!(__R));
            param = Some(quote!(#body: impl ::core::ops::FnOnce() -> __R));
            output = quote!(-> __R);
            let handler = quote!(#in_type(#name));
            call = quote!(#runtime::while_installed(#handler, #set, #body));
        } else {
            let signature = signature_name(part.param, part.closure, function);
            let threads = threads(part.closure);
            let owner = created(part, function, runtime);
            return Body {
                generic,
                param,
                output: quote!(-> #runtime::Installed<#signature, #runtime::#threads, #ty>),
                code: quote!(#runtime::__private::install(#owner, #in_type, #set)),
            };
        }
    }

    let kept = parts.iter().filter(|part| !part.closure.is_lent()).map(|part| keep(part, function, runtime));
    let kept: TokenStream = kept.collect();
    let lent: Vec<_> = parts.iter().filter(|part| part.closure.is_lent()).collect();
    let call = lend(&lent, call, runtime);
    let owned: Vec<_> = parts.iter().filter(|part| part.closure.scope() == ScopeKind::Owned).collect();
    if owned.is_empty() {
        return Body { generic, param, output, code: quote!(#kept #call) };
    }
    let owners = owned.iter().map(|part| owner_name(part));
    let types = owned.iter().map(|part| {
        let signature = signature_name(part.param, part.closure, function);
        let threads = threads(part.closure);
        let owner = quote!(#runtime::Trampoline<#signature, #runtime::#threads>);
        if part.closure.nullable { quote!(::core::option::Option<#owner>) } else { owner }
    });
    let (output, code) = match result(function) {
        None if owned.len() == 1 => (quote!(-> #(#types)*), quote!(#kept #call; #(#owners)*)),
        None => (quote!(-> (#(#types),*)), quote!(#kept #call; (#(#owners),*))),
        Some(ty) => {
            let result = Ident::new("__result", Span::mixed_site());
            (quote!(-> (#ty, #(#types),*)), quote!(#kept let #result = #call; (#result, #(#owners),*)))
        }
    };
    Body { generic, param, output, code }
}

/// A closure, and what belongs to it.
struct Part<'a> {
    param: &'a Param,
    closure: &'a Closure,
    user_data: Option<&'a Ident>,
    destroy: Option<(&'a Param, &'a Destroy)>,
}

/// The first closure with user data has the first parameter that takes it, and so on; and so with destroy functions.
fn paired(params: &[Param]) -> Vec<Part<'_>> {
    let mut places = params.iter().filter(|param| matches!(param.role, Role::UserData)).map(|param| &param.name);
    let mut destroys = params.iter().filter_map(|param| match &param.role {
        Role::Destroy(destroy) => Some((param, destroy)),
        _ => None,
    });
    callbacks(params)
        .map(|(param, closure)| Part {
            param,
            closure,
            user_data: if closure.has_user_data() { places.next() } else { None },
            destroy: if closure.scope() == ScopeKind::Notified { destroys.next() } else { None },
        })
        .collect()
}

/// `Trampoline::<Signature>::new(closure)`, by the closure's constructor, or a panic.
fn created(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let (callback, ty) = (&part.param.name, signature_name(part.param, part.closure, function));
    let constructor = constructor(part.closure);
    quote!(#runtime::__private::created(#runtime::Trampoline::<#ty>::#constructor(#callback)))
}

/// Makes what C keeps, under the names of the parameters.
fn keep(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let Part { param, closure, .. } = part;
    let callback = &param.name;
    let kept = match closure.scope() {
        ScopeKind::Call | ScopeKind::Async => created(part, function, runtime), // an `FnOnce` frees itself
        ScopeKind::Forever => {
            let created = created(part, function, runtime);
            quote!(#created.leak())
        }
        ScopeKind::Owned => {
            let (created, owner) = (created(part, function, runtime), owner_name(part));
            return if closure.nullable {
                let split = split(part, runtime);
                let created = if_some(callback, &created);
                quote! {
                    let #owner = #created;
                    let #callback = ::core::option::Option::map(#owner.as_ref(), |#callback| #callback.as_fn());
                    #split
                }
            } else {
                let pattern = pattern(part);
                quote!(let #owner = #created; let #pattern = #owner.as_fn();)
            };
        }
        ScopeKind::Notified => return notified(part, runtime),
    };
    if closure.nullable {
        let split = split(part, runtime);
        let kept = if_some(callback, &kept);
        quote!(let #callback = #kept; #split)
    } else {
        let pattern = pattern(part);
        quote!(let #pattern = #kept;)
    }
}

/// As `Option::map`, but that a panic is the caller's.
fn if_some(callback: &Ident, then: &TokenStream) -> TokenStream {
    quote! {
        match #callback {
            ::core::option::Option::Some(#callback) => ::core::option::Option::Some(#then),
            ::core::option::Option::None => ::core::option::Option::None,
        }
    }
}

/// Makes a closure that C destroys, and the function for that.
fn notified(part: &Part<'_>, runtime: &Path) -> TokenStream {
    let (callback, ty) = (&part.param.name, inner_name(part.param));
    let threads = threads(part.closure);
    let keeper = keeper(part.closure, &quote!(Notified<#runtime::__private::#threads>), runtime);
    let Some((destroy, Destroy { nullable, .. })) = part.destroy else {
        return TokenStream::new(); // the check has complained
    };
    let (destroy, destroy_ty) = (&destroy.name, inner_name(destroy));
    let (make, pattern, split) = if part.closure.nullable {
        (quote!(notified_nullable), callback.to_token_stream(), Some(split(part, runtime)))
    } else {
        (quote!(notified), pattern(part), None)
    };
    let nullable = nullable.then(|| quote!(let #destroy = ::core::option::Option::Some(#destroy);));
    quote! {
        let (#pattern, #destroy) =
            #runtime::__private::created(#runtime::__private::#make::<#ty, #keeper, #destroy_ty>(#callback));
        #split
        #nullable
    }
}

/// `call` inside the loans.
fn lend(lent: &[&Part<'_>], call: TokenStream, runtime: &Path) -> TokenStream {
    // One place for all: after a panic of one, none is called of those that have a value.
    let share_place = lent.len() > 1 && lent.iter().any(|part| resumes(part.closure));
    let share_place = share_place || lent.iter().any(|part| part.closure.nullable);
    let pending = Ident::new("__pending", Span::mixed_site());
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
            let threads = threads(part.closure);
            let keeper = keeper(part.closure, &quote!(InScope<#runtime::__private::#threads, _>), runtime);
            let lend = if part.closure.nullable { quote!(lend_nullable) } else { quote!(lend) };
            quote!(#runtime::__private::#lend::<#ty, #keeper, _, _>(#pending, #callback, #body))
        } else {
            let constructor = constructor(part.closure);
            quote!(#runtime::Trampoline::<#ty>::#constructor(#callback, #body))
        };
        quote!(#runtime::__private::created(#lent))
    });
    if share_place { quote!(#runtime::__private::Pending::resume_after(|#pending| #call)) } else { call }
}

/// What a closure's constructor gives: a pointer, or that and user data.
fn pattern(part: &Part<'_>) -> TokenStream {
    let callback = &part.param.name;
    match part.user_data {
        Some(data) => quote!((#callback, #data)),
        None => callback.to_token_stream(),
    }
}

/// Takes that apart where it may be absent.
fn split(part: &Part<'_>, runtime: &Path) -> TokenStream {
    let callback = &part.param.name;
    let data = part.user_data.map(|data| quote!(let (#callback, #data) = #runtime::__private::split(#callback);));
    data.unwrap_or_default()
}

fn owner_name(part: &Part<'_>) -> Ident {
    format_ident!("__owner_{}", part.param.name, span = Span::mixed_site())
}

/// Whether a panic of the closure is resumed once C has returned.
fn resumes(closure: &Closure) -> bool {
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

/// What a closure is kept in, which the constructors above choose by their names.
fn keeper(closure: &Closure, threads: &TokenStream, runtime: &Path) -> TokenStream {
    let keeper = match closure.kind {
        FnKind::Fn => quote!(Shared),
        FnKind::FnMut => quote!(Exclusive),
        FnKind::FnOnce => quote!(Once),
    };
    quote!(#runtime::__private::#keeper<_, #runtime::__private::#threads>)
}

/// Who may call.
fn threads(closure: &Closure) -> TokenStream {
    if closure.send.is_some() { quote!(AnyThread) } else { quote!(ThisThread) }
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
