//! The user's attributes for lints. They hold for everything that an item becomes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

/// The attributes for lints among `attrs`, for everything that an item becomes.
pub(super) fn lint_levels(attrs: &[Attribute]) -> TokenStream {
    let levels = attrs.iter().filter(|attr| is_lint_level(attr));
    let deprecated = attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let allow_deprecated = deprecated.then(|| quote!(#[allow(deprecated, reason = "its own parts use it")]));
    quote!(#(#levels)* #allow_deprecated)
}

/// `#[allow(…)]` and similar attributes.
pub(super) fn is_lint_level(attr: &Attribute) -> bool {
    ["allow", "deny", "expect", "forbid", "warn"].iter().any(|level| attr.path().is_ident(level))
}
