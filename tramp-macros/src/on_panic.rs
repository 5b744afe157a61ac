//! `#[on_panic(…)]`: what becomes of a panic in a callback.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Path, ReturnType, Token, Type, parse_quote};

use crate::callback::Callback;
use crate::errors::Errors;

mod kw {
    syn::custom_keyword!(abort);
    syn::custom_keyword!(unwind);
    syn::custom_keyword!(hook);
}

/// What the attribute asks for, each with the words that ask for it.
#[allow(clippy::large_enum_variant, reason = "there is one for a callback")]
#[derive(Clone)]
pub(crate) enum OnPanic {
    /// `abort`
    Abort,
    /// `unwind`
    Unwind(kw::unwind),
    /// `return = -1, hook = report`
    Return { word: Token![return], value: Option<Expr>, hook: Option<Expr> },
}

impl OnPanic {
    /// Takes the attribute out of `attrs`, which are those of a callback.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Self> {
        let mut taken = None;
        attrs.retain(|attr| {
            if !is_on_panic(attr) {
                return true;
            }
            match attr.parse_args() {
                _ if taken.is_some() => errors.at(attr, "this attribute is given twice; remove one"),
                Ok(on_panic) => taken = Some(on_panic),
                Err(error) => errors.push(error),
            }
            false
        });
        taken
    }

    /// As the runtime's `signature!` takes it, if that is not what the convention does by itself.
    pub(crate) fn expand(&self, callback: &Callback, runtime: &Path) -> Option<TokenStream> {
        match self {
            Self::Abort => unwinds(callback).then(|| quote!([abort])),
            Self::Unwind(_) => None,
            Self::Return { value, hook, .. } => {
                let value = value.clone().unwrap_or_else(|| parse_quote!(()));
                let hook = hook.clone().unwrap_or_else(|| parse_quote!(#runtime::__private::no_hook));
                Some(quote!([return #value, #hook]))
            }
        }
    }

    /// Whether C gets a value, so that the panic goes on in Rust.
    pub(crate) fn returns(&self) -> bool {
        matches!(self, Self::Return { .. })
    }
}

/// Complains about the attribute on what is no callback.
pub(crate) fn refuse(attrs: &mut Vec<Attribute>, message: &str, errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| is_on_panic(attr)) {
        errors.at(attr, message);
    }
    attrs.retain(|attr| !is_on_panic(attr));
}

/// Checks what `callback` says of panics. `is_lent`: whether its closure is in a scope, where a panic is resumed.
pub(crate) fn check(callback: &Callback, is_lent: bool, errors: &mut Errors) {
    match &callback.on_panic {
        Some(OnPanic::Unwind(word)) if !unwinds(callback) => {
            errors.at(word, "a panic unwinds into C only where the convention says so; write `extern \"C-unwind\"`");
        }
        Some(OnPanic::Return { word, value, hook }) => {
            match &callback.output {
                ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => {
                    errors.at(word, "a callback that does not return has no value for C; write `abort`");
                }
                ReturnType::Type(..) if value.is_none() => {
                    errors.at(word, "write the value that C gets, a constant: `return = -1`");
                }
                _ => {}
            }
            if let Some(hook) = hook.as_ref().filter(|_| is_lent) {
                errors
                    .at(hook, "a lent closure's panic goes on when C has returned; remove `hook`, or keep the closure");
            }
        }
        _ => {}
    }
}

fn unwinds(callback: &Callback) -> bool {
    callback.convention().value().ends_with("-unwind")
}

fn is_on_panic(attr: &Attribute) -> bool {
    attr.path().is_ident("on_panic")
}

impl Parse for OnPanic {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let on_panic = if input.peek(kw::abort) {
            input.parse::<kw::abort>()?;
            Self::Abort
        } else if input.peek(kw::unwind) {
            Self::Unwind(input.parse()?)
        } else if input.peek(Token![return]) {
            let word = input.parse()?;
            let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
            let mut hook = None;
            if input.peek(Token![,]) && input.peek2(kw::hook) {
                input.parse::<Token![,]>()?;
                input.parse::<kw::hook>()?;
                input.parse::<Token![=]>()?;
                hook = Some(input.parse()?);
            }
            Self::Return { word, value, hook }
        } else {
            return Err(input.error(EXPECTED));
        };
        input.parse::<Option<Token![,]>>()?;
        if input.is_empty() { Ok(on_panic) } else { Err(input.error(EXPECTED)) }
    }
}

const EXPECTED: &str = "there are `abort`, `unwind`, `return = value` and `return = value, hook = function`";
