//! Blocks, statements, `if`, `match` and loops.

use super::super::measured::Role;
use super::super::token::Kind;
use super::{Layout, TAB, WIDTH_MAX};

impl Layout<'_> {
    /// `{ … }` of statements or arms, from its bracket on.
    pub(super) fn block(&mut self, open: usize, indent: usize) {
        let close = self.row.pair(open);
        if open + 1 >= close {
            self.write("{}");
            return;
        }
        self.write("{");
        if self
            .token(open)
            .is_some_and(|token| token.role == Role::Arms)
        {
            self.arms(open + 1, close, indent + TAB);
        } else {
            self.statements(open + 1, close, indent + TAB);
        }
        self.new_line(indent);
        self.write("}");
    }

    /// Statements, each on its line.
    fn statements(&mut self, from: usize, to: usize, indent: usize) {
        let mut at = from;
        while at < to {
            if self.kind(at) == Some(Kind::Position) {
                self.place(at);
                at += 1;
                continue;
            }
            let end = self.end_of_statement(at, to);
            self.new_line(indent);
            self.statement(at, end, indent);
            at = end;
        }
    }

    /// Behind the statement that begins somewhere.
    fn end_of_statement(&self, from: usize, to: usize) -> usize {
        if let Some(close) = self.end_of_control(from, to) {
            match self.kind(close) {
                Some(Kind::Semicolon) if close < to => return close + 1,
                Some(Kind::Dot | Kind::Question) if close < to => {}
                _ => return close,
            }
        }
        self.find(Kind::Semicolon, from, to)
            .map_or(to, |semicolon| semicolon + 1)
    }

    /// Behind the closing brace of an `if`, `match`, loop or block that begins somewhere.
    pub(super) fn end_of_control(&self, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        if self.kind(at) == Some(Kind::Lifetime) && self.kind(at + 1) == Some(Kind::Colon) {
            at += 2;
        }
        let is_choice = match self.kind(at)? {
            Kind::If => true,
            Kind::Match | Kind::While | Kind::For | Kind::Loop | Kind::OpenBrace => false,
            _ => return None,
        };
        let open = self.find(Kind::OpenBrace, at, to)?;
        let mut close = self.row.pair(open) + 1;
        while is_choice && close < to && self.kind(close) == Some(Kind::Else) {
            let open = self.find(Kind::OpenBrace, close, to)?;
            close = self.row.pair(open) + 1;
        }
        Some(close)
    }

    fn statement(&mut self, from: usize, end: usize, indent: usize) {
        let has_semicolon = self.kind(end.wrapping_sub(1)) == Some(Kind::Semicolon);
        let to = if has_semicolon { end - 1 } else { end };
        let tail = usize::from(has_semicolon);
        if self.end_of_control(from, to) == Some(to) {
            self.control(from, to, indent);
        } else if self.fits(from, to, tail) {
            self.flat(from, to);
        } else if let Some(sign) = self.find(Kind::Assign, from, to) {
            self.assignment(from, sign, to, indent, tail);
        } else {
            self.expr(from, to, indent, tail);
        }
        if has_semicolon {
            self.write(";");
        }
    }

    /// `left = right`, `let left = right`.
    pub(super) fn assignment(
        &mut self,
        from: usize,
        sign: usize,
        to: usize,
        indent: usize,
        tail: usize,
    ) {
        self.flat(from, sign + 1);
        self.right_side(sign + 1, to, indent, tail);
    }

    /// What stands behind `=`, or behind the `:` of a field: on the same line, or, if that looks better, on the next.
    pub(super) fn right_side(&mut self, from: usize, to: usize, indent: usize, tail: usize) {
        if self.fits(from, to, tail + 1) {
            self.write(" ");
            self.flat(from, to);
            return;
        }
        let next = indent + TAB;
        let mark = self.printer.mark();
        if self.fits_at(next, from, to, tail) && !self.starts_control(from) {
            self.new_line(next);
            self.flat(from, to);
            return;
        }
        self.write(" ");
        self.expr(from, to, indent, tail);
        if self.starts_control(from) || self.printer.line == mark.line || !self.may_try() {
            return;
        }
        let same = self.since(mark).to_owned();
        let same_breaks = self.lines_since(mark);
        let after = self.printer.mark();
        let entries = self.printer.map.entries.split_off(mark.entries);
        self.printer.take_back(mark);
        self.new_line(next);
        self.expr(from, to, next, tail);
        let next_breaks = self.lines_since(mark) - 1;
        let prefers_next = next_breaks == 0
            || same_breaks > next_breaks + 1
            || opens_first_line(&same, self.since(mark).trim_start());
        if prefers_next {
            return;
        }
        self.printer.take_back(mark);
        self.printer.text.push_str(&same);
        self.printer.line = after.line;
        self.printer.column = after.column;
        self.printer.map.entries.extend(entries);
    }

    /// Whether an expression begins with a block or a keyword before one.
    pub(super) fn starts_control(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            Some(
                Kind::If
                    | Kind::Match
                    | Kind::Loop
                    | Kind::While
                    | Kind::For
                    | Kind::OpenBrace
                    | Kind::Bar
                    | Kind::Bars
            )
        )
    }

    /// `if`, `match`, a loop or a block, all of it.
    pub(super) fn control(&mut self, from: usize, to: usize, indent: usize) {
        let mut at = from;
        while at < to {
            let Some(open) = self.find(Kind::OpenBrace, at, to) else {
                self.flat(at, to);
                return;
            };
            if at < open {
                if at > from {
                    self.write(" ");
                }
                let first = self.printer.line;
                self.head(at, open, indent);
                // A head of several lines is parted from the block, unless it ends in brackets only.
                let is_full = self.printer.column + 2 > WIDTH_MAX;
                let is_long = self.printer.line != first && !ends_in_brackets(&self.printer.text);
                if is_long || is_full {
                    self.new_line(indent);
                } else {
                    self.write(" ");
                }
            }
            self.block(open, indent);
            at = self.row.pair(open) + 1;
        }
    }

    /// `else if let pattern = value`, up to the brace.
    fn head(&mut self, from: usize, to: usize, indent: usize) {
        if self.fits(from, to, 0) {
            self.flat(from, to);
            return;
        }
        let mut at = from;
        while matches!(
            self.kind(at),
            Some(Kind::Else | Kind::If | Kind::Match | Kind::While | Kind::Lifetime | Kind::Colon)
        ) {
            if at > from && self.token(at).is_some_and(|token| token.is_spaced) {
                self.write(" ");
            }
            self.write(self.text(at));
            at += 1;
        }
        if at > from && at < to {
            self.write(" ");
        }
        match (self.kind(at), self.find(Kind::Assign, at, to)) {
            (Some(Kind::Let), Some(sign)) => {
                self.flat(at, sign + 1);
                self.write(" ");
                self.expr(sign + 1, to, indent, 2);
            }
            (Some(Kind::For), _) => match self.find_word("in", at, to) {
                Some(word) => {
                    self.flat(at, word + 1);
                    self.write(" ");
                    self.expr(word + 1, to, indent, 2);
                }
                None => self.flat(at, to),
            },
            _ => self.expr(at, to, indent, 2),
        }
    }

    fn find_word(&self, word: &str, from: usize, to: usize) -> Option<usize> {
        (from..to).find(|&at| self.kind(at) == Some(Kind::Keyword) && self.text(at) == word)
    }

    /// The arms of a `match`.
    fn arms(&mut self, from: usize, to: usize, indent: usize) {
        let mut at = from;
        while at < to {
            let Some(arrow) = self.find(Kind::FatArrow, at, to) else {
                return;
            };
            self.new_line(indent);
            self.pattern(at, arrow, indent);
            self.write(" =>");
            let body = arrow + 1;
            let is_block = self
                .token(body)
                .is_some_and(|token| token.kind == Kind::OpenBrace && token.role == Role::Block);
            let end = if is_block {
                self.row.pair(body) + 1
            } else {
                self.find(Kind::Comma, body, to).unwrap_or(to)
            };
            if is_block {
                self.arm_block(body, end, indent);
            } else {
                self.arm_value(body, end, indent);
            }
            at = end;
            if self.kind(at) == Some(Kind::Comma) {
                at += 1;
            }
        }
    }

    fn pattern(&mut self, from: usize, to: usize, indent: usize) {
        if self.fits(from, to, 5) {
            self.flat(from, to);
        } else {
            self.pairs(from, to, "|", indent, indent, 5);
        }
    }

    fn arm_block(&mut self, open: usize, end: usize, indent: usize) {
        let close = end - 1;
        let is_value = open + 1 < close && !self.row.is_broken(open, end);
        if is_value && self.fits(open + 1, close, 2) && !self.starts_control(open + 1) {
            self.write(" ");
            self.flat(open + 1, close);
            self.write(",");
            return;
        }
        self.write(" ");
        self.block(open, indent);
    }

    fn arm_value(&mut self, from: usize, to: usize, indent: usize) {
        if self.fits(from, to, 2) {
            self.write(" ");
            self.flat(from, to);
            self.write(",");
            return;
        }
        let mark = self.printer.mark();
        if !self.fits_at(indent + TAB, from, to, 0) {
            self.write(" ");
            self.expr(from, to, indent, 1);
            if self.starts_control(from) || self.lines_since(mark) > 0 || !self.may_try() {
                self.write(",");
                return;
            }
            self.printer.take_back(mark);
        }
        self.write(" {");
        self.new_line(indent + TAB);
        self.expr(from, to, indent + TAB, 0);
        self.new_line(indent);
        self.write("}");
    }
}

/// Whether the last line of a text is nothing but closing brackets and the like.
pub(super) fn ends_in_brackets(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    last.trim_start()
        .chars()
        .all(|char| matches!(char, '(' | ')' | ']' | '}' | '?' | '>'))
}

/// Whether the first line of an expression ends in a bracket only if it stands behind `=`.
fn opens_first_line(same: &str, next: &str) -> bool {
    let first = |text: &str, end: char| {
        let first = text.lines().next().unwrap_or_default();
        first.ends_with(end)
    };
    ['(', '{', '[']
        .iter()
        .any(|&end| first(same, end) && !first(next, end))
}
