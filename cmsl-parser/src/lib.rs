//! Text to syntax tree: sources, the grammar, parsing with recovery, and the diagnostics of every
//! phase of the compiler. Knows no meaning of a program and nothing of the code that it becomes.

// The parser that pest derives names `alloc` when pest is built without `std`.
extern crate alloc;

pub mod ast;
pub mod diagnostic;
mod format;
mod parse;
mod source;
pub mod words;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use format::{LINE_COLUMNS, format};
pub use parse::{Document, Map, Reading, parse};
pub use source::{FileId, Position, SOURCE_BYTES_MAX, Source, Sources, Span};
