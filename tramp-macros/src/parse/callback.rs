//! A callback from C's side: the signature of a function pointer.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::token::Paren;
use syn::{
    Abi, BareFnArg, BoundLifetimes, FnArg, GenericParam, Ident, LifetimeParam, LitStr, ParenthesizedGenericArguments,
    Pat, ReturnType, Signature, Token, Type, TypeBareFn,
};

use crate::errors::Errors;
use crate::names;
use crate::parse::cfg::{self, Conditional};
use crate::parse::on_panic::OnPanic;
use crate::parse::types::{is_user_data, is_va_args};

/// The signature of a C function pointer, in whichever syntax the user wrote it.
#[derive(Clone)]
pub(crate) struct Callback {
    /// `for<'a, 'b>`
    pub(crate) lifetimes: Vec<LifetimeParam>,
    /// Whether the pointer was declared `unsafe` to call.
    pub(crate) unsafety: Option<Token![unsafe]>,
    /// `extern "C"`. Without it, this is a Rust function.
    pub(crate) abi: Option<Abi>,
    pub(crate) fn_token: Token![fn],
    pub(crate) paren_token: Paren,
    pub(crate) params: Vec<Param>,
    /// The `...` of C's variadic functions, or the `VaArgs` in its place.
    pub(crate) variadic: Option<TokenStream>,
    pub(crate) output: ReturnType,
    /// `#[on_panic(…)]`
    pub(crate) on_panic: Option<OnPanic>,
}

/// A parameter of a callback.
#[derive(Clone)]
pub(crate) struct Param {
    conditions: Vec<TokenStream>,
    /// Used only for documentation, because generated code has its own names.
    name: Option<Ident>,
    pub(crate) ty: Type,
}

/// Which of the closure traits a callback needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FnKind {
    Fn,
    FnMut,
    FnOnce,
}

impl Callback {
    /// `unsafe extern "C" fn(entry: &dirent) -> c_int`
    pub(crate) fn from_pointer(pointer: &TypeBareFn, errors: &mut Errors) -> Self {
        Self {
            lifetimes: lifetimes(pointer.lifetimes.as_ref()),
            unsafety: pointer.unsafety,
            abi: pointer.abi.clone(),
            fn_token: pointer.fn_token,
            paren_token: pointer.paren_token,
            params: pointer.inputs.iter().map(|arg| Param::from_pointer(arg, errors)).collect(),
            variadic: pointer.variadic.as_ref().map(|variadic| variadic.dots.to_token_stream()),
            output: pointer.output.clone(),
            on_panic: None,
        }
    }

    /// `extern "C" fn on_line(log: &mut Log, line: *mut c_char)`. C does not see the first parameter.
    pub(crate) fn from_handler(signature: &Signature, errors: &mut Errors) -> Self {
        let lifetimes = signature.generics.lifetimes().cloned().collect();
        let params = signature.inputs.iter().skip(1).filter_map(|input| Param::from_handler(input, errors)).collect();
        Self {
            lifetimes,
            unsafety: signature.unsafety,
            abi: signature.abi.clone(),
            fn_token: signature.fn_token,
            paren_token: signature.paren_token,
            params,
            variadic: signature.variadic.as_ref().map(|variadic| variadic.dots.to_token_stream()),
            output: signature.output.clone(),
            on_panic: None,
        }
    }

    /// `impl for<'a> FnMut(&'a dirent) -> c_int`, as a parameter of a function with the convention `abi`.
    pub(crate) fn from_bound(
        higher_ranked: Option<&BoundLifetimes>,
        name: &Ident,
        arguments: &ParenthesizedGenericArguments,
        abi: &Abi,
    ) -> Self {
        let variadic = arguments.inputs.last().filter(|last| is_va_args(last));
        let named = arguments.inputs.len() - usize::from(variadic.is_some());
        Self {
            lifetimes: lifetimes(higher_ranked),
            unsafety: Some(Token![unsafe](Span::mixed_site())),
            abi: Some(abi.clone()),
            fn_token: Token![fn](name.span()),
            paren_token: arguments.paren_token,
            params: arguments.inputs.iter().take(named).map(Param::from_bound).collect(),
            variadic: variadic.map(ToTokens::to_token_stream),
            output: arguments.output.clone(),
            on_panic: None,
        }
    }

    /// The type of the pointer that a trampoline returns. It is `unsafe`, because the trampoline may be dropped before
    /// the call.
    pub(crate) fn pointer(&self) -> TokenStream {
        self.pointer_type(Some(Token![unsafe](Span::mixed_site())))
    }

