//! Form A: an `extern` block whose functions take closures.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::token::Brace;
use syn::visit::Visit;
use syn::{
    Abi, Attribute, Block, FnArg, ForeignItem, Ident, ItemForeignMod, Lifetime, Pat, PathArguments, ReturnType,
    Signature, Token, TraitBound, Type, TypeImplTrait, TypeParamBound, Visibility,
};

use crate::errors::Errors;
use crate::names;
use crate::parse::attribute;
use crate::parse::callback::{Callback, FnKind};
use crate::parse::cfg::{self, Conditional};
use crate::parse::destroy::Destroy;
use crate::parse::generics;
use crate::parse::on_panic::{self, OnPanic};
use crate::parse::scope::{self, Scope, ScopeKind};
use crate::parse::types::{self, as_impl_trait, in_option, is_user_data};

mod kw {
    // `safe` is a keyword only before the `fn` of an `extern` block, so syn does not have it.
    syn::custom_keyword!(safe);
}

/// `unsafe extern "C" { … }`
pub(crate) struct ExternBlock {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) abi: Abi,
    pub(crate) braces: Brace,
    /// The items that stay in the block unchanged.
    pub(crate) others: Vec<ForeignItem>,
    /// The functions that take closures.
    pub(crate) functions: Vec<Function>,
}

/// A function with `impl` in its signature.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// `safe fn`
    pub(crate) safe: Option<kw::safe>,
    /// `#[restore]`: the function returns the previous handler, which is put back later.
    pub(crate) restore: Option<Attribute>,
    /// `#[fallible]`: the wrapper returns an error where others panic.
    pub(crate) fallible: Option<Attribute>,
    pub(crate) signature: Signature,
    /// Not allowed. It is kept for the message.
    pub(crate) body: Option<Block>,
    pub(crate) params: Vec<Param>,
}

/// A parameter of a function.
#[derive(Clone)]
pub(crate) struct Param {
    pub(crate) attrs: Vec<Attribute>,
    conditions: Vec<TokenStream>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
}

/// The origin of the argument.
#[allow(clippy::large_enum_variant, reason = "there are a few for a function")]
#[derive(Clone)]
pub(crate) enum Role {
    /// The caller passes it.
    Plain,
    /// The caller passes a closure, and C gets a function pointer for it.
    Closure(Closure),
    /// The address of a closure. C passes it to the callback.
    UserData,
    /// The function that C calls when it does not need a closure any more.
    Destroy(Destroy),
}

/// `impl FnMut(*const c_void) -> c_int + Send + 'static`
#[derive(Clone)]
pub(crate) struct Closure {
    pub(crate) kind: FnKind,
    pub(crate) callback: Callback,
    /// The scope, if the user wrote one.
    pub(crate) scope: Option<Scope>,
    /// `Option<impl …>`: C accepts NULL.
    pub(crate) nullable: bool,
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) send: Option<TraitBound>,
    pub(crate) sync: Option<TraitBound>,
}

impl ExternBlock {
    pub(crate) fn parse(block: ItemForeignMod, errors: &mut Errors) -> Self {
        let ItemForeignMod { attrs, unsafety, abi, brace_token: braces, items } = block;
        let mut others = Vec::new();
        let mut functions = Vec::new();
        for item in items {
            match Declaration::of(&item) {
                Some(declaration) if declaration.takes_closures() => {
                    functions.push(Function::parse(declaration, &abi, errors));
                }
                declaration => {
                    if let Some(declaration) = declaration {
                        declaration.refuse_words(errors);
                    }
                    others.push(item);
                }
            }
        }
        Self { attrs, unsafety, abi, braces, others, functions }
    }
}

/// A function in the block.
///
/// For syn, a `safe fn` and a function with a body are only tokens. So this code parses them.
struct Declaration {
    attrs: Vec<Attribute>,
    vis: Visibility,
    safe: Option<kw::safe>,
    signature: Signature,
    body: Option<Block>,
}

impl Declaration {
    fn of(item: &ForeignItem) -> Option<Self> {
        match item {
            ForeignItem::Fn(function) => Some(Self {
                attrs: function.attrs.clone(),
                vis: function.vis.clone(),
                safe: None,
                signature: function.sig.clone(),
                body: None,
            }),
            ForeignItem::Verbatim(tokens) => syn::parse2(tokens.clone()).ok(),
            _ => None,
        }
    }

