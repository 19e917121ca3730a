//! Tokens → lines, in the style of rustfmt: four columns a level, at most a hundred, one way to break each construct.
//!
//! Whatever fits on the rest of its line and has no reason to be broken is written in one go; else its outermost
//! construct is broken and its parts are laid out in turn. Where there are two ways to break, both are tried, and what
//! was tried in vain is taken back.

mod chain;
mod control;
mod expr;
mod item;
mod list;

use super::measured::{Measured, Row, measure};
use super::token::Kind;
use super::tokens::Tokens;
use super::{MapEntry, SourceMap};

/// The most columns of a line.
const WIDTH_MAX: usize = 100;
/// The widest that several arguments, or a call that is the only argument, stand on one line.
pub(super) const ARGUMENTS_WIDTH_MAX: usize = 60;
/// How much may be written in vain, and how much more for each byte that stays.
const WASTED_MAX: usize = 1 << 19;
const WASTED_RATIO_MAX: usize = 4;
/// The columns of one level.
const TAB: usize = 4;

/// A file on its way to paper.
pub(crate) struct Printer {
    text: String,
    /// The number of the line that is being written, from 1.
    line: u32,
    /// How many columns of it are written.
    column: usize,
    map: SourceMap,
    /// The columns that the next item is indented by.
    indent: usize,
    /// What ended before the next item.
    last: Last,
    /// How many bytes were written and taken back.
    wasted: usize,
}

/// What stands before an item, which decides on the blank line between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The start of a file or block.
    Start,
    /// An item of one line, by its first keyword.
    Line(Kind),
    /// Anything else.
    Item,
}

/// To where what was tried is taken back.
#[derive(Clone, Copy)]
struct Mark {
    bytes: usize,
    line: u32,
    column: usize,
    entries: usize,
}

impl Printer {
    /// A file that opens with one line of documentation.
    pub(crate) fn new(about: &str) -> Printer {
        Printer::opening("//! ", about)
    }

    /// A file whose items another file includes.
    pub(crate) fn included(about: &str) -> Printer {
        Printer::opening("// ", about)
    }

    fn opening(mark: &str, about: &str) -> Printer {
        let mut text = String::with_capacity(1 << 16);
        text.push_str(mark);
        text.extend(
            about
                .chars()
                .map(|char| if char.is_control() { ' ' } else { char }),
        );
        Printer {
            text,
            line: 1,
            column: 0,
            map: SourceMap::default(),
            indent: 0,
            last: Last::Line(Kind::InnerDoc),
            wasted: 0,
        }
    }

    /// Prints items.
    pub(crate) fn items(&mut self, code: &Tokens) {
        let row = measure(code);
        Layout {
            row: &row,
            printer: self,
        }
        .items(0, row.tokens.len());
    }

    /// Prints the head of a module; the items that follow stand in it.
    pub(crate) fn begin_module(&mut self, head: &Tokens) {
        let row = measure(head);
        let mut layout = Layout {
            row: &row,
            printer: self,
        };
        let indent = layout.printer.indent;
        let start = layout.behind_attributes(0, row.tokens.len());
        layout.part_items(Last::Item);
        layout.attributes(0, start, indent);
        layout.new_line(indent);
        layout.flat(start, row.tokens.len());
        layout.write(" {");
        self.indent += TAB;
        self.last = Last::Start;
    }

    /// Ends the innermost module.
    pub(crate) fn end_module(&mut self) {
        self.indent = self.indent.saturating_sub(TAB);
        self.new_line(self.indent);
        self.write("}");
        self.last = Last::Item;
    }

    /// Where the lines so far come from.
    pub(crate) fn map(&self) -> &SourceMap {
        &self.map
    }

    /// The number of the line that was written last.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The text, and where its lines come from.
    pub(crate) fn finish(mut self) -> (String, SourceMap) {
        self.text.push('\n');
        (self.text, self.map)
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.len();
    }

