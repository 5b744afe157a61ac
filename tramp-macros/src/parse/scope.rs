//! `#[scope(…)]`: how long C keeps a closure. The words come from GObject Introspection.

use proc_macro2::Ident;
use syn::Attribute;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};

use crate::errors::Errors;
use crate::parse::attribute;

/// A scope and the user's word for it.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) word: Ident,
    pub(crate) kind: ScopeKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// Lent until the function returns.
    Call,
    /// Called once, later.
    Async,
    /// Kept until C calls the destroy function.
    Notified,
    /// Kept for the rest of the process.
    Forever,
    /// Kept as long as its owner lives. The function returns the owner.
    Owned,
}

const EXPECTED: &str = "write how long C keeps the closure: `call` (until the function returns), `async` (until C has \
    called it, once), `owned` (until the trampoline is dropped), `notified` (until C destroys it) or `forever`";

impl Scope {
    /// Takes the attribute out of the `attrs` of a closure.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Self> {
        attribute::take("scope", attrs, EXPECTED, errors)
    }
}

impl Parse for Scope {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
        let kind = match word.to_string().as_str() {
            "call" => ScopeKind::Call,
            "async" => ScopeKind::Async,
            "notified" => ScopeKind::Notified,
            "forever" => ScopeKind::Forever,
            "owned" => ScopeKind::Owned,
            _ => return Err(syn::Error::new(word.span(), EXPECTED)),
        };
        if input.is_empty() { Ok(Self { word, kind }) } else { Err(input.error(EXPECTED)) }
    }
}

/// The message for a callback type.
pub(crate) const OF_CONSTRUCTOR: &str =
    "a type says nothing of how long C keeps a closure; choose the constructor of `Trampoline` by that";
/// The message for a handler.
pub(crate) const OF_BINDING: &str = "C keeps what is bound for as long as its owner lives; remove this";

/// Complains about the attribute on an item that is no closure of an `extern` block.
pub(crate) fn refuse(attrs: &mut Vec<Attribute>, message: &str, errors: &mut Errors) {
    attribute::refuse("scope", attrs, message, errors);
}
