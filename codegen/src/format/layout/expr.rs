//! Expressions that do not fit on their line.

use super::super::measured::Role;
use super::super::token::Kind;
use super::{Layout, TAB};

impl Layout<'_> {
    /// Writes an expression from the current column on. What it is broken into is indented below `indent`;
    /// `tail` columns follow it on its last line.
    pub(super) fn expr(&mut self, from: usize, to: usize, indent: usize, tail: usize) {
        if self.fits(from, to, tail) || from >= to {
            self.flat(from, to);
            return;
        }
        match self.kind(from) {
            Some(Kind::Return | Kind::Break) => {
                self.write(self.text(from));
                if from + 1 < to {
                    self.write(" ");
                    self.expr(from + 1, to, indent, tail);
                }
                return;
            }
            _ if self.is_closure(from) => return self.closure(from, to, indent, tail),
            _ => {}
        }
        if self.end_of_control(from, to) == Some(to) {
            return self.control(from, to, indent);
        }
        if let Some(sign) = self.loosest_sign(from, to) {
            return self.pairs(from, to, sign, indent, indent + TAB, tail);
        }
        match self.kind(from) {
            Some(Kind::Prefix | Kind::Bang | Kind::Keyword) => {
                self.write(self.text(from));
                if self.token(from + 1).is_some_and(|token| token.is_spaced) {
                    self.write(" ");
                }
                self.expr(from + 1, to, indent, tail);
            }
            _ => self.postfix(from, to, indent, tail),
        }
    }

    /// The operator that binds least in an expression.
    fn loosest_sign(&self, from: usize, to: usize) -> Option<&'static str> {
        const LOOSEST_FIRST: [&[&str]; 8] = [
            &["||"],
            &["&&"],
            &["==", "!=", "<", ">", "<=", ">="],
            &["|"],
            &["^"],
            &["&"],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        let mut found: Option<(usize, &'static str)> = None;
        let mut at = from;
        while at < to {
            let token = self.token(at)?;
            match token.kind {
                Kind::Sign => {
                    for (level, signs) in LOOSEST_FIRST.iter().enumerate() {
                        if let Some(&sign) = signs.iter().find(|&&sign| sign == token.text)
                            && found.is_none_or(|(best, _)| level <= best)
                        {
                            found = Some((level, sign));
                        }
                    }
                    at += 1;
                }
                // A closure takes all that follows.
                Kind::Bar | Kind::Bars => break,
                kind if kind.opens() => at = token.pair as usize + 1,
                _ => at += 1,
            }
        }
        found.map(|(_, sign)| sign)
    }

    /// `a + b + c`, broken before each `+`.
    pub(super) fn pairs(
        &mut self,
        from: usize,
        to: usize,
        sign: &str,
        indent: usize,
        below: usize,
        tail: usize,
    ) {
        let mut start = from;
        let mut at = from;
        let mut level = indent;
        while at < to {
            let Some(token) = self.token(at) else { return };
            if token.kind == Kind::Sign && token.text == sign {
                let mark = self.printer.mark();
                self.expr(start, at, level, 0);
                // What ends in a bracket or two goes on behind them.
                if self.printer.line != mark.line && self.last_line().len() <= sign.len() + 1 {
                    self.write(" ");
                } else {
                    self.new_line(below);
                }
                self.write(sign);
                self.write(" ");
                level = below;
                start = at + 1;
            }
            at = if token.kind.opens() {
                token.pair as usize + 1
            } else {
                at + 1
            };
        }
        self.expr(start, to, level, tail);
    }

    /// `|parameters| body`, perhaps with `move` before.
    fn closure(&mut self, from: usize, to: usize, indent: usize, tail: usize) {
        let bar = from + usize::from(self.kind(from) == Some(Kind::Keyword));
        let mut body = match self.kind(bar) {
            Some(Kind::Bars) => bar + 1,
            _ => self.find(Kind::Bar, bar + 1, to).map_or(to, |bar| bar + 1),
        };
        if self.kind(body) == Some(Kind::Arrow) {
            body = self.find(Kind::OpenBrace, body, to).unwrap_or(to);
        }
        self.flat(from, body);
        self.write(" ");
        let is_block = self
            .token(body)
            .is_some_and(|token| token.kind == Kind::OpenBrace && token.role == Role::Block);
        if is_block {
            self.block(body, indent);
        } else if matches!(self.kind(body), Some(Kind::Match | Kind::Loop | Kind::If))
            || self.fits(body, to, tail)
        {
            self.expr(body, to, indent, tail);
        } else {
            self.write("{");
            self.new_line(indent + TAB);
            self.expr(body, to, indent + TAB, 0);
            self.new_line(indent);
            self.write("}");
        }
    }
}
