//! Lists in brackets: arguments, fields, arrays.

use super::super::measured::Role;
use super::super::token::Kind;
use super::{Layout, TAB, WIDTH_MAX};

impl Layout<'_> {
    /// The items between brackets: from and to.
    pub(super) fn items_between(&self, open: usize) -> Vec<(usize, usize)> {
        let close = self.row.pair(open);
        let mut items = Vec::new();
        let (mut start, mut at) = (open + 1, open + 1);
        let (mut angles, mut is_in_bars) = (0_usize, false);
        while at < close {
            let Some(token) = self.token(at) else { break };
            match token.kind {
                Kind::LeftAngle => angles += 1,
                Kind::RightAngle => angles = angles.saturating_sub(token.text.len()),
                Kind::Bar => is_in_bars = !is_in_bars,
                Kind::Comma if angles == 0 && !is_in_bars => {
                    items.push((start, at));
                    start = at + 1;
                }
                _ => {}
            }
            at = if token.kind.opens() {
                token.pair as usize + 1
            } else {
                at + 1
            };
        }
        if start < close {
            items.push((start, close));
        }
        items
    }

    /// `(…)`, `[…]` or `{…}` of a list that does not fit, or has to be broken.
    pub(super) fn list(&mut self, open: usize, indent: usize, tail: usize) {
        let close = self.row.pair(open);
        if self.fits(open, close + 1, tail) || open + 1 == close {
            self.flat(open, close + 1);
            return;
        }
        self.broken_list(open, indent, tail);
    }

    /// A list over several lines, whether or not it fits on one.
    fn broken_list(&mut self, open: usize, indent: usize, tail: usize) {
        let items = self.items_between(open);
        let role = self.token(open).map_or(Role::None, |token| token.role);
        if let [(from, to)] = items[..]
            && self.is_group(open, to)
        {
            self.write("(");
            self.expr(from, to, indent, tail + 1);
            self.write(")");
            return;
        }
        if role == Role::Arguments && self.overflowed(open, &items, indent, tail) {
            return;
        }
        self.vertical(open, &items, indent);
    }

    fn vertical(&mut self, open: usize, items: &[(usize, usize)], indent: usize) {
        let role = self.token(open).map_or(Role::None, |token| token.role);
        self.write(self.text(open));
        let is_single_of_macro = items.len() == 1 && self.is_macro(open);
        for &(from, to) in items {
            self.new_line(indent + TAB);
            if role == Role::Fields {
                self.field(from, to, indent + TAB);
            } else {
                self.expr(from, to, indent + TAB, 1);
            }
            if self.kind(from) != Some(Kind::Range) && !is_single_of_macro {
                self.write(",");
            }
        }
        self.new_line(indent);
        self.write(self.text(self.row.pair(open)));
    }

    /// Whether parentheses do nothing but hold an expression together.
    fn is_group(&self, open: usize, end: usize) -> bool {
        let before = open.checked_sub(1).and_then(|before| self.kind(before));
        self.kind(open) == Some(Kind::OpenParen)
            && end == self.row.pair(open)
            && !before.is_some_and(|before| before.ends_operand() || before == Kind::Bang)
    }

    fn is_macro(&self, open: usize) -> bool {
        self.kind(open.wrapping_sub(1)) == Some(Kind::Bang)
    }

    /// `name: value`, `name`, or `..rest`.
    fn field(&mut self, from: usize, to: usize, indent: usize) {
        match self.find(Kind::Colon, from, to) {
            Some(colon) => {
                self.flat(from, colon + 1);
                self.right_side(colon + 1, to, indent, 1);
            }
            None => self.expr(from, to, indent, 0),
        }
    }

    /// Writes all but the last item on this line and lets the last one run on below, if it is of that kind.
    fn overflowed(
        &mut self,
        open: usize,
        items: &[(usize, usize)],
        indent: usize,
        tail: usize,
    ) -> bool {
        let Some((&(from, to), before)) = items.split_last() else {
            return false;
        };
        let closures = items.iter().filter(|item| self.is_closure(item.0)).count();
        if closures > 1
            || !self.may_try()
            || !(self.may_overflow(from, to, items.len()) || self.is_short_callee(open, items))
            || self.row.is_broken(open, from)
        {
            return false;
        }
        let mark = self.printer.mark();
        self.write(self.text(open));
        for &(from, to) in before {
            self.flat(from, to);
            self.write(", ");
        }
        match self.row.nested_call(open) {
            Some(inner)
                if items.len() == 1
                    && self.row.width(from, to) > super::ARGUMENTS_WIDTH_MAX
                    && self.ends_call(inner, to) =>
            {
                self.flat(from, inner);
                self.broken_list(inner, indent, tail + 1);
                self.flat(self.row.pair(inner) + 1, to);
            }
            _ => self.expr(from, to, indent, tail + 1),
        }
        let first = self.since(mark).lines().next().unwrap_or_default();
        let breaks = self.lines_since(mark);
        let fits = mark.column + first.len() <= WIDTH_MAX;
        let is_worse = breaks == 0
            || (!self.is_closure(from)
                && breaks > 0
                && self.fits_at(indent + TAB, from, to, 1)
                && breaks == 1);
        if !fits || is_worse {
            self.printer.take_back(mark);
            return false;
        }
        let close = self.row.pair(open);
        // It makes a tuple of one item.
        if items.len() == 1 && to < close {
            self.write(",");
        }
        self.write(self.text(close));
        true
    }

    /// Whether a call, from its `(` on, is all there is up to somewhere.
    fn ends_call(&self, open: usize, to: usize) -> bool {
        (self.row.pair(open) + 1..to).all(|at| self.kind(at) == Some(Kind::Question))
    }

    /// Whether the only argument of `Ok(…)`, `Err(…)` and the like begins on the same line whatever it is.
    fn is_short_callee(&self, open: usize, items: &[(usize, usize)]) -> bool {
        let before = open.wrapping_sub(1);
        items.len() == 1
            && self.kind(before) == Some(Kind::Word)
            && self.text(before).len() < TAB
            && !matches!(
                self.kind(before.wrapping_sub(1)),
                Some(Kind::Path | Kind::Dot)
            )
    }

    pub(super) fn is_closure(&self, at: usize) -> bool {
        let moves = self.kind(at) == Some(Kind::Keyword) && self.text(at) == "move";
        matches!(
            self.kind(at + usize::from(moves)),
            Some(Kind::Bar | Kind::Bars)
        )
    }

    /// Whether the last of so many items may run on below the line on which it begins.
    fn may_overflow(&self, from: usize, to: usize, items: usize) -> bool {
        if self.loosest(from, to) {
            return false;
        }
        match self.kind(from) {
            Some(Kind::OpenBrace) => true,
            _ if self.is_closure(from) => true,
            Some(Kind::Prefix | Kind::Bang) => self.may_overflow(from + 1, to, items),
            Some(Kind::Match | Kind::If | Kind::Loop) => items == 1,
            Some(Kind::Word) => {
                let last = self.token(to.wrapping_sub(1)).map(|token| token.kind);
                let last = if last == Some(Kind::Question) {
                    self.token(to.wrapping_sub(2)).map(|token| token.kind)
                } else {
                    last
                };
                items == 1 && last.is_some_and(Kind::closes) && self.is_line_but_last(from, to)
            }
            Some(Kind::OpenBracket) => items == 1 && self.row.pair(from) + 1 == to,
            Some(Kind::OpenParen) => {
                items == 1 && self.row.pair(from) + 1 == to && self.items_between(from).len() != 1
            }
            _ => false,
        }
    }

    fn loosest(&self, from: usize, to: usize) -> bool {
        self.find(Kind::Sign, from, to).is_some()
    }

    /// Whether all of a chain but the arguments of its last call may stand on one line.
    fn is_line_but_last(&self, from: usize, to: usize) -> bool {
        let mut last = from;
        let mut at = from;
        while at < to {
            let Some(token) = self.token(at) else { break };
            if token.kind.opens() {
                last = at;
                at = token.pair as usize + 1;
            } else {
                at += 1;
            }
        }
        !self.row.is_broken(from, last)
    }
}
