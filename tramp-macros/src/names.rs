//! The names that the macro invents. They differ from all names of users.
//!
//! Items, type parameters and lifetimes have no hygiene. Neither has a binding with the name of a constant of the user.
//! So every name that an expansion declares begins with `__tramp`, and the macro rejects such names in the user's code.

use std::fmt::Display;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;

use crate::errors::Errors;

/// The beginning of the macro's names, in the case that suits the kind of name.
const PREFIX: &str = "__tramp";

/// `__tramp_name`
pub(crate) fn own(name: impl Display) -> Ident {
    let name = name.to_string();
    format_ident!("{PREFIX}_{}", name.trim_start_matches("r#"), span = Span::mixed_site())
}

/// The user's `name` with the span of the macro. rustc does not check the style of such a name.
pub(crate) fn of_macro(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().resolved_at(Span::mixed_site()));
    name
}

/// The `name` of a function or a parameter in C. It keeps the user's span, so that errors point at it, unless rustc
/// would then complain about it.
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

/// Complains about each name of the user that could be one of the macro's.
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
