//! Makes wrappers with closures for all functions that take a callback, from what bindgen wrote.
//!
//! It copies each such declaration into a block for `#[trampoline]`, with `impl FnMut(…)` instead of the pointer. A header does
//! not say what is in [`Closure`]: how long C has the pointer, which threads call it, and where its user data travels.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    FnArg, ForeignItem, ForeignItemFn, GenericArgument, Item, Pat, PathArguments, Type, TypeBareFn, parse_quote,
};

/// What a manual says of a callback and a header does not say.
#[derive(Clone, Copy)]
pub struct Closure {
    /// The scope of `#[scope(…)]`.
    pub scope: &'static str,
    /// `Fn`, `FnMut` or `FnOnce`.
    pub kind: &'static str,
    /// `Send` and the others, each with a `+` in front.
    pub bounds: &'static str,
    /// The name of the user data, as a parameter of the function and of its callback.
    pub data: Option<(&'static str, &'static str)>,
}

/// C calls it until the function returns.
pub const LENT: Closure = Closure { scope: "call", kind: "FnMut", bounds: "", data: None };
/// C calls it once, later, on this thread.
pub const ONCE: Closure = Closure { scope: "async", kind: "FnOnce", bounds: "+ 'static", data: None };
/// C calls it once, on any thread.
pub const ONCE_ANYWHERE: Closure = Closure { bounds: "+ Send + 'static", ..ONCE };
/// C calls it on this thread, until its owner is dropped.
pub const OWNED: Closure = Closure { scope: "owned", kind: "FnMut", bounds: "+ 'static", data: None };
/// The wrappers, and the functions that have none, each with the reason.
#[derive(Default)]
pub struct Wrappers {
    pub code: String,
    pub wrapped: Vec<String>,
    pub skipped: Vec<(String, &'static str)>,
}

/// Makes the wrappers. `how` gets the name of a function, and the name of its callback's typedef or, if the type has no name,
/// that of its parameter.
pub fn wrappers(bindings: &syn::File, how: impl Fn(&str, &str) -> Option<Closure>) -> Wrappers {
    let types = bindings.items.iter().filter_map(|item| match item {
        Item::Type(alias) => Some((alias.ident.to_string(), &*alias.ty)),
        _ => None,
    });
    let types = types.collect();
    let mut made = Wrappers::default();
    for item in &bindings.items {
        let Item::ForeignMod(block) = item else { continue };
        for function in &block.items {
            let ForeignItem::Fn(function) = function else { continue };
            let name = function.sig.ident.to_string();
            match wrapper(function, &types, &how) {
                Ok(None) => {}
                Ok(Some(function)) => {
                    let abi = &block.abi;
                    let block = quote! { #[::tramp_rt::trampoline] unsafe #abi { #function } };
                    made.code.extend([&*block.to_string(), "\n"]);
                    made.wrapped.push(name);
                }
                Err(reason) => made.skipped.push((name, reason)),
            }
        }
    }
    made
}

/// The declaration with closures, or `None` if the function takes no callback.
fn wrapper(
    function: &ForeignItemFn,
    types: &HashMap<String, &Type>,
    how: impl Fn(&str, &str) -> Option<Closure>,
) -> Result<Option<ForeignItemFn>, &'static str> {
    let mut new = function.clone();
    let (mut takes_one, mut data) = (false, None);
    for input in &mut new.sig.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let Some(pointer) = pointer(&parameter.ty, types) else { continue };
        takes_one = true;
        let Type::Path(path) = &*parameter.ty else { continue };
        let typedef = path.path.segments.last().filter(|last| last.ident != "Option");
        let named = typedef.map_or_else(|| parameter.pat.to_token_stream(), |last| last.ident.to_token_stream());
        let closure = how(&function.sig.ident.to_string(), &named.to_string()).ok_or("left out by the build script")?;
        data = data.or(closure.data);
        let mut arguments: Vec<Type> = pointer.inputs.iter().map(|input| input.ty.clone()).collect();
        if let Some((_, of_callback)) = closure.data {
            let is_data = |input: &syn::BareFnArg| input.name.as_ref().is_some_and(|(name, _)| name == of_callback);
            let at = pointer.inputs.iter().position(is_data).ok_or("its callback has no user data of that name")?;
            arguments[at] = parse_quote!(::tramp_rt::UserData);
        }
        if pointer.variadic.is_some() {
            arguments.push(parse_quote!(::tramp_rt::VaArgs<'_>));
        }
        let [scope, kind, bounds] =
            [closure.scope, closure.kind, closure.bounds].map(|text| text.parse::<TokenStream>().expect("Rust"));
        let result = &pointer.output;
        parameter.attrs.push(parse_quote!(#[scope(#scope)]));
        parameter.ty = parse_quote!(impl #kind(#(#arguments),*) #result #bounds);
    }
    if let Some((of_function, _)) = data {
        let is_data = |input: &&mut FnArg| matches!(input, FnArg::Typed(p) if matches!(&*p.pat, Pat::Ident(i) if i.ident == of_function));
        let Some(FnArg::Typed(input)) = new.sig.inputs.iter_mut().find(is_data) else {
            return Err("it has no user data of that name");
        };
        input.ty = parse_quote!(::tramp_rt::UserData);
    }
    if takes_one && function.sig.variadic.is_some() {
        return Err("it has variable arguments itself");
    }
    Ok(takes_one.then_some(new))
}

/// The function pointer in a type, if it has one. bindgen writes it in an `Option`, or as the name of one.
fn pointer<'a>(ty: &'a Type, types: &HashMap<String, &'a Type>) -> Option<&'a TypeBareFn> {
    match ty {
        Type::BareFn(pointer) => Some(pointer),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match &last.arguments {
                PathArguments::AngleBracketed(of) if last.ident == "Option" => match of.args.first()? {
                    GenericArgument::Type(ty) => pointer(ty, types),
                    _ => None,
                },
                _ => pointer(types.get(&last.ident.to_string())?, types),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bindings: &str, how: impl Fn(&str, &str) -> Option<Closure>) -> Wrappers {
        wrappers(&syn::parse_str(bindings).unwrap(), how)
    }

    const HEADER: &str = r#"
        pub type order = Option<unsafe extern "C" fn(a: i32, context: *mut u8) -> i32>;
        pub type alias = order;
        pub type report = Option<unsafe extern "C" fn(text: *const i8, ...)>;
        unsafe extern "C" { pub fn plain(a: i32) -> i32; }
        unsafe extern "C" { pub fn sort(order: alias, context: *mut u8) -> i32; }
        unsafe extern "C" { pub fn each(visit: Option<unsafe extern "C" fn()>); }
        unsafe extern "C" { pub fn on_error(report: report); }
        unsafe extern "C" { pub fn setopt(option: i32, order: order, ...); }"#;

    #[test]
    fn names_of_names_and_types_without_one_are_found() {
        let asked = std::cell::RefCell::new(Vec::new());
        let made = of(HEADER, |function, callback| {
            asked.borrow_mut().push(format!("{function} {callback}"));
            Some(LENT)
        });
        assert_eq!(made.wrapped, ["sort", "each", "on_error"]);
        assert_eq!(made.skipped, [("setopt".to_owned(), "it has variable arguments itself")]);
        assert_eq!(asked.take(), ["sort alias", "each visit", "on_error report", "setopt order"]);
        assert!(made.code.contains("impl FnMut (* const i8 , :: tramp_rt :: VaArgs < '_ >)"), "{}", made.code);
    }

    #[test]
    fn what_is_left_out_has_a_reason() {
        let made = of(HEADER, |function, _| match function {
            "sort" => Some(Closure { data: Some(("data", "context")), ..LENT }),
            "each" => Some(Closure { data: Some(("context", "context")), ..LENT }),
            _ => None,
        });
        let reasons: Vec<_> = made.skipped.iter().map(|(_, reason)| *reason).collect();
        let (ours, callback, left) = (
            "it has no user data of that name",
            "its callback has no user data of that name",
            "left out by the build script",
        );
        assert_eq!((reasons, made.code), (vec![ours, callback, left, left], String::new()));
    }

    #[test]
    fn user_data_is_what_the_rule_names() {
        let made = of(HEADER, |function, _| {
            (function == "sort").then_some(Closure { data: Some(("context", "context")), ..OWNED })
        });
        let expected = "# [scope (owned)] order : impl FnMut (i32 , :: tramp_rt :: UserData) -> i32 + 'static , \
                        context : :: tramp_rt :: UserData";
        assert!(made.code.contains(expected), "{}", made.code);
    }
}
