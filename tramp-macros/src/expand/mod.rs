//! Writes the code of a checked item.
//!
//! All `unsafe impl`s are in the runtime's `signature!`, which gets the callback's signature, and the promise that its parts
//! belong together. Apart from that an expansion calls, with `unsafe`, C's function, the user's own if it is `unsafe`, and in
//! the entries of an `impl` what lets them in. All paths are absolute. Names that are declared are those of `names`, or the
//! user's own.

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