    /// The type of the pointer, as the user declared it.
    pub(crate) fn declared(&self) -> TokenStream {
        self.pointer_type(self.unsafety)
    }

    fn pointer_type(&self, unsafety: Option<Token![unsafe]>) -> TokenStream {
        let Self { output, .. } = self;
        let (params, abi) = (self.params_and_dots(), self.convention());
        let higher_ranked = self.higher_ranked(Span::mixed_site());
        quote!(#higher_ranked #unsafety extern #abi fn(#params) #output)
    }

    fn params_and_dots(&self) -> TokenStream {
        let Self { params, variadic, .. } = self;
        if variadic.is_some() { quote!(#(#params,)* ...) } else { quote!(#(#params),*) }
    }

    /// The pointer's type with the span of the user's callback. So rustc's messages about its types are those for a
    /// plain declaration.
    pub(crate) fn pointer_in_declaration(&self) -> TokenStream {
        let Self { output, .. } = self;
        let at = self.fn_token.span;
        let mut abi = self.convention();
        abi.set_span(at);
        let higher_ranked = self.higher_ranked(at);
        let mut pointer = quote_spanned!(at=> #higher_ranked unsafe extern #abi fn);
        self.paren_token.surround(&mut pointer, |inner| inner.extend(self.params_and_dots()));
        output.to_tokens(&mut pointer);
        pointer
    }

    /// `for<'a>`
    fn higher_ranked(&self, at: Span) -> Option<TokenStream> {
        let lifetimes = self.lifetimes.iter().map(|param| &param.lifetime);
        (!self.lifetimes.is_empty()).then(|| quote_spanned!(at=> for<#(#lifetimes),*>))
    }

    /// The calling convention. `extern` alone means `extern "C"`.
    pub(crate) fn convention(&self) -> LitStr {
        let named = self.abi.as_ref().and_then(|abi| abi.name.clone());
        named.unwrap_or_else(|| LitStr::new("C", Span::mixed_site()))
    }

    /// Whether panics may unwind out of it into C.
    pub(crate) fn unwinds(&self) -> bool {
        self.convention().value().ends_with("-unwind")
    }

    /// The types of the parameters and of the result.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        let result = match &self.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        self.params.iter().map(|param| &param.ty).chain(result)
    }

    /// The parameters in which C passes the user data of the closure: one or none.
    pub(crate) fn user_data(&self) -> impl Iterator<Item = (usize, &Param)> {
        self.params.iter().enumerate().filter(|(_, param)| is_user_data(&param.ty))
    }

    /// Names for what the closure receives: the arguments, and if there are such, the variable ones.
    pub(crate) fn received_names(&self) -> Vec<Ident> {
        let variable = self.variadic.iter().map(|_| names::own("va"));
        self.argument_names().into_iter().chain(variable).collect()
    }

    /// New names for the arguments, in order.
    pub(crate) fn argument_names(&self) -> Vec<Ident> {
        (0..self.params.len()).map(names::argument).collect()
    }
}

fn lifetimes(higher_ranked: Option<&BoundLifetimes>) -> Vec<LifetimeParam> {
    higher_ranked
        .into_iter()
        .flat_map(|bound| &bound.lifetimes)
        .filter_map(|param| match param {
            GenericParam::Lifetime(lifetime) => Some(lifetime.clone()),
            GenericParam::Type(_) | GenericParam::Const(_) => None, // rustc does not accept these in `for<…>`
        })
        .collect()
}

impl Param {
    fn from_pointer(arg: &BareFnArg, errors: &mut Errors) -> Self {
        let name = arg.name.as_ref().map(|(name, _)| name.clone());
        Self { conditions: cfg::conditions(&arg.attrs, errors), name, ty: arg.ty.clone() }
    }

    fn from_bound(ty: &Type) -> Self {
        Self { conditions: Vec::new(), name: None, ty: ty.clone() }
    }

    fn from_handler(input: &FnArg, errors: &mut Errors) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            return None; // `self` can only come first; the state is checked for it
        };
        let name = match &*input.pat {
            Pat::Ident(pattern) => Some(pattern.ident.clone()),
            _ => None,
        };
        Some(Self { conditions: cfg::conditions(&input.attrs, errors), name, ty: (*input.ty).clone() })
    }
}

impl Conditional for Param {
    fn conditions(&self) -> &[TokenStream] {
        &self.conditions
    }
}

impl ToTokens for Param {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, ty, .. } = self;
        let name = name.iter();
        tokens.extend(quote!(#(#name:)* #ty));
    }
}
