//! The arguments between the parentheses of `#[trampoline(…)]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, LitInt, Path, Token, Type, parse_quote};

use crate::errors::Errors;
use crate::parse::types;

/// The runtime's `DIRECT_MAX`. The macro cannot read it there.
const DIRECT_MAX: usize = 8;

/// The arguments of the attribute.
pub(crate) struct Args {
    /// The path of the runtime, for generated code: `crate = path`.
    pub(crate) runtime: Path,
    /// The number of direct thunks for each closure type: `direct = N`.
    pub(crate) direct: Option<LitInt>,
    /// The C struct for the callbacks of an `impl`: `ops = Type`.
    pub(crate) ops: Option<Type>,
}

impl Args {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut runtime = None;
        let mut direct = None;
        let mut ops = None;
        match Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens) {
            Err(error) => errors.push(error),
            Ok(arguments) => {
                for argument in arguments {
                    match argument {
                        Argument::Runtime(name, path) => set(&mut runtime, &name, path, errors),
                        Argument::Direct(name, number) => set(&mut direct, &name, number, errors),
                        Argument::Ops(name, ty) => set(&mut ops, &name, ty, errors),
                        Argument::Wrong(error) => errors.push(error),
                    }
                }
            }
        }
        Self { runtime: runtime.unwrap_or_else(|| parse_quote!(::tramp_rt)), direct, ops }
    }
}

/// Stores the value of an argument, unless there is one already.
fn set<T>(slot: &mut Option<T>, name: &Ident, value: T, errors: &mut Errors) {
    match slot {
        Some(_) => errors.at(name, "this argument is given twice; remove one"),
        None => *slot = Some(value),
    }
}

/// `name = value`. A macro may have put the value into a group.
enum Argument {
    Runtime(Ident, Path),
    Direct(Ident, LitInt),
    Ops(Ident, Type),
    Wrong(Error),
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "crate" => {
                let message = "write the path of the runtime, without quotes: `crate = path`";
                value(input, name, Self::Runtime, message)
            }
            "direct" => {
                let message = format!("write a number from 0 to {DIRECT_MAX}: `direct = 4`");
                value(input, name, |name, Direct(number)| Self::Direct(name, number), &message)
            }
            "ops" => {
                let message = "write the path of the C struct: `ops = file_operations`";
                value(input, name, |name, Struct(ty)| Self::Ops(name, ty), message)
            }
            _ => {
                let message = "unknown argument; write `crate = path`, `direct = N` or `ops = Struct`";
                skip_value(input)?;
                Ok(Self::Wrong(Error::new(name.span(), message)))
            }
        }
    }
}

/// The value after `name`. If it is missing, this complains about the whole argument and skips it.
fn value<T: Parse>(
    input: ParseStream<'_>,
    name: Ident,
    argument: impl FnOnce(Ident, T) -> Argument,
    message: &str,
) -> syn::Result<Argument> {
    let ahead = input.fork();
    let parsed = ahead.parse::<Token![=]>().and_then(|_| ahead.parse());
    match parsed {
        Ok(value) if ahead.is_empty() || ahead.peek(Token![,]) => {
            input.advance_to(&ahead);
            Ok(argument(name, value))
        }
        _ => {
            let skipped = skip_value(input)?;
            Ok(Argument::Wrong(Error::new_spanned(quote!(#name #skipped), message)))
        }
    }
}

/// Everything up to the next argument.
fn skip_value(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([input.parse::<TokenTree>()?]);
    }
    Ok(skipped)
}

/// The number of direct thunks.
struct Direct(LitInt);

impl Parse for Direct {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let number: LitInt = input.parse()?;
        if number.base10_parse::<usize>()? > DIRECT_MAX {
            return Err(Error::new(number.span(), "too many"));
        }
        Ok(Self(number))
    }
}

/// A C struct, by its path.
struct Struct(Type);

impl Parse for Struct {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ty = input.parse()?;
        match types::ungrouped(&ty) {
            Type::Path(_) => Ok(Self(ty)),
            other => Err(Error::new_spanned(other, "no path")),
        }
    }
}
