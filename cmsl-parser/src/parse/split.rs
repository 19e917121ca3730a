//! A text as a row of pieces that are parsed one by one: items, and the heads and ends of modules.
//!
//! A piece ends where an item can end: at a `;` or `}` outside of brackets. It begins where the one before it ended,
//! so that it has the comments before its item. What a piece parses to depends on its text alone; therefore an editor
//! parses again only the pieces that somebody changed. Where braces are not balanced, a piece ends before what
//! looks, by its column, like the next item, so that a missing brace spoils the item that misses it and no other.

use super::brackets::{Brackets, Lines};
use super::scan::{block_comment_end, line_end, literal_end, word_end};
use crate::words;
use std::ops::Range;

/// How deep modules may lie in each other and still have pieces.
const MODULES_MAX: usize = 16;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Items, mostly one.
    Items,
    /// `module name {`
    Head,
    /// The `}` of a module.
    End,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub range: Range<usize>,
    /// How many modules it lies in.
    pub modules: usize,
}

/// Whether a word begins a line of an item, but no item.
fn is_inside(word: &str) -> bool {
    matches!(word, "post" | "pre") || (words::is_no_type(word) && !words::ITEMS.contains(&word))
}

/// Cuts a text into its pieces.
pub fn split(text: &str) -> Vec<Piece> {
    let mut pieces = Splitter::new(text, false);
    pieces.run();
    if !pieces.unbalanced {
        return pieces.pieces;
    }
    let mut pieces = Splitter::new(text, true);
    pieces.run();
    pieces.pieces
}

/// How much of `module name {` has been met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Nothing,
    Module,
    Name,
    Other,
}

