//! The type and constant parameters of a callback, written as `<T: Bound, const N: usize>`. Generated code has no
//! `where`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Ident, PredicateType, Type, TypeParam, WherePredicate};

use crate::errors::Errors;
use crate::parse::types;

/// Leaves out the lifetimes, because they belong to the function pointer. Moves each `where T: Bound` to its parameter.
pub(crate) fn of_type(generics: &Generics, errors: &mut Errors) -> Generics {
    let mut own = generics.clone();
    own.params = own.params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))).collect();
    for predicate in own.where_clause.take().into_iter().flat_map(|clause| clause.predicates) {
        if !move_to_parameter(&mut own, &predicate) {
            errors.at(predicate, "this `where` is not supported here; bounds go on a type parameter: `<T: Bound>`");
        }
    }
    own
}

/// Whether `predicate` has the form `T: Bound`. If so, this moves the bound.
fn move_to_parameter(generics: &mut Generics, predicate: &WherePredicate) -> bool {
    let WherePredicate::Type(PredicateType { lifetimes: None, bounded_ty: Type::Path(ty), bounds, .. }) = predicate
    else {
        return false;
    };
    let Some(param) = generics.type_params_mut().find(|param| ty.path.is_ident(&param.ident)) else {
        return false;
    };
    param.bounds.extend(bounds.iter().cloned());
    true
}

/// The `FnMut` of `<F: FnMut()>`, or of a `where` with the same meaning.
pub(crate) fn closure_bound<'a>(generics: &'a Generics, param: &'a TypeParam) -> Option<&'a Ident> {
    let of_param = |predicate: &'a WherePredicate| match predicate {
        WherePredicate::Type(PredicateType { bounded_ty: Type::Path(ty), bounds, .. }) => {
            ty.path.is_ident(&param.ident).then_some(bounds)
        }
        _ => None,
    };
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    param.bounds.iter().chain(predicates.filter_map(of_param).flatten()).find_map(types::closure_trait)
}

/// `T: Bound, const N: usize,`
pub(crate) fn declared(generics: &Generics) -> TokenStream {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Type(param) => (param.eq_token, param.default) = (None, None),
            GenericParam::Const(param) => (param.eq_token, param.default) = (None, None),
            GenericParam::Lifetime(_) => {}
        }
    }
    let params = generics.params.iter().map(ToTokens::to_token_stream);
    quote!(#(#params,)*)
}

/// `T, N,`
pub(crate) fn names(generics: &Generics) -> Vec<&Ident> {
    generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect()
}
