//! Form C: a function whose first parameter is its state. C does not pass it.

use proc_macro2::Span;
use syn::{FnArg, Generics, Ident, ItemFn, Pat, PatType, Type};

use crate::errors::Errors;
use crate::names;
use crate::parse::callback::{Callback, FnKind};
use crate::parse::generics;
use crate::parse::on_panic::OnPanic;
use crate::parse::scope;
use crate::parse::types;

/// `extern "C" fn on_line(log: &mut Log, line: *mut c_char) { … }`
pub(crate) struct Handler {
    pub(crate) function: ItemFn,
    pub(crate) generics: Generics,
    pub(crate) state: State,
    pub(crate) callback: Callback,
}

/// The first parameter.
pub(crate) struct State {
    pub(crate) name: Ident,
    /// The parameter itself, for messages that point at it.
    pub(crate) param: PatType,
    /// The type that is bound: `Log` for `log: &mut Log`.
    pub(crate) ty: Type,
    /// How the function takes it: `FnMut` for `log: &mut Log`.
    pub(crate) kind: FnKind,
}

impl Handler {
    /// Returns nothing if the function has no state.
    pub(crate) fn parse(mut function: ItemFn, errors: &mut Errors) -> Option<Self> {
        let on_panic = OnPanic::take(&mut function.attrs, errors);
        scope::refuse(&mut function.attrs, scope::OF_BINDING, errors);
        let state = State::parse(&function, errors);
        let generics = generics::of_type(&function.sig.generics, errors);
        let callback = Callback { on_panic, ..Callback::from_handler(&function.sig, errors) };
        Some(Self { generics, state: state?, callback, function })
    }
}

impl State {
    fn parse(function: &ItemFn, errors: &mut Errors) -> Option<Self> {
        let param = match function.sig.inputs.first() {
            Some(FnArg::Typed(param)) => param,
            Some(receiver) => {
                errors.at(receiver, "a handler is no method; take the state as `state: &mut State`");
                return None;
            }
            None => {
                errors.at(
                    &function.sig,
                    "a handler takes its state first; add `state: &mut State`, or `&State`, or `State` to run once",
                );
                return None;
            }
        };
        let (kind, ty) = match types::ungrouped(&param.ty) {
            Type::Reference(reference) if reference.mutability.is_some() => (FnKind::FnMut, &*reference.elem),
            Type::Reference(reference) => (FnKind::Fn, &*reference.elem),
            owned => (FnKind::FnOnce, owned),
        };
        let mut name = match &*param.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            _ => names::own("state"),
        };
        // The state has the macro's hygiene. So it may have the name of the function without hiding it.
        name.set_span(Span::mixed_site().located_at(name.span()));
        Some(Self { name, param: param.clone(), ty: ty.clone(), kind })
    }
}
