//! What the runtime keeps a closure in, which says how it is run and which threads may call it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::parse::callback::FnKind;

/// `Exclusive<_, AnyThread>`, spanned where the compiler is to complain if the closure is not as that demands.
pub(super) fn keeper(kind: FnKind, threads: &TokenStream, runtime: &Path, at: Span) -> TokenStream {
    let runtime = located(runtime, at);
    match kind {
        FnKind::Fn => quote_spanned!(at=> #runtime::__private::Shared<_, #runtime::__private::#threads>),
        FnKind::FnMut => quote_spanned!(at=> #runtime::__private::Exclusive<_, #runtime::__private::#threads>),
        FnKind::FnOnce => quote_spanned!(at=> #runtime::__private::Once<_, #runtime::__private::#threads>),
    }
}

/// The path, as if it were written elsewhere.
pub(super) fn located(path: &Path, at: Span) -> TokenStream {
    let tokens = path.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    tokens.collect()
}
