//! Form D: an `impl` whose methods are the callbacks of a C struct.

use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, FnArg, Generics, Ident, ImplItem, ImplItemFn, ItemImpl, Lifetime, LifetimeParam,
    ParenthesizedGenericArguments, Receiver, Type, TypeBareFn, TypeReference, Visibility, parse_quote,
};

use crate::errors::Errors;
use crate::names;
use crate::parse::callback::Callback;
use crate::parse::cfg;
use crate::parse::generics;
use crate::parse::on_panic::{self, OnPanic};
use crate::parse::scope;

/// `impl Disk { extern "C" fn read(&mut self, …) -> isize { … } … }`
pub(crate) struct Ops {
    /// The block as the user wrote it, without the attributes that only this macro knows.
    pub(crate) block: ItemImpl,
    pub(crate) generics: Generics,
    /// The state's type, in which each `'_` has a name.
    pub(crate) state: Type,
    /// The lifetimes in that type, also those without a name. Such a state can only be lent.
    pub(crate) lifetimes: Vec<LifetimeParam>,
    pub(crate) entries: Vec<Entry>,
    /// At least one is required.
    pub(crate) has_callbacks: bool,
}

/// A method that C calls.
pub(crate) struct Entry {
    /// The method, as the user wrote it.
    pub(crate) method: ImplItemFn,
    pub(crate) receiver: Receiver,
    /// Whether it takes `&mut self`.
    pub(crate) alone: bool,
    /// Whether it takes `self`.
    pub(crate) last: bool,
    pub(crate) callback: Callback,
}

impl Ops {
    /// Returns nothing if the block has no state.
    pub(crate) fn parse(mut block: ItemImpl, errors: &mut Errors) -> Option<Self> {
        if let Some((_, path, _)) = &block.trait_ {
            errors.at(path, "callbacks are the methods of a type; write `impl State`, and call the trait from there");
            return None;
        }
        on_panic::refuse(&mut block.attrs, "say it of each callback: in front of the method", errors);
        let generics = generics::of_type(&block.generics, errors);
        let mut lifetimes = Named(block.generics.lifetimes().cloned().collect());
        let mut state = (*block.self_ty).clone();
        lifetimes.visit_type_mut(&mut state);
        let mut entries = Vec::new();
        let mut has_callbacks = false;
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item {
                if method.sig.abi.is_some() {
                    has_callbacks = true;
                    entries.extend(Entry::parse(method, errors));
                    // The method is no `extern` function any more. So clippy's advice for parameters does not apply.
                    method.attrs.push(parse_quote! {
                        #[allow(
                            clippy::needless_pass_by_value,
                            clippy::too_many_arguments,
                            clippy::trivially_copy_pass_by_ref,
                            clippy::unused_self,
                            reason = "C says how it passes the parameters"
                        )]
                    });
                    method.sig.abi = None;
                } else {
                    on_panic::refuse(&mut method.attrs, "C does not call this method; write `extern \"C\" fn`", errors);
                }
            }
        }
        Some(Self { block, generics, state, lifetimes: lifetimes.0, entries, has_callbacks })
    }

    /// Whether C's last call takes the state.
    pub(crate) fn has_last(&self) -> bool {
        self.entries.iter().any(|entry| entry.last)
    }

    /// The visibility of `bind`. It is that of the first callback.
    pub(crate) fn vis(&self) -> &Visibility {
        self.entries.first().map_or(&Visibility::Inherited, |entry| &entry.method.vis)
    }
}

/// Gives a name to each `'_` and to the lifetime of each `&`, because a `where` cannot have one without a name.
struct Named(Vec<LifetimeParam>);

impl VisitMut for Named {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            lifetime.ident = names::own(format_args!("state{}", self.0.len()));
            self.0.push(LifetimeParam::new(lifetime.clone()));
        }
    }
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| parse_quote!('_));
        visit_mut::visit_type_reference_mut(self, reference);
    }
    fn visit_type_bare_fn_mut(&mut self, _: &mut TypeBareFn) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
}

impl Entry {
    fn parse(method: &mut ImplItemFn, errors: &mut Errors) -> Option<Self> {
        let on_panic = OnPanic::take(&mut method.attrs, errors);
        scope::refuse(&mut method.attrs, scope::OF_BINDING, errors);
        for attr in method.sig.inputs.iter().flat_map(attributes).filter(|attr| cfg::is_condition(attr)) {
            errors.at(attr, "a parameter cannot be conditional here; put the `cfg` on one of two methods");
        }
        let receiver = match method.sig.inputs.first() {
            Some(FnArg::Receiver(receiver)) if receiver.colon_token.is_none() => receiver,
            Some(FnArg::Receiver(receiver)) => {
                errors.at(receiver, "take `&self` or `&mut self`, or `self` in what C calls last");
                return None;
            }
            _ => {
                errors.at(
                    &method.sig.ident,
                    "a callback runs on the state; take `&self` or `&mut self`, which C does not pass",
                );
                return None;
            }
        };
        Some(Self {
            receiver: receiver.clone(),
            alone: receiver.reference.is_some() && receiver.mutability.is_some(),
            last: receiver.reference.is_none(),
            callback: Callback { on_panic, ..Callback::from_handler(&method.sig, errors) },
            method: method.clone(),
        })
    }

    /// Whether it takes `&self`.
    pub(crate) fn is_shared(&self) -> bool {
        !self.alone && !self.last
    }

    /// The name of the method and of the field.
    pub(crate) fn name(&self) -> &Ident {
        &self.method.sig.ident
    }
}

fn attributes(input: &FnArg) -> &[Attribute] {
    match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(param) => &param.attrs,
    }
}
