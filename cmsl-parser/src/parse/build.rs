//! From the pairs of the grammar to the tree.
//!
//! The grammar fixes which pairs follow which; [`Parts`] reads them in that order. What the grammar
//! cannot say (the value of a number, `invoke` before a method call alone, …) is reported here.

mod class;
mod damage;
mod expr;
mod intern;
mod item;
mod literal;
mod operand;
mod pairs;
mod server;
mod stmt;
mod ty;

use std::sync::Arc;

pub(super) use intern::Names;
pub(crate) use pairs::Node;
pub(super) use pairs::Nodes;
use pairs::{Pair, Parts};
pub(super) use server::switch_help;

use super::grammar::Rule;
use super::squeeze::Squeezed;
use super::{DIAGNOSTICS_MAX, explain};
use crate::ast::{Comment, CommentKind, Doc, Item, Name, Path};
use crate::diagnostic::{Code, Diagnostic, KEYWORD, UNEXPECTED};
use crate::{FileId, Span};

/// Makes the tree of one file.
pub(super) struct Builder<'a> {
    file: FileId,
    /// The text as the user wrote it, up to the end of the piece.
    text: &'a str,
    /// Where the piece begins in it.
    start: usize,
    /// The text that the grammar saw.
    squeezed: &'a Squeezed,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    /// How many of them are the scanner's.
    scanned: usize,
    /// Where the scanner found something wrong, in order and apart: text there is not reported again.
    damage: Vec<Span>,
    names: &'a mut Names,
    /// So much is wrong before this piece that nobody will read why its text does not fit.
    pub(super) is_brief: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        file: FileId,
        text: &'a str,
        start: usize,
        squeezed: &'a Squeezed,
        comments: Vec<Comment>,
        diagnostics: Vec<Diagnostic>,
        names: &'a mut Names,
    ) -> Self {
        let damage = damage::all(text, start, &diagnostics);
        Self {
            start,
            scanned: diagnostics.len(),
            file,
            text,
            squeezed,
            comments,
            diagnostics,
            damage,
            names,
            is_brief: false,
        }
    }

    /// The items of the whole text.
    pub(super) fn file(&mut self, mut pairs: Parts<'a>) -> Vec<Arc<Item>> {
        pairs
            .next()
            .map_or_else(Vec::new, |file| self.items(file.parts()))
    }

    /// The grammar took no part of the text: only a stack that is too small does that.
    pub(super) fn refused(&mut self, error: &pest::error::Error<Rule>) {
        let message = format!("the text cannot be parsed: {}", error.variant.message());
        let span = super::span(self.file, 0, 0);
        self.error(
            UNEXPECTED,
            span,
            message,
            "split the file into smaller ones",
        );
    }

    /// The comments, and all diagnostics but those about text that the scanner has reported.
    pub(super) fn finish(mut self) -> (Vec<Comment>, Vec<Diagnostic>) {
        let of_builder = self.diagnostics.split_off(self.scanned);
        let sound = of_builder
            .into_iter()
            .filter(|diagnostic| !self.is_damaged(diagnostic.span));
        let sound: Vec<Diagnostic> = sound.collect();
        self.diagnostics.extend(sound);
        (self.comments, self.diagnostics)
    }

    /// The text in which it is not sure what belongs to what.
    pub(super) fn doubtful(&self) -> impl Iterator<Item = Span> {
        let scanned = self.diagnostics.get(..self.scanned).unwrap_or_default();
        let leaks = scanned
            .iter()
            .filter(|wrong| damage::leaks(self.text, wrong));
        leaks.flat_map(|wrong| damage::of(self.text, self.start, wrong))
    }

    fn is_damaged(&self, span: Span) -> bool {
        let first = self
            .damage
            .partition_point(|damage| damage.end < span.start);
        self.damage
            .get(first)
            .is_some_and(|damage| damage.start <= span.end)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.report(Diagnostic::new(code, span, message).help(help));
    }

    fn keyword(&mut self, word: &str, span: Span) {
        let message = format!("`{word}` is a keyword and cannot stand here");
        let help = match word {
            "boolean" | "char" | "octet" | "short" | "int" | "long" | "float" | "double"
            | "string" | "void" => {
                "a type stands before a name, as in `int n`, or in a collection, as in `list<int> c`; a name is another word; there are no pointers"
            }
            _ => "choose another name",
        };
        self.error(KEYWORD, span, message, help);
    }

    /// Reports text that the grammar skipped, unless the scanner has said what is wrong with it.
    fn skipped(&mut self, pair: Pair<'a>) -> Span {
        let span = self.span(pair);
        let full = self.diagnostics.len() >= DIAGNOSTICS_MAX;
        if self.is_brief {
            self.error(
                UNEXPECTED,
                span,
                "this does not fit here",
                "mend what is reported before it",
            );
        } else if !full && !self.is_damaged(span) {
            let region = explain::Region {
                file: self.file,
                text: self.text,
                squeezed: self.squeezed,
                piece: pair.squeezed(),
                start: pair.start(),
                rule: pair.rule(),
            };
            if let Some(diagnostic) = explain::explain(&region) {
                self.report(diagnostic);
            }
        }
        span
    }

    /// From the first byte of a pair to the last of its last token.
    fn span(&self, pair: Pair<'a>) -> Span {
        super::span(self.file, pair.start(), pair.end())
    }

    /// The `///` lines right before an offset.
    fn doc(&self, start: u32) -> Option<Doc> {
        let after = self
            .comments
            .partition_point(|comment| comment.span.end <= start);
        let before = self.comments.get(..after)?;
        let mut from = start;
        let lines = before.iter().rev().take_while(|comment| {
            let between = self.text.get(comment.span.end as usize..from as usize);
            from = comment.span.start;
            comment.kind == CommentKind::Doc
                && between.is_some_and(|between| between.trim().is_empty())
        });
        let first = after.checked_sub(lines.count())?;
        let comments = before
            .get(first..)
            .filter(|comments| !comments.is_empty())?;
        let lines: Vec<&str> = comments
            .iter()
            .map(|comment| {
                let line = self.text.get(comment.span.range()).unwrap_or_default();
                let line = line.strip_prefix("///").unwrap_or(line).trim_end();
                line.strip_prefix(' ').unwrap_or(line)
            })
            .collect();
        let span = comments.first()?.span.to(comments.last()?.span);
        Some(Doc {
            text: lines.join("\n"),
            span,
        })
    }

    fn intern(&mut self, text: &str) -> Arc<str> {
        self.names.intern(text)
    }

    /// A name of a rule that takes a single token.
    fn name(&mut self, pair: Pair<'a>) -> Name {
        let text = pair.text();
        let start = pair.start();
        self.name_at(text, start)
    }

    fn name_at(&mut self, text: &'a str, start: usize) -> Name {
        let span = super::span(self.file, start, start + text.len());
        Name {
            text: self.intern(text),
            span,
        }
    }

    fn path(&mut self, pair: Pair<'a>) -> Path {
        let text = pair.text();
        let start = pair.start();
        if !text.as_bytes().contains(&b':') {
            let name = self.name_at(text, start);
            return Path {
                qualifiers: Vec::new(),
                span: name.span,
                name,
            };
        }
        let mut names = Vec::new();
        let mut at = pair.squeezed().start;
        for segment in text.split("::") {
            names.push(self.name_at(segment, self.squeezed.original(at)));
            at += segment.len() + 2;
        }
        let span = self.span(pair);
        let name = names.pop().expect("a path has a name");
        Path {
            qualifiers: names,
            name,
            span,
        }
    }
}
