//! Text to tree: split, scan, grammar, build.
//!
//! [`split`] cuts the text into pieces, mostly one an item. Of each, [`scan`] reports what no grammar says well and
//! bounds the nesting; the grammar `cmsl.pest` is applied to what is left; [`build`] makes the tree of its pairs and
//! asks [`explain`] about the text that the grammar skipped. [`again`] does so for a text that is being changed.

mod again;
mod brackets;
mod build;
mod explain;
mod grammar;
mod nesting;
mod piece;
mod scan;
mod split;
mod squeeze;
#[cfg(test)]
mod tests;

use crate::ast::File;
use crate::diagnostic::NOT_TEXT;
use crate::source::{Damage, SOURCE_BYTES_MAX};
use crate::{Diagnostic, FileId, Sources, Span};
pub use again::{Document, Map, Reading};
use build::Names;
pub(crate) use build::Node;
pub(crate) use explain::{skip_blank, token};
pub(crate) use grammar::Rule;
use piece::Assembly;
pub(crate) use squeeze::would_join;

/// The most messages about the form of one file: who has more of them reads the first ones first.
const DIAGNOSTICS_MAX: usize = 200;

/// Parses a file. The tree is always there; where the text is wrong it has `Error` nodes and the
/// diagnostics, in the order of the text, say why.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> (File, Vec<Diagnostic>) {
    let source = sources.source(file);
    let mut tree = Assembly::new(file);
    if let Some(damage) = source.damage() {
        tree.report(damaged(file, damage, 0));
        return tree.finish();
    }
    let pieces = split::split(source.text());
    let parsed = piece::parse_all(file, source.text(), &pieces, &mut Names::default());
    for (piece, parsed) in pieces.into_iter().zip(parsed) {
        tree.add(piece.kind, piece.range, parsed);
    }
    tree.finish()
}

/// What the grammar makes of a file that has the form of a program.
pub(crate) fn nodes(sources: &Sources, file: FileId) -> Vec<Node> {
    piece::nodes(file, sources.source(file).text())
}

/// What is said of a file that is no text; what is said of offsets counts from `base` on.
fn damaged(file: FileId, damage: Damage, base: usize) -> Diagnostic {
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
    Diagnostic::new(NOT_TEXT, span(file, base + at, base + at), message).help(help)
}

/// A span of offsets into a text of at most [`SOURCE_BYTES_MAX`] bytes.
fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(start), offset(end))
}
