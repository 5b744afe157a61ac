//! Looks into types, also those that came from a `$ty:ty` of a macro.

use syn::{GenericArgument, PathArguments, Type, TypeBareFn, TypeImplTrait};

/// `ty` as `impl Trait`.
pub(crate) fn as_impl_trait(ty: &Type) -> Option<&TypeImplTrait> {
    match ty {
        Type::ImplTrait(ty) => Some(ty),
        Type::Group(group) => as_impl_trait(&group.elem),
        Type::Paren(paren) => as_impl_trait(&paren.elem),
        _ => None,
    }
}

/// `ty` as a function pointer.
pub(crate) fn as_pointer(ty: &Type) -> Option<&TypeBareFn> {
    match ty {
        Type::BareFn(pointer) => Some(pointer),
        Type::Group(group) => as_pointer(&group.elem),
        Type::Paren(paren) => as_pointer(&paren.elem),
        _ => None,
    }
}

/// `T` of `Option<T>`, by any path.
pub(crate) fn in_option(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
            match &last.arguments {
                PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => {
                    match arguments.args.first()? {
                        GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        Type::Group(group) => in_option(&group.elem),
        Type::Paren(paren) => in_option(&paren.elem),
        _ => None,
    }
}
