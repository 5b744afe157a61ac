//! Checks what the macro says about the items of each `tests/ui/*/*.rs`, by the `.stderr` beside it.
//!
//! `tests/ui.rs` also checks where the messages point. For that it runs a compiler, which takes a minute.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::transform;

/// The beginnings of messages in which the macro has no part.
const OF_COMPILER: [&str; 11] = [
    "`Trait(...)` syntax",
    "`extern` ",
    "extern blocks must be unsafe",
    "function `",
    "functions in `extern` blocks",
    "implementation of `",
    "items in `extern` blocks",
    "lifetime may not live long enough",
    "missing documentation",
    "unused `",
    "usage of an `unsafe` block",
];

#[test]
fn messages() {
    let inputs = inputs();
    assert!(!inputs.is_empty(), "no inputs");
    let differing: Vec<_> = inputs.iter().filter(|input| !is_as_stored(input)).collect();
    assert!(differing.is_empty(), "see above: {differing:#?}");
}

fn inputs() -> Vec<PathBuf> {
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let folders = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui"));
    let mut inputs: Vec<_> = folders.iter().flat_map(|folder| entries(folder)).collect();
    inputs.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    inputs.sort();
    inputs
}

fn is_as_stored(input: &Path) -> bool {
    let said = said(fs::read_to_string(input).unwrap().parse().unwrap());
    let stored = stored(&fs::read_to_string(input.with_extension("stderr")).unwrap());
    if said != stored {
        eprintln!("{}: the macro says {said:#?}, and `.stderr` {stored:#?}", input.display());
    }
    said == stored
}

/// What the macro says about the items on which it stands. A parser does not accept all of them.
fn said(source: TokenStream) -> Vec<String> {
    let (mut said, mut args, mut item) = (Vec::new(), None, Vec::<TokenTree>::new());
    for token in source {
        if let Some(found) = arguments(&token).filter(|_| args.is_none()) {
            item.pop(); // the `#`
            args = Some(found);
            continue;
        }
        let body = match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == ';' => Some(TokenStream::new()),
            _ => None,
        };
        item.push(token);
        let Some(body) = body else { continue };
        let item = std::mem::take(&mut item);
        if let Some(args) = args.take() {
            let errors = transform(args, item.into_iter().collect()).err();
            said.extend(errors.into_iter().flatten().map(|error| error.to_string()));
        } else if !matches!(&item[0], TokenTree::Ident(word) if word == "macro_rules") {
            said.extend(self::said(body));
        }
    }
    said
}

/// The arguments of the macro, if `token` follows the `#` of its attribute.
fn arguments(token: &TokenTree) -> Option<TokenStream> {
    let TokenTree::Group(group) = token else { return None };
    let mut tokens = group.stream().into_iter();
    let is_macro = matches!(tokens.next(), Some(TokenTree::Ident(name)) if name == "trampoline");
    match tokens.next() {
        _ if !is_macro || group.delimiter() != Delimiter::Bracket => None,
        Some(TokenTree::Group(arguments)) => Some(arguments.stream()),
        _ => Some(TokenStream::new()),
    }
}

/// The messages that come from the macro.
fn stored(text: &str) -> Vec<String> {
    let messages = text.lines().filter_map(|line| line.strip_prefix("error: "));
    messages.filter(|message| !OF_COMPILER.iter().any(|other| message.starts_with(other))).map(str::to_owned).collect()
}
