//! Searches types for parts that are not allowed there.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    BoundLifetimes, GenericParam, Lifetime, LifetimeParam, ParenthesizedGenericArguments, Path, Signature, TraitBound,
    Type, TypeBareFn, TypeImplTrait, TypeReference,
};

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

/// Complains about each `Self`, because the signature is written outside the `impl`.
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

/// Complains about each of these lifetimes.
pub(super) struct NoLifetimeIn<'a> {
    pub(super) lifetimes: &'a [LifetimeParam],
    pub(super) message: &'a str,
    pub(super) errors: &'a mut Errors,
}

impl Visit<'_> for NoLifetimeIn<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if self.lifetimes.iter().any(|declared| declared.lifetime == *found) {
            self.errors.at(found, self.message);
        }
    }
}

/// Complains about each visible elided lifetime. A function's signature binds its own, so they are not counted.
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

/// Complains about each lifetime that is neither declared nor bound at its place.
pub(super) struct Undeclared<'a> {
    pub(super) declared: Vec<Lifetime>,
    pub(super) message: &'a str,
    pub(super) errors: &'a mut Errors,
}

impl Undeclared<'_> {
    /// Searches with `visit`, where `bound` are declared too.
    fn within(&mut self, bound: Option<&BoundLifetimes>, visit: impl FnOnce(&mut Self)) {
        let before = self.declared.len();
        for param in bound.iter().flat_map(|bound| &bound.lifetimes) {
            if let GenericParam::Lifetime(param) = param {
                self.declared.push(param.lifetime.clone());
            }
        }
        visit(self);
        self.declared.truncate(before);
    }
}

impl Visit<'_> for Undeclared<'_> {
    fn visit_lifetime(&mut self, found: &Lifetime) {
        if found.ident != "static" && found.ident != "_" && !self.declared.contains(found) {
            self.errors.at(found, self.message);
        }
    }
    fn visit_type_bare_fn(&mut self, found: &TypeBareFn) {
        self.within(found.lifetimes.as_ref(), |search| visit::visit_type_bare_fn(search, found));
    }
    fn visit_trait_bound(&mut self, found: &TraitBound) {
        self.within(found.lifetimes.as_ref(), |search| visit::visit_trait_bound(search, found));
    }
}

/// The visible lifetimes in types. A function's signature binds its own, so they are not counted.
#[derive(Default)]
pub(super) struct Lifetimes<'a> {
    /// Each lifetime once.
    named: Vec<&'a Lifetime>,
    pub(super) elided: Vec<TokenStream>,
}

impl<'a> Lifetimes<'a> {
    pub(super) fn of(types: impl IntoIterator<Item = &'a Type>) -> Self {
        let mut lifetimes = Self::default();
        types.into_iter().for_each(|ty| lifetimes.visit_type(ty));
        lifetimes
    }

    /// The number of lifetimes that a result could have.
    pub(super) fn count(&self) -> usize {
        self.named.len() + self.elided.len()
    }
}

impl<'a> Visit<'a> for Lifetimes<'a> {
    fn visit_lifetime(&mut self, found: &'a Lifetime) {
        if found.ident == "_" {
            self.elided.push(found.to_token_stream());
        } else if !self.named.contains(&found) {
            self.named.push(found);
        }
    }
    fn visit_type_reference(&mut self, found: &'a TypeReference) {
        if found.lifetime.is_none() {
            self.elided.push(found.to_token_stream());
        }
        visit::visit_type_reference(self, found);
    }
    fn visit_type_bare_fn(&mut self, _: &'a TypeBareFn) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'a ParenthesizedGenericArguments) {}
}
