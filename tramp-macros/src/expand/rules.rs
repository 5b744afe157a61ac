//! What the runtime has to know about a closure: how to run it, and which threads may call it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::parse::callback::FnKind;

/// The closure, how to run it, and who may call it: `_, Exclusive, AnyThread`. The span is the place for the compiler's
/// message if the closure does not satisfy this.
pub(super) fn rules(kind: FnKind, threads: &TokenStream, runtime: &Path, at: Span) -> TokenStream {
    let (runtime, threads) = (located(runtime, at), located(threads, at));
    let run = match kind {
        FnKind::Fn => quote_spanned!(at=> Shared),
        FnKind::FnMut => quote_spanned!(at=> Exclusive),
        FnKind::FnOnce => quote_spanned!(at=> Once),
    };
    quote_spanned!(at=> _, #runtime::__private::#run, #runtime::__private::#threads)
}

/// The tokens with another span.
pub(super) fn located(tokens: &impl ToTokens, at: Span) -> TokenStream {
    let tokens = tokens.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    tokens.collect()
}
