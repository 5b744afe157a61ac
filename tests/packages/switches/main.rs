//! Writes the mutants of cargo-mutants into a source tree, all at once, each behind a switch. `ci/mutants` runs it.
//!
//! ```text
//! a + b       (if crate::__mutant::on(7) { (a) - (b) } else { a + b })
//! ```
//!
//! Standard input has a line for each mutant: number, file, genre, line and column of both ends, and what it writes there, with
//! tabs between. Standard output has a line for each mutant that now has a switch: number, file, and four offsets in the new
//! file, of both ends of the mutant's own code and of all code that the switch decides about.
//!
//! A mutant without such a line is not in the new files. Code in a constant context cannot ask a switch, and neither can a pattern
//! or a macro's definition.

use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;
use std::{fs, io};

use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

fn main() -> io::Result<()> {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let mut files: HashMap<&str, Vec<Mutant<'_>>> = HashMap::new();
    for line in input.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [number, file, genre, lines @ .., replacement] = &fields[..] else { panic!("{line}") };
        let [line, column, end_line, end_column] = lines else { panic!("{lines:?}") };
        let [begin, end] = [(line, column), (end_line, end_column)].map(|(line, column)| LineColumn {
            line: line.parse().expect("a line"),
            column: column.parse::<usize>().expect("a column") - 1, // cargo-mutants counts from one
        });
        files.entry(file).or_default().push(Mutant { number, genre, begin, end, replacement });
    }
    for (file, mutants) in files {
        let text = fs::read_to_string(file)?;
        let (text, switched) = switch(&text, &mutants);
        fs::write(file, text)?;
        for Switched { number, own, all } in switched {
            println!("{number}\t{file}\t{}\t{}\t{}\t{}", own.start, own.end, all.start, all.end);
        }
    }
    Ok(())
}

/// A change of the code.
struct Mutant<'a> {
    number: &'a str,
    genre: &'a str,
    begin: LineColumn,
    end: LineColumn,
    replacement: &'a str,
}

/// A mutant that is in the new text, with its own code and all code that its switch decides about.
#[derive(Debug, PartialEq)]
struct Switched<'a> {
    number: &'a str,
    own: Range<usize>,
    all: Range<usize>,
}

fn switch<'a>(text: &str, mutants: &'a [Mutant<'a>]) -> (String, Vec<Switched<'a>>) {
    let mut finder = Finder { text, mutants, sites: Vec::new(), constant: false };
    finder.visit_file(&syn::parse_file(text).expect("Rust"));
    write(text, finder.sites)
}

/// Code that a switch decides about, and what the switch puts around it.
struct Site<'a> {
    range: Range<usize>,
    number: &'a str,
    before: String,
    /// Where the mutant's own code is in `before`.
    own: Range<usize>,
    after: &'static str,
}

/// Writes all sites into the text. A site may contain others. Then each has its text around what was there.
fn write<'a>(text: &str, sites: Vec<Site<'a>>) -> (String, Vec<Switched<'a>>) {
    enum Edit {
        Open(usize),
        Close(usize),
    }
    let mut edits: Vec<(usize, Edit)> = Vec::new();
    // The sites that begin first are outermost. So are, of those that begin at the same place, the longest.
    let mut sites = sites;
    sites.sort_by_key(|site| (site.range.start, usize::MAX - site.range.end));
    let mut open: Vec<usize> = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        while let Some(&last) = open.last().filter(|&&last| sites[last].range.end <= site.range.start) {
            edits.push((sites[last].range.end, Edit::Close(last)));
            open.pop();
        }
        edits.push((site.range.start, Edit::Open(index)));
        open.push(index);
    }
    edits.extend(open.into_iter().rev().map(|last| (sites[last].range.end, Edit::Close(last))));
    let (mut new, mut from) = (String::new(), 0);
    let mut switched: Vec<Option<Switched<'a>>> = sites.iter().map(|_| None).collect();
    for (at, edit) in edits {
        new.push_str(&text[from..at]);
        from = at;
        match edit {
            Edit::Open(index) => {
                let Site { number, own, before, .. } = &sites[index];
                let own = new.len() + own.start..new.len() + own.end;
                switched[index] = Some(Switched { number, own, all: new.len()..0 });
                new.push_str(before);
            }
            Edit::Close(index) => {
                new.push_str(sites[index].after);
                switched[index].as_mut().expect("it was opened").all.end = new.len();
            }
        }
    }
    new.push_str(&text[from..]);
    (new, switched.into_iter().flatten().collect())
}

/// Finds the code that the mutants change.
struct Finder<'a, 'text> {
    text: &'text str,
    mutants: &'a [Mutant<'a>],
    sites: Vec<Site<'a>>,
    /// Whether the code around is evaluated by the compiler, or may be.
    constant: bool,
}

