//! Looks into types, also those that came from a `$ty:ty` of a macro.

use syn::{GenericArgument, PathArguments, Type, TypeBareFn, TypeImplTrait};

/// `ty` without the groups that macros put around types.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// `ty` as `impl Trait`.
pub(crate) fn as_impl_trait(ty: &Type) -> Option<&TypeImplTrait> {
    match ungrouped(ty) {
        Type::ImplTrait(ty) => Some(ty),
        _ => None,
    }
}

/// `ty` as a function pointer.
pub(crate) fn as_pointer(ty: &Type) -> Option<&TypeBareFn> {
    match ungrouped(ty) {
        Type::BareFn(pointer) => Some(pointer),
        _ => None,
    }
}

/// `T` of `Option<T>`, by any path.
pub(crate) fn in_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// Whether `ty` is the runtime's `UserData`, by any path.
pub(crate) fn is_user_data(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    let is_named = |last: &syn::PathSegment| last.ident == "UserData" && last.arguments.is_none();
    path.qself.is_none() && path.path.segments.last().is_some_and(is_named)
}
