//! Compares the expansion of each `tests/expand/*.rs` with the `.expanded.rs` beside it.
//!
//! `BLESS=1 cargo test -p tramp-macros` writes them anew. The tests also check the names in the same expansions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, File, Item, Meta};

use crate::transform;

#[test]
fn golden_expansions() {
    let inputs = inputs();
    assert!(!inputs.is_empty(), "no inputs");
    let differing: Vec<_> = inputs.iter().filter(|input| !is_as_checked_in(input)).collect();
    assert!(differing.is_empty(), "see above; if they are right, BLESS=1 writes them: {differing:#?}");
}

fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = files.filter(|file| !file.to_str().unwrap().ends_with(".expanded.rs")).collect();
    inputs.sort();
    inputs
}

fn is_as_checked_in(input: &Path) -> bool {
    let actual = expand_file(&fs::read_to_string(input).unwrap());
    let actual = actual.replace(concat!('"', env!("CARGO_PKG_VERSION"), '"'), "VERSION");
    let golden = input.with_extension("expanded.rs");
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, actual).unwrap();
        return true;
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if actual != expected {
        eprintln!("{} expands to:\n{actual}", input.display());
    }
    actual == expected
}

/// The source, with each item under `#[trampoline]` replaced by its expansion.
fn expand_file(source: &str) -> String {
    let mut file = syn::parse_file(source).unwrap();
    file.items = file.items.into_iter().flat_map(expand_item).collect();
    prettyplease::unparse(&file)
}

fn expand_item(mut item: Item) -> Vec<Item> {
    let attrs = match &mut item {
        Item::ForeignMod(block) => &mut block.attrs,
        Item::Type(alias) => &mut alias.attrs,
        Item::Fn(function) => &mut function.attrs,
        Item::Impl(block) => &mut block.attrs,
        _ => return vec![item],
    };
    let Some(position) = attrs.iter().position(|attr| attr.path().is_ident("trampoline")) else {
        return vec![item];
    };
    let args = arguments(&attrs.remove(position));
    let tokens = transform(args, item.into_token_stream()).unwrap();
    syn::parse2::<File>(tokens).unwrap().items
}

fn arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// Names that an expansion declares, or looks up in the user's scope, are either names that users cannot have or the
/// user's own.
#[test]
fn names_of_expansions_are_reserved() {
    /// The words of the runtime's macros, and names that users know.
    const KNOWN: [&str; 15] = [
        "promise",
        "generics",
        "pointer",
        "declared",
        "direct",
        "on_panic",
        "data",
        "abort", // of the runtime's macros
        "bind",
        "bind_local",
        "scoped",
        "scoped_any",
        "clone",
        "fmt",
        "_types", // methods and a field
    ];
    let mut own = BTreeSet::new();
    for input in inputs() {
        let source = fs::read_to_string(input).unwrap();
        let (mut theirs, mut all) = (BTreeSet::new(), BTreeSet::new());
        names(source.parse().unwrap(), true, &mut theirs);
        names(expand_file(&source).parse().unwrap(), false, &mut all);
        own.extend(all.difference(&theirs).filter(|name| !KNOWN.contains(&name.as_str())).cloned());
    }
    assert!(own.contains("__tramp_function"), "the search finds names");
    let others: Vec<_> = own.iter().filter(|name| !name.to_lowercase().starts_with("__tramp")).collect();
    assert!(others.is_empty(), "users may have something of these names in scope: {others:?}");
}

/// The names among `tokens`, except keywords and names that only continue a path. Names in attributes count only if
/// `in_attributes` says so.
fn names(tokens: TokenStream, in_attributes: bool, found: &mut BTreeSet<String>) {
    let (mut continues, mut is_attribute) = (false, false);
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if !continues && syn::parse_str::<syn::Ident>(&name.to_string()).is_ok() {
                    found.insert(name.to_string());
                }
                (continues, is_attribute) = (false, false);
            }
            TokenTree::Group(group) => {
                if in_attributes || !is_attribute {
                    names(group.stream(), in_attributes, found);
                }
                (continues, is_attribute) = (false, false);
            }
            TokenTree::Punct(punct) => {
                let before = continues;
                continues = punct.as_char() == '.' || punct.as_char() == ':' && (before || is_joint(&punct));
                is_attribute = punct.as_char() == '#' || is_attribute && punct.as_char() == '!';
            }
            TokenTree::Literal(_) => (continues, is_attribute) = (false, false),
        }
    }
}

fn is_joint(punct: &proc_macro2::Punct) -> bool {
    punct.spacing() == proc_macro2::Spacing::Joint
}
