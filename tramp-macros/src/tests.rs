//! Compares the expansion of each `tests/expand/*.rs` with the `.expanded.rs` beside it.
//!
//! `BLESS=1 cargo test -p tramp-macros` writes them anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::TokenStream;
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

/// The source with each item under `#[trampoline]` replaced by its expansion.
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
