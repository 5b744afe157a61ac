//! Form B: a type alias that names a callback's signature.

use syn::{Attribute, Generics, Ident, ItemType, LifetimeParam, Visibility};

use crate::errors::Errors;
use crate::parse::callback::Callback;
use crate::parse::generics;
use crate::parse::on_panic::OnPanic;
use crate::parse::scope;
use crate::parse::types;

/// `type Filter = unsafe extern "C" fn(entry: &dirent) -> c_int;`
pub(crate) struct CallbackType {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    /// Not allowed. It is kept for the message.
    pub(crate) lifetimes: Vec<LifetimeParam>,
    pub(crate) generics: Generics,
    pub(crate) callback: Callback,
}

impl CallbackType {
    /// Returns nothing if the alias is not for a function pointer.
    pub(crate) fn parse(mut alias: ItemType, errors: &mut Errors) -> Option<Self> {
        let on_panic = OnPanic::take(&mut alias.attrs, errors);
        scope::refuse(&mut alias.attrs, scope::OF_CONSTRUCTOR, errors);
        let Some(pointer) = types::as_pointer(&alias.ty) else {
            if types::in_option(&alias.ty).is_some() {
                let message = "name the pointer without the `Option`; where C may pass NULL, write `Option<{}>`";
                errors.at(&alias.ty, message.replace("{}", &alias.ident.to_string()));
            } else {
                let message =
                    "this is no function pointer that a macro could see; write it out: `unsafe extern \"C\" fn(…)`";
                errors.at(&alias.ty, message);
            }
            return None;
        };
        Some(Self {
            attrs: alias.attrs,
            vis: alias.vis,
            name: alias.ident,
            generics: generics::of_type(&alias.generics, errors),
            lifetimes: alias.generics.lifetimes().cloned().collect(),
            callback: Callback { on_panic, ..Callback::from_pointer(pointer, errors) },
        })
    }
}
