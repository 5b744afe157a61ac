//! What stands between the parentheses of `#[trampoline(…)]`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Lit, LitInt, Meta, Path, Token, Type, TypePath, parse_quote};

use crate::errors::Errors;

/// The runtime's `DIRECT_MAX`, which cannot be read from here.
const DIRECT_MAX: usize = 8;

/// The arguments of the attribute.
pub(crate) struct Args {
    /// Where the generated code finds the runtime: `crate = path`.
    pub(crate) runtime: Path,
    /// How many direct thunks to compile for each closure type: `direct = N`.
    pub(crate) direct: Option<LitInt>,
    /// The C struct of an `impl`'s callbacks: `ops = Type`.
    pub(crate) ops: Option<Type>,
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut runtime = None;
        let mut direct = None;
        let mut ops = None;
        match Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens) {
            Err(error) => errors.push(error),
            Ok(arguments) => {
                for argument in &arguments {
                    if argument.path().is_ident("crate") {
                        set(&mut runtime, argument, parse_crate, errors);
                    } else if argument.path().is_ident("direct") {
                        set(&mut direct, argument, parse_direct, errors);
                    } else if argument.path().is_ident("ops") {
                        set(&mut ops, argument, parse_ops, errors);
                    } else {
                        let message = "unknown argument; there are `crate = path`, `direct = N` and `ops = Struct`";
                        errors.at(argument.path(), message);
                    }
                }
            }
        }
        Self { runtime: runtime.unwrap_or_else(|| parse_quote!(::tramp_rt)), direct, ops }
    }
}

/// Stores the value of `argument`, unless there is one already or `parse` does not take it.
fn set<T>(slot: &mut Option<T>, argument: &Meta, parse: fn(&Meta) -> syn::Result<T>, errors: &mut Errors) {
    match parse(argument) {
        _ if slot.is_some() => errors.at(argument, "this argument is given twice; remove one"),
        Ok(value) => *slot = Some(value),
        Err(error) => errors.push(error),
    }
}

fn parse_crate(argument: &Meta) -> syn::Result<Path> {
    match value(argument) {
        Some(Expr::Path(path)) if path.qself.is_none() && path.attrs.is_empty() => Ok(path.path.clone()),
        _ => Err(Error::new_spanned(argument, "write the path of the runtime, without quotes: `crate = path`")),
    }
}

fn parse_direct(argument: &Meta) -> syn::Result<LitInt> {
    if let Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) = value(argument) {
        if number.base10_parse::<usize>().is_ok_and(|number| number <= DIRECT_MAX) {
            return Ok(number.clone());
        }
    }
    Err(Error::new_spanned(argument, format_args!("write a number from 0 to {DIRECT_MAX}: `direct = 4`")))
}

fn parse_ops(argument: &Meta) -> syn::Result<Type> {
    match value(argument) {
        Some(Expr::Path(path)) if path.attrs.is_empty() => {
            Ok(Type::Path(TypePath { qself: path.qself.clone(), path: path.path.clone() }))
        }
        _ => Err(Error::new_spanned(argument, "write the path of the C struct: `ops = file_operations`")),
    }
}

fn value(argument: &Meta) -> Option<&Expr> {
    match argument {
        Meta::NameValue(argument) => Some(&argument.value),
        Meta::Path(_) | Meta::List(_) => None,
    }
}