    /// Whether the function takes closures, or whether the user meant it to. In that case the check says what is wrong.
    fn takes_closures(&self) -> bool {
        let Signature { generics, inputs, output, .. } = &self.signature;
        let object = |ty: &Type| types::closure_object(ty).is_some();
        let takes_object = inputs.iter().any(|input| matches!(input, FnArg::Typed(input) if object(&input.ty)));
        let returns_object = matches!(output, ReturnType::Type(_, ty) if object(ty));
        mentions_impl_trait(&self.signature)
            || takes_object
            || returns_object
            || generics.type_params().any(|param| generics::closure_bound(generics, param).is_some())
    }

    /// Complains about attributes for closures on a function without closures.
    fn refuse_words(mut self, errors: &mut Errors) {
        let message = "this function takes no closure; write `impl Fn(…)` for the parameter that C calls";
        on_panic::refuse(&mut self.attrs, message, errors);
        scope::refuse(&mut self.attrs, message, errors);
        attribute::refuse("restore", &mut self.attrs, message, errors);
        attribute::refuse("fallible", &mut self.attrs, message, errors);
        for input in &mut self.signature.inputs {
            if let FnArg::Typed(input) = input {
                on_panic::refuse(&mut input.attrs, NOT_CALLED, errors);
                scope::refuse(&mut input.attrs, NOT_KEPT, errors);
            }
        }
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let safe = input.parse::<Option<kw::safe>>()?;
        let signature = input.parse()?;
        let end = input.parse::<Option<Token![;]>>()?;
        let body = if end.is_some() { None } else { Some(input.parse()?) };
        Ok(Self { attrs, vis, safe, signature, body })
    }
}

impl Function {
    fn parse(declaration: Declaration, abi: &Abi, errors: &mut Errors) -> Self {
        let Declaration { mut attrs, vis, safe, signature, body, .. } = declaration;
        on_panic::refuse(&mut attrs, "say it where the closure is: in front of the parameter", errors);
        scope::refuse(&mut attrs, "say it where the closure is: in front of the parameter", errors);
        let mut take = |name| attrs.iter().position(|attr| attr.path().is_ident(name)).map(|index| attrs.remove(index));
        let (restore, fallible) = (take("restore"), take("fallible"));
        let params = signature.inputs.iter().enumerate();
        let params = params.filter_map(|(index, input)| Param::parse(index, input, abi, errors)).collect();
        Self { attrs, vis, safe, restore, fallible, signature, body, params }
    }

    /// The closures, each with its parameter.
    pub(crate) fn closures(&self) -> impl Iterator<Item = (&Param, &Closure)> {
        self.params.iter().filter_map(|param| Some((param, param.closure()?)))
    }

    /// The type of C's result, if there is one.
    pub(crate) fn result(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }
}

impl Param {
    fn parse(index: usize, input: &FnArg, abi: &Abi, errors: &mut Errors) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            errors.at(input, "C functions have no `self`; give the parameter a name and a type");
            return None;
        };
        let name = match &*input.pat {
            Pat::Ident(pattern)
                if pattern.by_ref.is_none() && pattern.mutability.is_none() && pattern.subpat.is_none() =>
            {
                names::of_c(&pattern.ident)
            }
            Pat::Wild(_) => names::argument(index),
            pattern => {
                errors.at(pattern, "a pattern is not supported here; give the parameter a name");
                return None;
            }
        };
        let mut attrs = input.attrs.clone();
        let role = Role::parse(&mut attrs, &input.ty, abi, errors);
        let conditions = cfg::conditions(&attrs, errors);
        attrs.retain(|attr| !attr.path().is_ident("cfg"));
        Some(Self { attrs, conditions, name, ty: (*input.ty).clone(), role })
    }
}

const NOT_CALLED: &str = "this is no closure; the attribute stands on the one that C calls: `impl Fn(…)`";
const NOT_KEPT: &str = "this is no closure; the attribute stands on the one that C keeps: `impl Fn(…)`";

