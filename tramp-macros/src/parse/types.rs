//! Looks into types, also into types that came from a macro's `$ty:ty`.

use syn::{GenericArgument, Ident, PathArguments, Type, TypeBareFn, TypeImplTrait, TypeParamBound};

/// `ty` without the groups that macros put around types.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
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

/// Whether `ty` is `!`.
pub(crate) fn is_never(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Never(_))
}

/// The trait of a trait object for closures, if a value of `ty` leads to one: `Fn` for `&dyn Fn()`, `Box<dyn Fn()>` and
/// `Option<Rc<dyn Fn()>>`.
pub(crate) fn closure_object(ty: &Type) -> Option<&Ident> {
    match ungrouped(ty) {
        Type::Reference(reference) => object(&reference.elem),
        Type::Ptr(pointer) => object(&pointer.elem),
        Type::Path(path) => {
            let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => object(ty).or_else(|| closure_object(ty)),
                _ => None,
            })
        }
        _ => None,
    }
}

fn object(ty: &Type) -> Option<&Ident> {
    let Type::TraitObject(object) = ungrouped(ty) else { return None };
    object.bounds.iter().find_map(closure_trait)
}

/// `Fn`, `FnMut` or `FnOnce`, by any path.
pub(crate) fn closure_trait(bound: &TypeParamBound) -> Option<&Ident> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let name = &bound.path.segments.last()?.ident;
    ["Fn", "FnMut", "FnOnce"].iter().any(|known| name == known).then_some(name)
}

/// Whether `ty` is the runtime's `UserData`, or `UserData<T>`, by any path.
pub(crate) fn is_user_data(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    path.qself.is_none() && path.path.segments.last().is_some_and(|last| last.ident == "UserData")
}

/// Whether `ty` is the runtime's `VaArgs`, by any path.
pub(crate) fn is_va_args(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    path.qself.is_none() && path.path.segments.last().is_some_and(|last| last.ident == "VaArgs")
}