impl<'a> Finder<'a, '_> {
    /// Visits code that is in a constant context, or that is not.
    fn within(&mut self, constant: bool, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.constant, constant);
        visit(self);
        self.constant = outer;
    }

    /// The mutants that change what lies between two tokens.
    fn of(&self, genre: &str, begin: LineColumn, end: LineColumn) -> impl Iterator<Item = &'a Mutant<'a>> + use<'a> {
        let found = |mutant: &&Mutant<'_>| (mutant.genre, mutant.begin, mutant.end) == (genre, begin, end);
        let mutants = if self.constant { &[] } else { self.mutants };
        mutants.iter().filter(found).collect::<Vec<_>>().into_iter()
    }

    fn at(&self, place: LineColumn) -> usize {
        let line: usize = self.text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
        let rest = &self.text[line..];
        line + rest.char_indices().nth(place.column).map_or(rest.len(), |(index, _)| index)
    }

    fn range(&self, node: &impl Spanned) -> Range<usize> {
        self.at(node.span().start())..self.at(node.span().end())
    }

    /// Replaces an expression by `code`.
    fn instead(&mut self, expression: &impl Spanned, mutant: &'a Mutant<'a>, code: &str) {
        let before = format!("(if crate::__mutant::on({}) {{ ", mutant.number);
        let own = before.len()..before.len() + code.len();
        let before = format!("{before}{code} }} else {{ ");
        self.sites.push(Site { range: self.range(expression), number: mutant.number, before, own, after: " })" });
    }

    /// Has a function return something else. `cargo-mutants` changes all statements of its block.
    fn body(&mut self, block: &syn::Block) {
        let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) else { return };
        let (begin, end) = (first.span().start(), last.span().end());
        for mutant in self.of("FnValue", begin, end) {
            let before = format!("if crate::__mutant::on({}) {{ return ", mutant.number);
            let own = before.len()..before.len() + mutant.replacement.len();
            let before = format!("{before}{}; }} ", mutant.replacement);
            let range = self.at(begin)..self.at(end);
            self.sites.push(Site { range, number: mutant.number, before, own, after: "" });
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_, '_> {
    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        for mutant in self.of("BinaryOperator", node.op.span().start(), node.op.span().end()) {
            let (left, right) = (&self.text[self.range(&node.left)], &self.text[self.range(&node.right)]);
            let code = format!("({left}) {} ({right})", mutant.replacement);
            self.instead(node, mutant, &code);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        for mutant in self.of("UnaryOperator", node.op.span().start(), node.op.span().end()) {
            let code = self.text[self.range(&node.expr)].to_owned();
            self.instead(node, mutant, &code);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        for mutant in self.of("MatchArm", node.span().start(), node.span().end()) {
            let condition = format!("!crate::__mutant::on({})", mutant.number);
            let end = self.at(node.pat.span().end());
            let (range, before, after) = match &node.guard {
                Some((_, guard)) => (self.range(guard), format!("({condition} && ("), "))"),
                None => (end..end, format!(" if {condition}"), ""),
            };
            self.sites.push(Site { range, number: mutant.number, own: 0..before.len(), before, after });
        }
        if let Some((_, guard)) = &node.guard {
            for mutant in self.of("MatchArmGuard", guard.span().start(), guard.span().end()) {
                self.instead(guard, mutant, mutant.replacement);
            }
        }
        visit::visit_arm(self, node);
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.within(node.sig.constness.is_some(), |this| {
            this.body(&node.block);
            visit::visit_item_fn(this, node);
        });
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.within(node.sig.constness.is_some(), |this| {
            this.body(&node.block);
            visit::visit_impl_item_fn(this, node);
        });
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        self.within(false, |this| {
            node.default.iter().for_each(|block| this.body(block));
            visit::visit_trait_item_fn(this, node);
        });
    }

    fn visit_item_const(&mut self, node: &'ast syn::ItemConst) {
        self.within(true, |this| visit::visit_item_const(this, node));
    }

    fn visit_item_static(&mut self, node: &'ast syn::ItemStatic) {
        self.within(true, |this| visit::visit_item_static(this, node));
    }

    fn visit_impl_item_const(&mut self, node: &'ast syn::ImplItemConst) {
        self.within(true, |this| visit::visit_impl_item_const(this, node));
    }

    fn visit_trait_item_const(&mut self, node: &'ast syn::TraitItemConst) {
        self.within(true, |this| visit::visit_trait_item_const(this, node));
    }

    fn visit_expr_const(&mut self, node: &'ast syn::ExprConst) {
        self.within(true, |this| visit::visit_expr_const(this, node));
    }

    fn visit_variant(&mut self, node: &'ast syn::Variant) {
        self.within(true, |this| visit::visit_variant(this, node));
    }

    fn visit_type(&mut self, node: &'ast syn::Type) {
        self.within(true, |this| visit::visit_type(this, node)); // lengths of arrays
    }

    fn visit_generic_argument(&mut self, node: &'ast syn::GenericArgument) {
        self.within(true, |this| visit::visit_generic_argument(this, node));
    }

    fn visit_const_param(&mut self, node: &'ast syn::ConstParam) {
        self.within(true, |this| visit::visit_const_param(this, node));
    }

    fn visit_pat(&mut self, node: &'ast syn::Pat) {
        self.within(true, |this| visit::visit_pat(this, node));
    }

    fn visit_expr_repeat(&mut self, node: &'ast syn::ExprRepeat) {
        self.visit_expr(&node.expr);
        self.within(true, |this| this.visit_expr(&node.len));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replaces what is between `«` and `»`, and says which mutants are behind switches.
    fn switched(genre: &str, marked: &str, replacement: &str) -> (String, Vec<String>) {
        let place = |mark| {
            let (before, _) = marked.split_once(mark).expect("a mark");
            let line = before.rsplit('\n').next().expect("a line");
            LineColumn { line: before.matches('\n').count() + 1, column: line.replace('«', "").chars().count() }
        };
        let (begin, end) = (place('«'), place('»'));
        let text = marked.replace(['«', '»'], "");
        let mutant = Mutant { number: "7", genre, begin, end, replacement };
        let mutants = [mutant];
        let (new, switched) = switch(&text, &mutants);
        for Switched { own, all, .. } in &switched {
            assert!(all.start <= own.start && own.end <= all.end);
            assert!(new[all.clone()].contains("crate::__mutant::on(7)"), "{}", &new[all.clone()]);
        }
        let own = switched.iter().map(|switched| new[switched.own.clone()].to_owned()).collect();
        (new, own)
    }

    #[test]
    fn operators_keep_their_operands() {
        let (new, own) = switched("BinaryOperator", "fn f() -> bool { 'é' == x && a as u8 «>» b + 1 }", "<");
        let behind = "(if crate::__mutant::on(7) { (a as u8) < (b + 1) } else { a as u8 > b + 1 })";
        assert_eq!(new, format!("fn f() -> bool {{ 'é' == x && {behind} }}"));
        assert_eq!(own, ["(a as u8) < (b + 1)"]);
        let (new, _) = switched("UnaryOperator", "fn f() -> bool {\n    «!»a.b()\n}", "");
        assert_eq!(new, "fn f() -> bool {\n    (if crate::__mutant::on(7) { a.b() } else { !a.b() })\n}");
    }

    #[test]
    fn functions_return_early() {
        let (new, own) = switched("FnValue", "fn f() -> u8 { «g(); 3» }", "0");
        assert_eq!(new, "fn f() -> u8 { if crate::__mutant::on(7) { return 0; } g(); 3 }");
        assert_eq!(own, ["0"]);
    }

    #[test]
    fn arms_get_a_guard() {
        let (new, _) = switched("MatchArm", "fn f() { match x { «A(y) => 1,» _ => 2 } }", "");
        assert_eq!(new, "fn f() { match x { A(y) if !crate::__mutant::on(7) => 1, _ => 2 } }");
        let (new, _) = switched("MatchArm", "fn f() { match x { «A(y) if y => 1,» _ => 2 } }", "");
        assert_eq!(new, "fn f() { match x { A(y) if (!crate::__mutant::on(7) && (y)) => 1, _ => 2 } }");
        let (new, _) = switched("MatchArmGuard", "fn f() { match x { A(y) if «y» => 1, _ => 2 } }", "true");
        assert_eq!(new, "fn f() { match x { A(y) if (if crate::__mutant::on(7) { true } else { y }) => 1, _ => 2 } }");
    }

    /// One mutant is on at a time. So the code of a mutant is free of others.
    #[test]
    fn a_mutant_may_be_inside_another() {
        let text = "fn f() -> u8 { a + b + c }";
        let mutant = |number, column| {
            let [begin, end] = [column, column + 1].map(|column| LineColumn { line: 1, column });
            Mutant { number, genre: "BinaryOperator", begin, end, replacement: "-" }
        };
        let mutants = [mutant("1", 17), mutant("2", 21)];
        let (new, switched) = switch(text, &mutants);
        let inner = "(if crate::__mutant::on(1) { (a) - (b) } else { a + b })";
        let outer = format!("(if crate::__mutant::on(2) {{ (a + b) - (c) }} else {{ {inner} + c }})");
        assert_eq!(new, format!("fn f() -> u8 {{ {outer} }}"));
        assert_eq!(switched.len(), 2);
    }

    #[test]
    fn what_the_compiler_evaluates_has_no_switch() {
        for text in [
            "const fn f() -> u8 { 1 «+» 2 }",
            "const A: u8 = 1 «+» 2;",
            "static A: u8 = 1 «+» 2;",
            "fn f() { let a = [0; 1 «+» 2]; }",
            "fn f() { let a: [u8; 1 «+» 2]; }",
            "fn f() { const { 1 «+» 2 } }",
            "fn f() { g::<{ 1 «+» 2 }>() }",
            "impl A { const B: u8 = 1 «+» 2; }",
            "trait A { const B: u8 = 1 «+» 2; }",
            "enum A { B = 1 «+» 2 }",
            "macro_rules! m { () => { 1 «+» 2 } }",
        ] {
            let (new, own) = switched("BinaryOperator", text, "-");
            assert_eq!((new, own), (text.replace(['«', '»'], ""), vec![]), "{text}");
        }
        let (_, own) = switched("BinaryOperator", "const fn f() { fn g() -> u8 { 1 «+» 2 } }", "-");
        assert_eq!(own.len(), 1);
    }
}
