//! Rust code as data, and its text: templates (`rust!`), tokens, and the layout that prints them as rustfmt would.
//!
//! Where the lines of the text come from is data too: a `position` is a piece of code that prints nothing and
//! becomes an entry of the [`SourceMap`].

mod layout;
mod measured;
mod token;
mod tokens;

use cmsl_parser::Span;

pub(crate) use layout::Printer;
pub(crate) use token::Token;
pub(crate) use tokens::{
    Append, Name, Position, Tokens, character, commas, documentation, lifetime, number, rust,
    rust_count, rust_fixed, rust_pairs, rust_size, rust_token, separated, string, tuple,
};

/// The position in the source of some lines of a Rust file, in order of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Each entry holds from its line to the line of the next entry.
    pub entries: Vec<MapEntry>,
}

impl SourceMap {
    /// What a line of the Rust file was made from.
    #[must_use]
    pub fn at(&self, line: u32) -> Option<Span> {
        let entry = self.entries.iter().rfind(|entry| entry.line <= line);
        entry.map(|entry| entry.span)
    }
}

/// From which Rust line on a CMSL position holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// The line of the Rust file, from 1.
    pub line: u32,
    /// The statement or item that the line was made from.
    pub span: Span,
}