impl Role {
    fn parse(attrs: &mut Vec<Attribute>, ty: &Type, abi: &Abi, errors: &mut Errors) -> Self {
        let nullable = in_option(ty).and_then(as_impl_trait);
        if let Some(closure) = nullable.or_else(|| as_impl_trait(ty)) {
            let on_panic = OnPanic::take(attrs, errors);
            let scope = Scope::take(attrs, errors);
            let Some(mut closure) = Closure::parse(closure, abi, errors) else {
                return Self::Plain;
            };
            closure.callback.on_panic = on_panic;
            return Self::Closure(Closure { scope, nullable: nullable.is_some(), ..closure });
        }
        on_panic::refuse(attrs, NOT_CALLED, errors);
        scope::refuse(attrs, NOT_KEPT, errors);
        if is_user_data(ty) {
            Self::UserData
        } else if let Some(destroy) = Destroy::parse(ty, errors) {
            Self::Destroy(destroy)
        } else {
            Self::Plain
        }
    }
}

impl Param {
    pub(crate) fn closure(&self) -> Option<&Closure> {
        match &self.role {
            Role::Closure(closure) => Some(closure),
            _ => None,
        }
    }
}

impl Conditional for Param {
    fn conditions(&self) -> &[TokenStream] {
        &self.conditions
    }
}

impl Closure {
    pub(crate) fn scope(&self) -> ScopeKind {
        self.scope.as_ref().map_or(ScopeKind::Call, |scope| scope.kind)
    }

    /// Whether the closure is lent for the call.
    pub(crate) fn is_lent(&self) -> bool {
        self.scope() == ScopeKind::Call
    }

    /// Whether C reaches the closure through user data.
    pub(crate) fn has_user_data(&self) -> bool {
        self.callback.user_data().next().is_some()
    }

    fn parse(ty: &TypeImplTrait, abi: &Abi, errors: &mut Errors) -> Option<Self> {
        let mut closure = None;
        let (mut lifetime, mut send, mut sync) = (None, None, None);
        let mut others = Vec::new();
        for bound in &ty.bounds {
            match bound {
                TypeParamBound::Trait(bound) if fn_kind(bound).is_some() => {
                    if closure.is_some() {
                        errors.at(bound, "a callback has one signature; remove this bound");
                    } else {
                        closure = Some(bound);
                    }
                }
                TypeParamBound::Trait(bound) if is_plain(bound, "Send") => send = Some(bound.clone()),
                TypeParamBound::Trait(bound) if is_plain(bound, "Sync") => sync = Some(bound.clone()),
                TypeParamBound::Lifetime(bound) if lifetime.is_none() => lifetime = Some(bound.clone()),
                bound => others.push(bound),
            }
        }
        let Some(closure) = closure else {
            errors.at(ty, "C can be given functions only; take `impl Fn(…)`, `impl FnMut(…)` or `impl FnOnce(…)`");
            return None;
        };
        for bound in others {
            errors.at(bound, "this bound is not supported on a callback; there are `Send`, `Sync` and `'static`");
        }
        let segment = closure.path.segments.last()?;
        let PathArguments::Parenthesized(arguments) = &segment.arguments else {
            errors.at(segment, format_args!("write the callback's arguments: `{}(…)`", segment.ident));
            return None;
        };
        Some(Self {
            kind: fn_kind(closure)?,
            callback: Callback::from_bound(closure.lifetimes.as_ref(), &segment.ident, arguments, abi),
            scope: None,
            nullable: false,
            lifetime,
            send,
            sync,
        })
    }
}

fn fn_kind(bound: &TraitBound) -> Option<FnKind> {
    let name = &bound.path.segments.last()?.ident;
    [("Fn", FnKind::Fn), ("FnMut", FnKind::FnMut), ("FnOnce", FnKind::FnOnce)]
        .into_iter()
        .find_map(|(known, kind)| (name == known).then_some(kind))
}

/// Whether `bound` is the trait `name`, by any path.
fn is_plain(bound: &TraitBound, name: &str) -> bool {
    bound.path.segments.last().is_some_and(|segment| segment.ident == name && segment.arguments.is_none())
}

fn mentions_impl_trait(signature: &Signature) -> bool {
    struct Search(bool);
    impl Visit<'_> for Search {
        fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_signature(signature);
    search.0
}
