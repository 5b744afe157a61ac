//! Names that the macro invents, of which users have none.
//!
//! Items, type parameters and lifetimes have no hygiene, and a binding that is also a constant of the user's is none. So
//! every name that an expansion declares begins with `__tramp`, and what the user wrote has no such name in it.

use std::fmt::Display;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;

use crate::errors::Errors;

/// What a name of ours begins with, in the case that suits what it names.
const PREFIX: &str = "__tramp";

/// `__tramp_name`
pub(crate) fn own(name: impl Display) -> Ident {
    let name = name.to_string();
    format_ident!("{PREFIX}_{}", name.trim_start_matches("r#"), span = Span::mixed_site())
}

/// The argument of a callback.
pub(crate) fn argument(index: usize) -> Ident {
    own(format_args!("arg{index}"))
}

/// Complains about each name of the user's that could be one of ours.
pub(crate) fn refuse_own(tokens: TokenStream, errors: &mut Errors) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) if is_own(&name) => {
                errors.at(&name, format_args!("names that begin with `{PREFIX}` are the macro's; rename this"));
            }
            TokenTree::Group(group) => refuse_own(group.stream(), errors),
            _ => {}
        }
    }
}

fn is_own(name: &Ident) -> bool {
    let name = name.to_string().to_lowercase();
    name.trim_start_matches("r#").starts_with(PREFIX)
}
