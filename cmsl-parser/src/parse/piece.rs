//! From the pieces of a text to one tree.

use std::ops::Range;
use std::sync::Arc;

use pest::Parser;

use super::build::{Builder, Names, Node, Nodes};
use super::grammar::{Grammar, Rule};
use super::scan::{Scan, scan};
use super::split::{Kind, Piece};
use super::{DIAGNOSTICS_MAX, span};
use crate::ast::{Comment, File, Item, ItemKind, Module};
use crate::diagnostic::{self, UNBALANCED, UNEXPECTED};
use crate::{Diagnostic, FileId, Span};

/// Nesting up to which the stack of any thread suffices.
const SHALLOW: usize = 24;

/// The stack for texts that nest deeper: far more than 256 levels take.
const DEEP_STACK_BYTES: usize = 256 << 20;

/// What a piece became.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    pub items: Vec<Arc<Item>>,
    pub comments: Vec<Comment>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses the pieces of a text.
pub(super) fn parse_all(
    file: FileId,
    text: &str,
    pieces: &[Piece],
    names: &mut Names,
) -> Vec<Parsed> {
    let mut parsed: Vec<Parsed> = Vec::with_capacity(pieces.len());
    let mut told = 0;
    let mut rest = pieces.iter();
    while let Some(piece) = rest.next() {
        let scan = scan_piece(file, text, piece);
        if scan.depth > SHALLOW {
            let rest = rest.as_slice();
            parsed.extend(parse_deep(file, text, piece, rest, names));
            return parsed;
        }
        let piece = apply(file, text, piece, scan, told, names);
        told += piece.diagnostics.len();
        parsed.push(piece);
    }
    parsed
}

/// Parses pieces on a thread of its own, with a stack for those that nest deeply.
fn parse_deep(
    file: FileId,
    text: &str,
    first: &Piece,
    rest: &[Piece],
    names: &mut Names,
) -> Vec<Parsed> {
    let all = || std::iter::once(first).chain(rest);
    let run = |names: &mut Names| -> Vec<Parsed> {
        let mut told = 0;
        let mut parse = |piece| {
            let piece = apply(
                file,
                text,
                piece,
                scan_piece(file, text, piece),
                told,
                names,
            );
            told += piece.diagnostics.len();
            piece
        };
        all().map(&mut parse).collect()
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(DEEP_STACK_BYTES)
            .spawn_scoped(scope, || run(names))
            .ok()
            .and_then(|thread| thread.join().ok())
    })
    .unwrap_or_else(|| all().map(|piece| no_stack(file, piece)).collect())
}

fn no_stack(file: FileId, piece: &Piece) -> Parsed {
    let message = "there is no memory to parse nesting this deep";
    let place = span(file, piece.range.start, piece.range.start);
    let diagnostic = Diagnostic::new(UNEXPECTED, place, message)
        .help("nest less deeply, or run with more memory");
    Parsed {
        diagnostics: vec![diagnostic],
        ..Parsed::default()
    }
}

fn scan_piece(file: FileId, text: &str, piece: &Piece) -> Scan {
    let Range { start, end } = piece.range;
    // The brace of a module's head or end has its partner in another piece.
    let end = end - usize::from(piece.kind != Kind::Items && start < end);
    scan(file, text, start..end, piece.modules)
}

/// Parses a piece before which there are so many diagnostics.
fn apply(
    file: FileId,
    text: &str,
    piece: &Piece,
    mut scan: Scan,
    told: usize,
    names: &mut Names,
) -> Parsed {
    if scan.fatal {
        return Parsed {
            items: vec![error(span(file, piece.range.start, piece.range.end))],
            diagnostics: scan.diagnostics,
            ..Parsed::default()
        };
    }
    if piece.kind == Kind::Head {
        scan.squeezed.text.push_str("{}");
    }
    let text = text.get(..piece.range.end).unwrap_or_default();
    let squeezed = &scan.squeezed;
    let (comments, diagnostics) = (scan.comments, scan.diagnostics);
    let start = piece.range.start;
    let parsed = Grammar::parse(Rule::file, &squeezed.text);
    let parsed = parsed.map(|pairs| Nodes::new(squeezed, pairs));
    let mut builder = Builder::new(file, text, start, squeezed, comments, diagnostics, names);
    builder.is_brief = told >= DIAGNOSTICS_MAX;
    let mut items = match &parsed {
        Ok(nodes) => builder.file(nodes.outermost()),
        Err(error) => {
            builder.refused(error);
            Vec::new()
        }
    };
    items.extend(builder.doubtful().map(error));
    let (comments, diagnostics) = builder.finish();
    Parsed {
        items,
        comments,
        diagnostics,
    }
}

/// Text of which it is not known what it declares.
fn error(span: Span) -> Arc<Item> {
    Arc::new(Item {
        doc: None,
        kind: ItemKind::Error,
        span,
    })
}

/// All that the grammar makes of a text without mistakes.
pub(super) fn nodes(file: FileId, text: &str) -> Vec<Node> {
    let run = || {
        let scan = scan(file, text, 0..text.len(), 0);
        let pairs = Grammar::parse(Rule::file, &scan.squeezed.text);
        pairs.map_or_else(
            |_| Vec::new(),
            |pairs| Nodes::new(&scan.squeezed, pairs).into_list(),
        )
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(DEEP_STACK_BYTES)
            .spawn_scoped(scope, run)
            .ok()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default()
    })
}

/// A module whose end has not come yet.
struct Open {
    head: Option<Arc<Item>>,
    brace: Span,
    /// The items before it.
    before: Vec<Arc<Item>>,
}

/// A tree on the way.
pub(super) struct Assembly {
    file: FileId,
    items: Vec<Arc<Item>>,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    open: Vec<Open>,
}

impl Assembly {
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            items: Vec::new(),
            comments: Vec::new(),
            diagnostics: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Adds the next piece, which stands at `range`.
    pub fn add(&mut self, kind: Kind, range: Range<usize>, mut parsed: Parsed) {
        self.comments.append(&mut parsed.comments);
        self.diagnostics.append(&mut parsed.diagnostics);
        match kind {
            Kind::Items => self.items.append(&mut parsed.items),
            Kind::Head => self.open.push(Open {
                head: parsed.items.into_iter().next(),
                brace: span(self.file, range.end.saturating_sub(1), range.end),
                before: std::mem::take(&mut self.items),
            }),
            Kind::End => self.end(&range),
        }
    }

    fn end(&mut self, range: &Range<usize>) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let items = std::mem::replace(&mut self.items, open.before);
        if range.is_empty() {
            let diagnostic = Diagnostic::new(UNBALANCED, open.brace, "this `{` is not closed");
            self.report(diagnostic.help("write the missing `}`"));
        }
        let Some(head) = open.head else { return };
        let ItemKind::Module(module) = &head.kind else {
            self.items.push(head);
            return;
        };
        let kind = ItemKind::Module(Module {
            name: module.name.clone(),
            items,
        });
        let mut span = head.span;
        if !range.is_empty() {
            span.end = super::span(self.file, range.start, range.end).end;
        }
        let doc = head.doc.clone();
        self.items.push(Arc::new(Item { doc, kind, span }));
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The tree, and what is wrong.
    pub fn finish(mut self) -> (File, Vec<Diagnostic>) {
        diagnostic::sort(&mut self.diagnostics);
        self.diagnostics.truncate(DIAGNOSTICS_MAX);
        let file = File {
            file: self.file,
            items: self.items,
            comments: self.comments,
        };
        (file, self.diagnostics)
    }
}
