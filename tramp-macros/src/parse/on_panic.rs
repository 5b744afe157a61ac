//! `#[on_panic(…)]`: what happens to a panic in a callback.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Token};

use crate::errors::Errors;
use crate::parse::attribute;

pub(crate) mod kw {
    syn::custom_keyword!(abort);
    syn::custom_keyword!(unwind);
    syn::custom_keyword!(hook);
}

/// What the attribute asks for, with the words for it.
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
    /// Takes the attribute out of the `attrs` of a callback.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Self> {
        attribute::take("on_panic", attrs, EXPECTED, errors)
    }

    /// Whether C gets a value, so that the panic continues in Rust.
    pub(crate) fn returns(&self) -> bool {
        matches!(self, Self::Return { .. })
    }
}

/// Complains about the attribute on an item that is no callback.
pub(crate) fn refuse(attrs: &mut Vec<Attribute>, message: &str, errors: &mut Errors) {
    attribute::refuse("on_panic", attrs, message, errors);
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

const EXPECTED: &str =
    "write what becomes of a panic: `abort`, `unwind`, `return = value` or `return = value, hook = function`";
