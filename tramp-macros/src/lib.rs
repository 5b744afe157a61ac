//! The attribute macro of [`tramp-rt`]. Users get it from there, because that crate reexports it.
//!
//! [`tramp-rt`]: https://docs.rs/tramp-rt

#![forbid(unsafe_code)]

use proc_macro2::TokenStream;
use syn::Result;

mod check;
mod errors;
mod expand;
#[cfg(test)]
mod message_tests;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use crate::errors::Errors;
use crate::parse::Form;
use crate::parse::args::Args;

#[doc = include_str!("../docs/trampoline.md")]
#[doc = include_str!("../docs/extern_blocks.md")]
#[doc = include_str!("../docs/callback_types.md")]
#[doc = include_str!("../docs/handlers.md")]
#[doc = include_str!("../docs/structs_of_callbacks.md")]
#[doc = include_str!("../docs/panics.md")]
#[doc = include_str!("../docs/everywhere.md")]
#[proc_macro_attribute]
pub fn trampoline(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    transform(args.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn transform(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut errors = Errors::default();
    names::refuse_own(args.clone(), &mut errors);
    names::refuse_own(item.clone(), &mut errors);
    let args = Args::parse(args, &mut errors);
    let form = Form::parse(parse::item(item)?, &mut errors);
    if let Some(form) = &form {
        check::check(form, &args, &mut errors);
    }
    errors.finish()?;
    Ok(form.map(|form| expand::expand(&form, &args)).unwrap_or_default())
}
