//! Attributes that only this macro knows.

use syn::parse::Parse;
use syn::{Attribute, Meta};

use crate::errors::Errors;

/// Takes the attribute `name` out of `attrs`, and returns its contents. For an empty attribute, the message is
/// `expected`.
pub(crate) fn take<T: Parse>(name: &str, attrs: &mut Vec<Attribute>, expected: &str, errors: &mut Errors) -> Option<T> {
    let mut taken = None;
    attrs.retain(|attr| {
        if !attr.path().is_ident(name) {
            return true;
        }
        match attr.parse_args() {
            _ if taken.is_some() => errors.at(attr, "this attribute is given twice; remove one"),
            Ok(parsed) => taken = Some(parsed),
            Err(_) if matches!(attr.meta, Meta::Path(_)) => errors.at(attr, expected),
            Err(error) => errors.push(error),
        }
        false
    });
    taken
}

/// Complains about the attribute `name` at a place where it has no meaning.
pub(crate) fn refuse(name: &str, attrs: &mut Vec<Attribute>, message: &str, errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        errors.at(attr, message);
    }
    attrs.retain(|attr| !attr.path().is_ident(name));
}
