//! What a user says of lints, which holds for all that an item becomes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

/// What `attrs` say about lints, for everything that an item becomes.
pub(super) fn lint_levels(attrs: &[Attribute]) -> TokenStream {
    let levels = attrs.iter().filter(|attr| is_lint_level(attr));
    let deprecated = attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let allow_deprecated = deprecated.then(|| quote!(#[allow(deprecated, reason = "its own parts use it")]));
    quote!(#(#levels)* #allow_deprecated)
}

/// `#[allow(…)]` and its kin.
pub(super) fn is_lint_level(attr: &Attribute) -> bool {
    ["allow", "deny", "expect", "forbid", "warn"].iter().any(|level| attr.path().is_ident(level))
}
