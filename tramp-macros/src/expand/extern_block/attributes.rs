//! Decides for which part of an expansion an attribute of the user is.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

/// Whether `attr` names a library. Every block that declares a function of this library needs this attribute.
pub(super) fn links(attr: &Attribute) -> bool {
    attr.path().is_ident("link")
}

/// The attributes for the declaration of the C function, and the attributes for its wrapper.
pub(super) fn split_attributes(attrs: &[Attribute]) -> (Vec<TokenStream>, Vec<TokenStream>) {
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