struct Splitter<'a> {
    text: &'a str,
    by_column: bool,
    unbalanced: bool,
    at: usize,
    /// Where the piece begins, and where its last token ends.
    start: usize,
    end: usize,
    /// The column at which its first token stands.
    column: usize,
    met: Met,
    brackets: Brackets,
    lines: Lines,
    /// The columns of the modules that are open.
    modules: Vec<usize>,
    pieces: Vec<Piece>,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str, by_column: bool) -> Self {
        Self {
            text,
            by_column,
            unbalanced: false,
            at: 0,
            start: 0,
            end: 0,
            column: 0,
            met: Met::Nothing,
            brackets: Brackets::new(by_column),
            lines: Lines::new(),
            modules: Vec::new(),
            pieces: Vec::new(),
        }
    }

    fn run(&mut self) {
        let mut after_for = false;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let start = self.at;
            let of_for = std::mem::take(&mut after_for);
            let next = self.text.as_bytes().get(start + 1);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.at = self.lines.blanks(self.text, start);
                    after_for = of_for;
                    continue;
                }
                b'/' if next == Some(&b'/') => {
                    self.at = line_end(self.text, start);
                    continue;
                }
                b'/' if next == Some(&b'*') => {
                    self.at = block_comment_end(self.text, start).unwrap_or(self.text.len());
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    self.at = word_end(self.text, start);
                    let word = self.text.get(start..self.at).unwrap_or_default();
                    after_for = matches!(word, "for" | "every");
                    self.word(word);
                }
                b'"' | b'\'' => {
                    self.at = literal_end(self.text, start).0;
                    self.token(byte);
                }
                b'(' | b'[' | b'{' => self.open(byte, of_for),
                b')' | b']' | b'}' => self.close(byte),
                b';' => {
                    self.at += 1;
                    self.brackets.semicolon();
                    self.token(byte);
                    self.end = self.at;
                    if self.brackets.is_empty() && !self.goes_deeper() {
                        self.cut(Kind::Items);
                    }
                }
                _ => {
                    self.at += 1;
                    self.token(byte);
                }
            }
            self.end = self.at;
        }
        self.unbalanced |= self.brackets.has_brace() || !self.modules.is_empty();
        self.end = self.text.len();
        self.cut(Kind::Items);
        while self.modules.pop().is_some() {
            self.missing_end();
        }
    }

    /// The end of a module that is not in the text.
    fn missing_end(&mut self) {
        self.push(Kind::End, self.start..self.start);
    }

    fn push(&mut self, kind: Kind, range: Range<usize>) {
        self.pieces.push(Piece {
            kind,
            range,
            modules: self.modules.len(),
        });
    }

    /// Ends the piece behind its last token.
    fn cut(&mut self, kind: Kind) {
        if self.start < self.end {
            self.push(kind, self.start..self.end);
        }
        self.start = self.end;
        self.met = Met::Nothing;
    }

    /// Counts a token to its piece.
    fn token(&mut self, byte: u8) {
        if self.met == Met::Nothing {
            self.column = self.lines.column().unwrap_or(usize::MAX);
            self.met = Met::Other;
        } else if self.brackets.is_empty() && !matches!(byte, b'{') {
            self.met = Met::Other;
        }
        self.lines.token(byte);
    }

    fn word(&mut self, word: &str) {
        if let Some(column) = self.lines.column()
            && self.by_column
            && !is_inside(word)
        {
            self.begins_item(column);
        }
        let met = match (self.met, word) {
            (Met::Nothing, "module") => Met::Module,
            (Met::Module, _) => Met::Name,
            _ => Met::Other,
        };
        self.token(b'a');
        self.met = met;
    }

    /// A line begins at a column with what may be an item: it is one if it stands no deeper than the one before, and
    /// outside of modules that stand no higher.
    fn begins_item(&mut self, column: usize) {
        if self.met != Met::Nothing && self.column != usize::MAX && column <= self.column {
            self.brackets.clear();
            self.cut(Kind::Items);
        }
        while self.met == Met::Nothing
            && let Some(&module) = self.modules.last()
            && column <= module
            && module != usize::MAX
        {
            self.modules.pop();
            self.missing_end();
        }
    }

    fn open(&mut self, byte: u8, of_for: bool) {
        let is_module = byte == b'{' && self.met == Met::Name && self.brackets.is_empty();
        let start = self.at;
        self.at += 1;
        if byte == b'{' {
            self.brackets.block(&self.lines);
        }
        self.token(byte);
        self.end = self.at;
        if is_module && self.modules.len() < MODULES_MAX {
            self.cut(Kind::Head);
            self.modules.push(self.column);
        } else {
            self.brackets.open(byte, start, of_for, &self.lines);
        }
    }

    fn close(&mut self, byte: u8) {
        let column = self.lines.column();
        let (_, found) = self.brackets.close(byte, &self.lines);
        let ends_module = byte == b'}' && !found && self.is_end(column);
        self.unbalanced |= byte == b'}' && !found && !ends_module;
        if ends_module && self.met != Met::Nothing {
            // What was begun before it is no part of it.
            self.brackets.clear();
            self.cut(Kind::Items);
        }
        self.at += 1;
        self.token(byte);
        self.end = self.at;
        if ends_module {
            self.modules.pop();
            self.cut(Kind::End);
        } else if byte == b'}' && self.brackets.is_empty() && !self.goes_on() && !self.goes_deeper()
        {
            self.cut(Kind::Items);
        }
    }

    /// Whether a `}` that closes nothing else closes the innermost module.
    fn is_end(&self, column: Option<usize>) -> bool {
        match (self.modules.last(), column.filter(|_| self.by_column)) {
            (Some(&module), Some(column)) => module == usize::MAX || column <= module,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether what follows stands on the same line or deeper than the item, or closes it, and so belongs to it.
    fn goes_deeper(&self) -> bool {
        if !self.by_column || self.column == usize::MAX {
            return false;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let blanks = rest.get(..rest.len() - trimmed.len()).unwrap_or_default();
        let column = blanks.rfind('\n').map(|newline| blanks.len() - newline - 1);
        let least = self.column + usize::from(!trimmed.starts_with('}'));
        !trimmed.is_empty() && column.is_none_or(|column| column >= least)
    }

    /// Whether what follows a `}` cannot begin an item; a `;` is taken along.
    fn goes_on(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let blanks = rest.len() - trimmed.len();
        match trimmed.as_bytes().first() {
            Some(b';') => {
                self.at += blanks + 1;
                self.end = self.at;
                false
            }
            Some(byte) => b",+-*%<>=&|^?:.)]".contains(byte),
            None => false,
        }
    }
}