    fn new_line(&mut self, indent: usize) {
        const BLANKS: &str = "                                                                ";
        self.text.push('\n');
        self.line += 1;
        let mut left = indent;
        while left > 0 {
            let part = left.min(BLANKS.len());
            self.text.push_str(&BLANKS[..part]);
            left -= part;
        }
        self.column = indent;
    }

    fn mark(&self) -> Mark {
        Mark {
            bytes: self.text.len(),
            line: self.line,
            column: self.column,
            entries: self.map.entries.len(),
        }
    }

    fn take_back(&mut self, to: Mark) {
        self.wasted += self.text.len() - to.bytes;
        self.text.truncate(to.bytes);
        self.line = to.line;
        self.column = to.column;
        self.map.entries.truncate(to.entries);
    }
}

/// A row of tokens being laid out.
struct Layout<'a> {
    row: &'a Row<'a>,
    printer: &'a mut Printer,
}

impl<'a> Layout<'a> {
    fn token(&self, at: usize) -> Option<&'a Measured<'a>> {
        self.row.tokens.get(at)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.row.kind(at)
    }

    fn text(&self, at: usize) -> &'a str {
        self.token(at).map_or("", |token| token.text)
    }

    fn write(&mut self, text: &str) {
        self.printer.write(text);
    }

    fn new_line(&mut self, indent: usize) {
        self.printer.new_line(indent);
    }

    /// Writes a range on the line that has begun.
    fn flat(&mut self, from: usize, to: usize) {
        let tokens = self.row.tokens.get(from..to).unwrap_or_default();
        let text = &mut self.printer.text;
        for (number, token) in tokens.iter().enumerate() {
            if number > 0 && token.is_spaced {
                text.push(' ');
            }
            text.push_str(token.text);
        }
        self.printer.column += self.row.width(from, to);
    }

    /// Whether a range, and `tail` columns behind it, may stand on the line that has begun.
    fn fits(&self, from: usize, to: usize, tail: usize) -> bool {
        self.printer.column + self.row.width(from, to) + tail <= WIDTH_MAX
            && !self.row.is_broken(from, to)
    }

    /// Whether a range would fit on a line of its own.
    fn fits_at(&self, indent: usize, from: usize, to: usize, tail: usize) -> bool {
        indent + self.row.width(from, to) + tail <= WIDTH_MAX && !self.row.is_broken(from, to)
    }

    /// The first token of a kind in a range that is in no brackets.
    fn find(&self, kind: Kind, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        while at < to {
            let token = self.token(at)?;
            if token.kind == kind {
                return Some(at);
            }
            at = if token.kind.opens() {
                token.pair as usize + 1
            } else {
                at + 1
            };
        }
        None
    }

    /// The line so far, without its indentation.
    fn last_line(&self) -> &str {
        let last = self.printer.text.rsplit('\n').next();
        last.unwrap_or_default().trim_start()
    }

    /// The text since a mark.
    fn since(&self, mark: Mark) -> &str {
        self.printer.text.get(mark.bytes..).unwrap_or_default()
    }

    /// Whether there is time to try two ways and take one back: trials inside trials double with each level, so that
    /// what is nested without measure has to be content with the first way.
    fn may_try(&self) -> bool {
        self.printer.wasted <= WASTED_MAX + WASTED_RATIO_MAX * self.printer.text.len()
    }

    /// How many lines were begun since a mark.
    fn lines_since(&self, mark: Mark) -> u32 {
        self.printer.line - mark.line
    }

    /// Notes where the next line comes from.
    fn place(&mut self, position: usize) {
        let line = self.printer.line + 1;
        let Some(&span) = self
            .token(position)
            .and_then(|token| self.row.spans.get(token.pair as usize))
        else {
            return;
        };
        match self.printer.map.entries.last_mut() {
            // Two markers without a line between them: the inner one is the better answer.
            Some(last) if last.line == line => last.span = span,
            _ => self.printer.map.entries.push(MapEntry { line, span }),
        }
    }
}
