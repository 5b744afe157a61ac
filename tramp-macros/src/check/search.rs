//! Searches in types for what has no place there.

use syn::visit::{self, Visit};
use syn::{Lifetime, ParenthesizedGenericArguments, Path, Signature, TypeBareFn, TypeImplTrait, TypeReference};

use crate::errors::Errors;

/// Complains about each `impl Trait`.
pub(super) struct NoImpl<'a> {
    pub(super) message: &'a str,
    pub(super) errors: &'a mut Errors,
}

impl Visit<'_> for NoImpl<'_> {
    fn visit_type_impl_trait(&mut self, found: &TypeImplTrait) {
        self.errors.at(found, self.message);
    }
}

/// Complains about each `Self`, which the signature is written apart from.
pub(super) struct NoSelf<'a> {
    pub(super) errors: &'a mut Errors,
}

impl Visit<'_> for NoSelf<'_> {
    fn visit_path(&mut self, found: &Path) {
        if found.segments.first().is_some_and(|first| first.ident == "Self") {
            self.errors.at(found, "`Self` is not supported in what C passes; write the type's name");
        }
        visit::visit_path(self, found);
    }
}

/// Complains about each lifetime that the function declares.
pub(super) struct NoLifetimeOf<'a> {
    pub(super) function: &'a Signature,
    pub(super) message: &'a str,
    pub(super) errors: &'a mut Errors,
}

impl Visit<'_> for NoLifetimeOf<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if self.function.generics.lifetimes().any(|declared| declared.lifetime == *found) {
            self.errors.at(found, self.message);
        }
    }
}

/// Complains about each elided lifetime that can be seen, except in the signature of a function, where it is bound.
pub(super) struct NoElidedLifetime<'a> {
    pub(super) message: &'a str,
    pub(super) errors: &'a mut Errors,
}

impl Visit<'_> for NoElidedLifetime<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if found.ident == "_" {
            self.errors.at(found, self.message);
        }
    }
    fn visit_type_reference(&mut self, found: &TypeReference) {
        if found.lifetime.is_none() {
            self.errors.at(found, self.message);
        }
        visit::visit_type_reference(self, found);
    }
    fn visit_type_bare_fn(&mut self, _: &TypeBareFn) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
}
