//! Calls, chains of calls, values of structs: an operand and what stands behind it.

use super::super::measured::Role;
use super::super::token::Kind;
use super::{Layout, TAB, WIDTH_MAX};

/// The widest chain of more than one link that stands on one line.
const CHAIN_WIDTH_MAX: usize = 60;

impl Layout<'_> {
    /// An operand with what stands behind it: `path(…)?`, `Path { … }`, `a.b(…)?.c`.
    pub(super) fn postfix(&mut self, from: usize, to: usize, indent: usize, tail: usize) {
        let links = self.links(from, to);
        let Some((&last, before)) = links.split_last() else {
            return self.operand(from, to, indent, tail);
        };
        let root = (from, before.first().copied().unwrap_or(last));
        let mark = self.printer.mark();
        // First with nothing broken but the arguments of the last link.
        let budget = if before.is_empty() {
            WIDTH_MAX.saturating_sub(mark.column)
        } else {
            CHAIN_WIDTH_MAX.min(WIDTH_MAX.saturating_sub(mark.column))
        };
        let head = self.row.width(from, last);
        if !self.row.is_broken(from, last) && head < budget {
            self.flat(from, last);
            self.operand(last, to, indent, tail);
            if !self.may_try() {
                return;
            }
            let lines = self.lines_since(mark);
            let first = self.since(mark).lines().next().unwrap_or_default();
            let fits = first.len() <= budget;
            let own_line = indent + TAB + self.row.width(last, to) + tail <= WIDTH_MAX
                && !self.row.is_broken(last, to);
            // The last link alone on a line, if it fits there, looks better than a few lines of arguments.
            if fits && (lines >= 4 || !own_line) {
                return;
            }
            self.printer.take_back(mark);
        }
        self.vertical_chain(root, &links, to, indent, tail);
    }

    /// Where the links of a chain begin: at each `.` outside brackets.
    fn links(&self, from: usize, to: usize) -> Vec<usize> {
        let mut links = Vec::new();
        let mut at = from;
        while let Some(dot) = self.find(Kind::Dot, at, to) {
            links.push(dot);
            at = dot + 1;
        }
        links
    }

    fn vertical_chain(
        &mut self,
        root: (usize, usize),
        links: &[usize],
        to: usize,
        indent: usize,
        tail: usize,
    ) {
        let mark = self.printer.mark();
        self.operand(root.0, root.1, indent, 0);
        let mut rest = links;
        // A root that is as short as a tab takes the first link along.
        let room = TAB.saturating_sub(mark.column.saturating_sub(indent));
        if self.printer.column - mark.column.min(self.printer.column) <= room
            && self.printer.line == mark.line
            && let [first, others @ ..] = rest
        {
            let end = others.first().copied().unwrap_or(to);
            self.operand(
                *first,
                end,
                indent,
                if others.is_empty() { tail } else { 0 },
            );
            rest = others;
        }
        let is_extended =
            self.printer.line != mark.line && super::control::ends_in_brackets(&self.printer.text);
        let below = if is_extended { indent } else { indent + TAB };
        for (number, &link) in rest.iter().enumerate() {
            let end = rest.get(number + 1).copied().unwrap_or(to);
            let tail = if end == to { tail } else { 0 };
            self.new_line(below);
            self.operand(link, end, below, tail);
        }
    }

    /// An operand without links, or one link: names, and brackets behind them.
    fn operand(&mut self, from: usize, to: usize, indent: usize, tail: usize) {
        if self.fits(from, to, tail) {
            return self.flat(from, to);
        }
        let mut at = from;
        let mut start = from;
        while at < to {
            let Some(token) = self.token(at) else { return };
            if token.kind.opens() {
                self.flat(start, at);
                if token.is_spaced && at > from {
                    self.write(" ");
                }
                let close = token.pair as usize;
                let behind = tail + self.row.width(close + 1, to);
                if matches!(token.role, Role::Block | Role::Arms) {
                    self.block(at, indent);
                } else {
                    self.list(at, indent, behind);
                }
                start = close + 1;
                at = start;
            } else {
                at += 1;
            }
        }
        self.flat(start, to);
    }
}
