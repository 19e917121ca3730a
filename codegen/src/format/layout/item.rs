//! Items: what stands in files, modules and implementations.

use super::super::measured::Role;
use super::super::token::Kind;
use super::{Last, Layout, TAB, WIDTH_MAX};

/// The widest list of an attribute that stands on one line.
const ATTRIBUTE_WIDTH_MAX: usize = 73;

impl Layout<'_> {
    /// Items, with blank lines between.
    pub(super) fn items(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let end = self.end_of_item(at, to);
            self.item(at, end);
            at = end;
        }
    }

    /// Behind the item that begins somewhere: at its `;`, or at the brace that ends it.
    fn end_of_item(&self, from: usize, to: usize) -> usize {
        let start = self.behind_attributes(from, to);
        if start == to || self.is_inner_attribute(from) {
            return start;
        }
        let mut at = start;
        while at < to {
            let Some(token) = self.token(at) else { break };
            match token.kind {
                Kind::Semicolon => return at + 1,
                Kind::OpenBrace if matches!(token.role, Role::Fields) => {
                    at = token.pair as usize + 1;
                }
                Kind::OpenBrace => return token.pair as usize + 1,
                kind if kind.opens() => at = token.pair as usize + 1,
                _ => at += 1,
            }
        }
        to
    }

    fn is_inner_attribute(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::InnerDoc)
            || (self.kind(at) == Some(Kind::Hash) && self.kind(at + 1) == Some(Kind::Bang))
    }

    /// Behind doc comments, attributes and positions. Inner ones are items of their own.
    pub(super) fn behind_attributes(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to {
            match self.kind(at) {
                Some(Kind::InnerDoc) => return at + 1,
                Some(Kind::Doc | Kind::Position) => at += 1,
                Some(Kind::Hash) => {
                    let is_inner = self.kind(at + 1) == Some(Kind::Bang);
                    let open = at + 1 + usize::from(is_inner);
                    at = self.row.pair(open) + 1;
                    if is_inner {
                        return at;
                    }
                }
                _ => return at,
            }
        }
        to
    }

    /// Leaves a blank line between two items, unless they are lines of one kind.
    pub(super) fn part_items(&mut self, next: Last) {
        let last = self.printer.last;
        if last != Last::Start && !(last == next && matches!(next, Last::Line(_))) {
            self.printer.text.push('\n');
            self.printer.line += 1;
        }
    }

    fn item(&mut self, from: usize, end: usize) {
        let indent = self.printer.indent;
        let start = self.behind_attributes(from, end);
        let kind = self.kind_of_item(start);
        let this = if self.is_inner_attribute(from) {
            Last::Line(Kind::Hash)
        } else if start == from && matches!(kind, Kind::Use | Kind::Mod | Kind::Const) {
            Last::Line(kind)
        } else {
            Last::Item
        };
        self.part_items(this);
        self.attributes(from, start, indent);
        if start < end {
            self.new_line(indent);
            self.declaration(kind, start, end, indent);
        }
        self.printer.last = this;
    }

    /// The keyword that says what an item is.
    fn kind_of_item(&self, start: usize) -> Kind {
        let mut at = start;
        loop {
            match self.kind(at) {
                Some(Kind::Word) => at += 1,
                Some(Kind::OpenParen) => at = self.row.pair(at) + 1,
                kind => return kind.unwrap_or(Kind::Word),
            }
        }
    }

    pub(super) fn attributes(&mut self, from: usize, to: usize, indent: usize) {
        let mut at = from;
        while at < to {
            match self.kind(at) {
                Some(Kind::Position) => {
                    self.place(at);
                    at += 1;
                }
                Some(kind @ (Kind::Doc | Kind::InnerDoc)) => {
                    self.new_line(indent);
                    self.write(if kind == Kind::Doc { "///" } else { "//!" });
                    self.write(self.text(at));
                    at += 1;
                }
                _ => {
                    let is_inner = self.kind(at + 1) == Some(Kind::Bang);
                    let close = self.row.pair(at + 1 + usize::from(is_inner));
                    self.new_line(indent);
                    self.attribute(at, close + 1, indent);
                    at = close + 1;
                }
            }
        }
    }

    /// `#[name(…)]`.
    fn attribute(&mut self, from: usize, to: usize, indent: usize) {
        let inner = self.find(Kind::OpenBracket, from, to).unwrap_or(from);
        match self.find(Kind::OpenParen, inner + 1, to) {
            Some(open) if self.row.width(open, to) > ATTRIBUTE_WIDTH_MAX => {
                self.flat(from, open);
                self.write("(");
                for (number, (from, to)) in self.items_between(open).into_iter().enumerate() {
                    if number > 0 {
                        self.write(",");
                    }
                    self.new_line(indent + TAB);
                    self.flat(from, to);
                }
                self.new_line(indent);
                self.write(")]");
            }
            _ => self.flat(from, to),
        }
    }

    fn declaration(&mut self, kind: Kind, start: usize, end: usize, indent: usize) {
        match kind {
            Kind::Fn => self.function(start, end, indent),
            Kind::Const | Kind::Static => {
                let to = end - 1;
                match self.find(Kind::Assign, start, to) {
                    Some(sign) if !self.fits(start, to, 1) => {
                        self.assignment(start, sign, to, indent, 1);
                    }
                    _ => self.flat(start, to),
                }
                self.write(";");
            }
            Kind::Struct | Kind::Enum => match self.find(Kind::OpenBrace, start, end) {
                Some(open) => {
                    self.flat(start, open);
                    self.write(" ");
                    self.members(open, indent);
                }
                None => self.flat(start, end),
            },
            Kind::Impl | Kind::Mod => match self.find(Kind::OpenBrace, start, end) {
                Some(open) => {
                    self.flat(start, open);
                    self.write(" ");
                    self.inside(open, indent);
                }
                None => self.flat(start, end),
            },
            _ => self.flat(start, end),
        }
    }

    /// The items between the braces of an implementation or a module.
    fn inside(&mut self, open: usize, indent: usize) {
        let close = self.row.pair(open);
        if open + 1 == close {
            self.write("{}");
            return;
        }
        self.write("{");
        self.printer.indent = indent + TAB;
        self.printer.last = Last::Start;
        self.items(open + 1, close);
        self.printer.indent = indent;
        self.new_line(indent);
        self.write("}");
    }

    /// The fields of a struct, or the variants of an enumeration.
    fn members(&mut self, open: usize, indent: usize) {
        if open + 1 == self.row.pair(open) {
            self.write("{}");
            return;
        }
        self.write("{");
        for (from, to) in self.items_between(open) {
            let start = self.behind_attributes(from, to);
            self.attributes(from, start, indent + TAB);
            self.new_line(indent + TAB);
            self.flat(start, to);
            self.write(",");
        }
        self.new_line(indent);
        self.write("}");
    }

    /// A function.
    fn function(&mut self, start: usize, end: usize, indent: usize) {
        let Some(body) = self.find(Kind::OpenBrace, start, end) else {
            return self.flat(start, end);
        };
        let keyword = self.find(Kind::Fn, start, body).unwrap_or(start);
        let open = self.find(Kind::OpenParen, keyword, body).unwrap_or(body);
        if self.printer.column + self.row.width(start, body) + 2 <= WIDTH_MAX {
            self.flat(start, body);
        } else {
            self.flat(start, open);
            self.list(open, indent, WIDTH_MAX);
            let close = self.row.pair(open);
            self.write(" ");
            self.flat(close + 1, body);
        }
        self.write(" ");
        self.block(body, indent);
    }
}
