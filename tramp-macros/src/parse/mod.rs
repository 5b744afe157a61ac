//! The item under the attribute, in the macro's own model.

pub(crate) mod args;
mod attribute;
pub(crate) mod callback;
pub(crate) mod callback_type;
pub(crate) mod cfg;
pub(crate) mod destroy;
pub(crate) mod extern_block;
pub(crate) mod generics;
pub(crate) mod handler;
pub(crate) mod on_panic;
pub(crate) mod ops;
pub(crate) mod scope;
pub(crate) mod types;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Error, ForeignItemFn, Item, Result};

use self::callback_type::CallbackType;
use self::extern_block::ExternBlock;
use self::handler::Handler;
use self::ops::Ops;
use crate::errors::Errors;

/// The message for `...` where Rust does not accept it.
const DOTS: &str = "`...` is the last argument of a function pointer's type or of a handler; in `impl Fn(…)` write `VaArgs` in \
    its place";

/// The item under the attribute. syn cannot parse `...` in a closure, so this has a message of its own for it.
pub(crate) fn item(tokens: TokenStream) -> Result<Item> {
    syn::parse2(tokens.clone()).map_err(|error| match dots(tokens) {
        Some(dots) => Error::new_spanned(dots, DOTS),
        None => error,
    })
}

/// The first `...` in `tokens`.
fn dots(tokens: TokenStream) -> Option<TokenStream> {
    let mut dots = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '.' => dots.push(token),
            TokenTree::Group(group) => match self::dots(group.stream()) {
                None => dots.clear(),
                found => return found,
            },
            _ => dots.clear(),
        }
        if dots.len() == 3 {
            return Some(dots.into_iter().collect());
        }
    }
    None
}

/// The items that may have the attribute.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub(crate) enum Form {
    ExternBlock(ExternBlock),
    CallbackType(CallbackType),
    Handler(Handler),
    Ops(Ops),
}

impl Form {
    /// Returns nothing if `item` has none of the forms. `errors` then has the reason.
    pub(crate) fn parse(item: Item, errors: &mut Errors) -> Option<Self> {
        match item {
            Item::ForeignMod(block) => Some(Self::ExternBlock(ExternBlock::parse(block, errors))),
            Item::Type(alias) => CallbackType::parse(alias, errors).map(Self::CallbackType),
            Item::Fn(function) => Handler::parse(function, errors).map(Self::Handler),
            Item::Impl(block) => Ops::parse(block, errors).map(Self::Ops),
            Item::Struct(_) | Item::Trait(_) => {
                let message =
                    "callbacks are the methods of their state: write `#[trampoline(ops = Struct)]` on its `impl`";
                errors.at(item, message);
                None
            }
            Item::Verbatim(declaration) if syn::parse2::<ForeignItemFn>(declaration.clone()).is_ok() => {
                errors.at(declaration, "`#[trampoline]` stands on the whole `extern` block; move it there");
                None
            }
            other => {
                let message = "`#[trampoline]` stands on an `extern` block, a `type`, an `extern` function with a body, or an `impl`";
                errors.at(other, message);
                None
            }
        }
    }
}
