//! Text to tree: scan, grammar, build.
//!
//! [`scan`] reports what no grammar says well and bounds the nesting; the grammar `cmsl.pest` is applied
//! to what is left; [`build`] makes the tree of its pairs and asks [`explain`] about the text that the
//! grammar skipped.

mod build;
mod explain;
mod grammar;
mod nesting;
mod scan;
mod squeeze;
#[cfg(test)]
mod tests;

use pest::Parser;

use crate::ast::File;
use crate::diagnostic::{self, NOT_TEXT, UNEXPECTED};
use crate::source::{Damage, SOURCE_BYTES_MAX};
use crate::{Diagnostic, FileId, Sources, Span};
pub(crate) use build::Node;
pub(crate) use explain::{skip_blank, token};
use grammar::Grammar;
pub(crate) use grammar::Rule;
use scan::Scan;
pub(crate) use squeeze::would_join;

/// Nesting up to which the stack of any thread suffices.
const SHALLOW: usize = 24;

/// The most messages about the form of one file: who has more of them reads the first ones first.
const DIAGNOSTICS_MAX: usize = 200;

/// The stack for texts that nest deeper: far more than 256 levels take.
const DEEP_STACK_BYTES: usize = 256 << 20;

/// Parses a file. The tree is always there; where the text is wrong it has `Error` nodes and the
/// diagnostics, in the order of the text, say why.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> (File, Vec<Diagnostic>) {
    let (tree, diagnostics, _) = parse_with_nodes(sources, file);
    (tree, diagnostics)
}

/// Parses a file and hands out what the grammar made of it, too.
pub(crate) fn parse_with_nodes(
    sources: &Sources,
    file: FileId,
) -> (File, Vec<Diagnostic>, Vec<Node>) {
    let source = sources.source(file);
    let empty = File {
        file,
        items: Vec::new(),
        comments: Vec::new(),
    };
    if let Some(damage) = source.damage() {
        return (empty, vec![damaged(file, damage)], Vec::new());
    }
    let scan = scan::scan(file, source.text());
    if scan.fatal {
        return (empty, scan.diagnostics, Vec::new());
    }
    if scan.depth <= SHALLOW {
        return apply(file, source.text(), scan);
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(DEEP_STACK_BYTES)
            .spawn_scoped(scope, || apply(file, source.text(), scan))
            .ok()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_else(|| (empty, vec![no_stack(file)], Vec::new()))
    })
}

fn apply(file: FileId, text: &str, scan: Scan) -> (File, Vec<Diagnostic>, Vec<Node>) {
    let squeezed = &scan.squeezed;
    let parsed = Grammar::parse(Rule::file, &squeezed.text);
    let parsed = parsed.map(|pairs| build::Nodes::new(squeezed, pairs));
    let mut builder = build::Builder::new(file, text, squeezed, scan.comments, scan.diagnostics);
    let items = match &parsed {
        Ok(nodes) => builder.file(nodes.outermost()),
        Err(error) => {
            builder.refused(error);
            Vec::new()
        }
    };
    let (comments, mut diagnostics) = builder.finish();
    diagnostic::sort(&mut diagnostics);
    (
        File {
            file,
            items,
            comments,
        },
        diagnostics,
        parsed.map(build::Nodes::into_list).unwrap_or_default(),
    )
}

fn damaged(file: FileId, damage: Damage) -> Diagnostic {
    let (at, message, help) = match damage {
        Damage::TooLarge => (
            0,
            format!("the file has more than {SOURCE_BYTES_MAX} bytes"),
            "split it and `import` the parts",
        ),
        Damage::NotUtf8 { at } => (
            at,
            "the file is not UTF-8 text from here on".to_owned(),
            "save it with the encoding UTF-8",
        ),
        Damage::Nul { at } => (
            at,
            "the file has a NUL character".to_owned(),
            "remove it; in strings and characters write `\\0`",
        ),
    };
    Diagnostic::new(NOT_TEXT, span(file, at, at), message).help(help)
}

fn no_stack(file: FileId) -> Diagnostic {
    let message = "there is no memory to parse nesting this deep";
    Diagnostic::new(UNEXPECTED, span(file, 0, 0), message)
        .help("nest less deeply, or run with more memory")
}

/// A span of offsets into a text of at most [`SOURCE_BYTES_MAX`] bytes.
fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(start), offset(end))
}
