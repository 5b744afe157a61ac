//! Parameters that exist only under some `#[cfg]`.
//!
//! Rust itself drops such a parameter from a function. But a bound such as `Fn(A, B)` or a call cannot carry a
//! `#[cfg]`. So the macro writes an item once for every combination of the conditions on its parameters. Each copy has
//! the `#[cfg]` of its combination.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use crate::errors::Errors;

/// A parameter that may exist only under conditions.
pub(crate) trait Conditional: Clone {
    /// The predicates that must all hold, as the user wrote them in `#[cfg(…)]`.
    fn conditions(&self) -> &[TokenStream];
}

/// Whether `attr` is a condition.
pub(crate) fn is_condition(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

/// The predicates of the `#[cfg(…)]` among `attrs`.
pub(crate) fn conditions(attrs: &[Attribute], errors: &mut Errors) -> Vec<TokenStream> {
    let mut conditions = Vec::new();
    for attr in attrs {
        match &attr.meta {
            Meta::List(list) if list.path.is_ident("cfg") => conditions.push(list.tokens.clone()),
            meta if meta.path().is_ident("cfg_attr") => {
                errors.at(attr, "`cfg_attr` is not supported on a parameter; use `#[cfg(…)]`");
            }
            _ => {}
        }
    }
    conditions
}

/// Every combination of the conditions on `params`: the `#[cfg(…)]` that selects it, and the parameters that it leaves.
///
/// Without conditions there is one combination, and it needs no `#[cfg]`.
pub(crate) fn combinations<P: Conditional>(params: &[P]) -> Vec<(TokenStream, Vec<P>)> {
    let mut predicates: Vec<&TokenStream> = Vec::new();
    for predicate in params.iter().flat_map(Conditional::conditions) {
        if !predicates.iter().any(|known| same(known, predicate)) {
            predicates.push(predicate);
        }
    }

    let mut combinations = vec![(Vec::new(), params.to_vec())];
    for predicate in predicates {
        combinations = combinations
            .into_iter()
            .flat_map(|(selected, present)| {
                let absent: Vec<P> = present.iter().filter(|param| !depends_on(*param, predicate)).cloned().collect();
                let with = selected.iter().cloned().chain([quote!(#predicate)]).collect();
                let without = selected.into_iter().chain([quote!(not(#predicate))]).collect();
                [(with, present), (without, absent)]
            })
            .collect();
    }
    combinations.into_iter().map(|(selected, present)| (attribute(&selected), present)).collect()
}

fn attribute(selected: &[TokenStream]) -> TokenStream {
    match selected {
        [] => TokenStream::new(),
        [predicate] => quote!(#[cfg(#predicate)]),
        predicates => quote!(#[cfg(all(#(#predicates),*))]),
    }
}

fn depends_on(param: &impl Conditional, predicate: &TokenStream) -> bool {
    param.conditions().iter().any(|condition| same(condition, predicate))
}

/// Tokens cannot be compared, but their text can.
fn same(one: &TokenStream, other: &TokenStream) -> bool {
    one.to_string() == other.to_string()
}
