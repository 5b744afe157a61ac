//! The code between the braces of a wrapper.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Path, Type, parse_quote};

use super::closures::{Part, created, give, lend, owner_name, paired, prepare, threads};
use super::types::signature_name;
use crate::expand::signature;
use crate::names;
use crate::parse::args::Args;
use crate::parse::extern_block::Function;
use crate::parse::scope::ScopeKind;

/// The code between the braces of the wrapper, and what this code needs in the wrapper's declaration.
pub(super) struct Body {
    pub(super) generic: Option<GenericParam>,
    pub(super) param: Option<TokenStream>,
    pub(super) output: TokenStream,
    pub(super) code: TokenStream,
}

/// Makes the callbacks, calls C with them, and returns the values for the caller.
pub(super) fn body(c_function: &Ident, function: &Function, args: &Args) -> Body {
    let runtime = &args.runtime;
    let parts = paired(function);
    let call = call(c_function, function);
    match (replaced_handler(function), &parts[..]) {
        (Some(handler), [part]) if part.closure.is_lent() => while_installed(part, handler, &call, function, runtime),
        (Some(handler), [part]) => until_dropped(part, handler, &call, function, runtime),
        _ => around_call(&parts, call, function, runtime),
    }
}

/// The call of C, with the names of the parameters.
fn call(c_function: &Ident, function: &Function) -> TokenStream {
    let arguments = function.params.iter().map(|param| &param.name);
    let call = quote!(#c_function(#(#arguments),*));
    if function.safe.is_some() { call } else { quote!(unsafe { #call }) }
}

/// The type of the handler that a function with `#[restore]` returns.
fn replaced_handler(function: &Function) -> Option<&Type> {
    function.restore.as_ref().and(function.result())
}

/// Replaces a handler with a lent one while the caller's body runs.
fn while_installed(part: &Part<'_>, handler: &Type, call: &TokenStream, function: &Function, runtime: &Path) -> Body {
    let name = &part.param.name;
    let body = names::own("body");
    let in_type = in_type(part, handler, runtime);
    let set = set(part, handler, call);
    let call = quote!(#runtime::while_installed(#in_type(#name), #set, #body));
    Body {
        generic: Some(parse_quote!(__TrampR)),
        param: Some(quote!(#body: impl ::core::ops::FnOnce() -> __TrampR)),
        output: output(&parse_quote!(__TrampR), function, runtime),
        code: lend(&[part], returned(call, function), function, runtime),
    }
}

/// Replaces a handler until the owner of the new one is dropped.
fn until_dropped(part: &Part<'_>, handler: &Type, call: &TokenStream, function: &Function, runtime: &Path) -> Body {
    let signature = signature_name(part.param, part.closure, function);
    let threads = threads(part.closure);
    let owner = created(part, function, runtime);
    let in_type = in_type(part, handler, runtime);
    let set = set(part, handler, call);
    Body {
        generic: None,
        param: None,
        output: output(&parse_quote!(#runtime::Installed<#signature, #runtime::#threads, #handler>), function, runtime),
        code: returned(quote!(#runtime::__private::install(#owner, #in_type, #set)), function),
    }
}

/// The function that turns a callback's pointer into the type that C takes and returns: `Option<…>`, or the pointer
/// itself.
fn in_type(part: &Part<'_>, handler: &Type, runtime: &Path) -> TokenStream {
    let pointer = part.closure.callback.pointer();
    let at_result = Span::mixed_site().located_at(handler.span());
    quote_spanned!(at_result=> #runtime::__private::replaced::<#pointer, #handler>)
}

/// The function that passes a handler to C.
fn set(part: &Part<'_>, handler: &Type, call: &TokenStream) -> TokenStream {
    let name = &part.param.name;
    quote!(move |#name: #handler| #call)
}

/// First the code makes the callbacks that C keeps. Then it lends the others. Inside these loans, C gets the callbacks
/// that it keeps, and then the call.
fn around_call(parts: &[Part<'_>], call: TokenStream, function: &Function, runtime: &Path) -> Body {
    let kept = parts.iter().filter(|part| !part.closure.is_lent()).map(|part| prepare(part, function, runtime));
    let lent: Vec<_> = parts.iter().filter(|part| part.closure.is_lent()).collect();
    let owned: Vec<_> = parts.iter().filter(|part| part.closure.scope() == ScopeKind::Owned).collect();
    let given: TokenStream =
        parts.iter().filter(|part| !part.closure.is_lent()).map(|part| give(part, runtime)).collect();
    let call = if lent.is_empty() { call } else { returned(call, function) };
    let call = if given.is_empty() { call } else { quote!({ #given #call }) };
    let call = lend(&lent, call, function, runtime);
    let may_have_failed = function.fallible.is_some() && !lent.is_empty();
    let (output, code) = with_owners(&owned, &call, may_have_failed, function, runtime);
    Body { generic: None, param: None, output, code: quote!(#(#kept)* #code) }
}

/// C's result, and the owners of the callbacks that C keeps as long as they live: their types and their code. If the call
/// may have failed, it is a `Result`.
fn with_owners(
    owned: &[&Part<'_>],
    call: &TokenStream,
    may_have_failed: bool,
    function: &Function,
    runtime: &Path,
) -> (TokenStream, TokenStream) {
    let owners = owned.iter().map(|part| owner_name(part));
    let types = owned.iter().map(|part| owner_type(part, function, runtime));
    let fails = may_have_failed.then(|| quote!(?));
    let result = names::own("result");
    let (ty, values): (Type, _) = match (function.result(), owned.len()) {
        (ty, 0) => {
            let ty = ty.cloned().unwrap_or_else(|| parse_quote!(()));
            let code = if may_have_failed { call.clone() } else { returned(call.clone(), function) };
            return (output(&ty, function, runtime), code);
        }
        (None, 1) => (parse_quote!(#(#types)*), quote!(#(#owners)*)),
        (None, _) => (parse_quote!((#(#types),*)), quote!((#(#owners),*))),
        (Some(ty), _) => (parse_quote!((#ty, #(#types),*)), quote!((#result, #(#owners),*))),
    };
    let values = returned(values, function);
    let result = function.result().map(|_| quote!(let #result =));
    (output(&ty, function, runtime), quote!(#result #call #fails; #values))
}

/// What the wrapper returns. A fallible one returns a `Result`, and any other one what C does.
fn output(ty: &Type, function: &Function, runtime: &Path) -> TokenStream {
    if function.fallible.is_some() {
        let ty = signature::named_never(ty, runtime);
        return quote!(-> ::core::result::Result<#ty, #runtime::Error>);
    }
    match ty {
        Type::Tuple(none) if none.elems.is_empty() => function.signature.output.to_token_stream(),
        ty => quote!(-> #ty),
    }
}

/// A value that the wrapper returns.
fn returned(value: TokenStream, function: &Function) -> TokenStream {
    if function.fallible.is_some() { quote!(::core::result::Result::Ok(#value)) } else { value }
}

fn owner_type(part: &Part<'_>, function: &Function, runtime: &Path) -> TokenStream {
    let signature = signature_name(part.param, part.closure, function);
    let threads = threads(part.closure);
    let owner = quote!(#runtime::Trampoline<#signature, #runtime::#threads>);
    if part.closure.nullable { quote!(::core::option::Option<#owner>) } else { owner }
}
