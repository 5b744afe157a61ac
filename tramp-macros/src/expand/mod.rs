//! Writes the code of a checked item.
//!
//! The runtime's `signature!` contains all `unsafe impl`s. It gets the callback's signature, and a promise that its
//! parts belong together. Apart from this, an expansion uses `unsafe` for three calls: of C's function, of the user's
//! function if that is `unsafe`, and of the code that lets a call into an entry of an `impl`. All paths are absolute.
//! All declared names come from `names` or from the user.

mod callback_type;
mod extern_block;
mod handler;
mod lints;
mod ops;
mod rules;
mod signature;

use proc_macro2::TokenStream;

use crate::parse::Form;
use crate::parse::args::Args;

pub(crate) fn expand(form: &Form, args: &Args) -> TokenStream {
    match form {
        Form::ExternBlock(block) => extern_block::expand(block, args),
        Form::CallbackType(alias) => callback_type::expand(alias, args),
        Form::Handler(handler) => handler::expand(handler, args),
        Form::Ops(ops) => args.ops.as_ref().map(|c_struct| ops::expand(ops, c_struct, args)).unwrap_or_default(),
    }
}
