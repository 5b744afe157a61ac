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

/// The user's `name` as one of the macro's making. Of such a name rustc does not ask for Rust's style.
pub(crate) fn of_macro(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().resolved_at(Span::mixed_site()));
    name
}

/// The `name` that a function or a parameter has in C. It stays the user's own, for errors that speak of it, if rustc has
/// nothing to say against it.
pub(crate) fn of_c(name: &Ident) -> Ident {
    let text = name.to_string();
    let words = text.trim_start_matches("r#").trim_matches('_');
    let is_snake_case = !words.contains("__") && !words.contains(char::is_uppercase);
    if is_snake_case { name.clone() } else { of_macro(name) }
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
