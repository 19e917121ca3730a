//! Loops, `break` and `continue`.

use cmsl_parser::{Diagnostic, Span, ast};

use super::convert::widens;
use super::{Jump, Lower};
use crate::check::types;
use crate::ir::{Conversion, Label, StmtKind, Type};

impl<'a> Lower<'_, 'a> {
    /// Runs something inside a loop or switch; says whether a `break` leaves it.
    pub fn inside<T>(
        &mut self,
        is_loop: bool,
        run: impl FnOnce(&mut Self) -> T,
    ) -> (Label, T, bool) {
        let label = self.label();
        self.jumps.push(Jump {
            label,
            is_loop,
            broken: false,
            continued: false,
        });
        let outcome = run(self);
        let broken = self.jumps.pop().is_some_and(|jump| jump.broken);
        (label, outcome, broken)
    }

    pub fn while_loop(
        &mut self,
        condition: &'a ast::Expr,
        body: &'a ast::Stmt,
    ) -> (StmtKind, bool) {
        let condition = self.condition(condition);
        let (label, (body, _), broken) = self.inside(true, |lower| lower.body(body));
        let reachable = broken || !Self::is_true(&condition);
        let kind = StmtKind::While {
            label,
            condition,
            body,
        };
        (kind, reachable)
    }

    pub fn do_while(&mut self, body: &'a ast::Stmt, condition: &'a ast::Expr) -> (StmtKind, bool) {
        let (label, (body, tests), broken) = self.inside(true, |lower| {
            let (body, ends) = lower.body(body);
            let continued = lower.jumps.last().is_some_and(|jump| jump.continued);
            (body, ends || continued)
        });
        let condition = self.condition(condition);
        let reachable = broken || (tests && !Self::is_true(&condition));
        let kind = StmtKind::DoWhile {
            label,
            body,
            condition,
        };
        (kind, reachable)
    }

    pub fn for_loop(&mut self, item: &'a ast::For) -> (StmtKind, bool) {
        self.scoped(|lower| {
            let mut init = Vec::new();
            for stmt in &item.initial {
                lower.stmt(stmt, &mut init);
            }
            let condition = item.condition.as_ref().map(|c| lower.condition(c));
            let mut step = Vec::new();
            for stmt in &item.step {
                lower.stmt(stmt, &mut step);
            }
            let (label, (body, _), broken) = lower.inside(true, |lower| lower.body(&item.body));
            let reachable = broken || condition.as_ref().is_some_and(|c| !Self::is_true(c));
            let kind = StmtKind::For {
                label,
                init,
                condition,
                step,
                body,
            };
            (kind, reachable)
        })
    }

    pub fn for_in(&mut self, item: &'a ast::ForIn) -> (StmtKind, bool) {
        let declared = self.checker.value_type(&item.ty, self.scope);
        let collection = self.value(&item.collection);
        let types = &self.checker.program.types;
        let element = match collection.ty {
            Type::List(id) | Type::Set(id) | Type::Bag(id) | Type::Array(id) => Some(types.at(id)),
            Type::Map(key, _) => Some(types.at(key)),
            Type::String => Some(Type::Char),
            Type::Class(_) => Some(collection.ty),
            Type::Poison => Some(Type::Poison),
            _ => None,
        };
        if element.is_none() {
            let message = format!("`{}` cannot be gone through", self.show(collection.ty));
            self.report(Diagnostic::new(
                types::NOT_ITERABLE,
                collection.span,
                message,
            ));
        }
        let element = element.unwrap_or(Type::Poison);
        let conversion = self.element_conversion(element, declared, item.ty.span);
        self.scoped(|lower| {
            let local = lower.declare(&item.name, declared);
            let (label, (body, _), _) = lower.inside(true, |lower| lower.body(&item.body));
            let kind = StmtKind::ForEach {
                label,
                local,
                conversion,
                collection,
                body,
            };
            (kind, true)
        })
    }

    fn element_conversion(&mut self, from: Type, to: Type, span: Span) -> Option<Conversion> {
        if from == Type::Poison || to == Type::Poison || self.same(from, to) {
            return None;
        }
        if widens(from, to) {
            return Some(Conversion::Widen);
        }
        if let (Type::Class(from), Type::Class(to)) = (from, to)
            && self.checker.program.derives_from(from, to)
        {
            return Some(Conversion::Upcast);
        }
        let (expected, found) = (self.show(to), self.show(from));
        let message = format!("the elements are `{found}`, not `{expected}`");
        self.report(
            Diagnostic::new(types::MISMATCH, span, message).help(format!("write `{found}`")),
        );
        None
    }

    pub fn for_every(&mut self, item: &'a ast::ForEvery) -> (StmtKind, bool) {
        let low = self.value(&item.low.value);
        let high = self.value(&item.high.value);
        let span = low.span.to(high.span);
        let mut ty = Type::Int;
        let mut bounds = (low, high);
        for bound in [&bounds.0, &bounds.1] {
            if bound.ty != Type::Poison && !bound.ty.is_integer() {
                let found = self.show(bound.ty);
                let message = format!("a bound of `for every` is an integer, not `{found}`");
                let diagnostic = Diagnostic::new(types::MISMATCH, bound.span, message);
                self.checker.report(diagnostic);
                ty = Type::Poison;
            }
        }
        if ty != Type::Poison && bounds.0.ty != Type::Poison && bounds.1.ty != Type::Poison {
            let (low, high) = bounds;
            let Some(met) = self.meet_numbers(low, high, span) else {
                self.scoped(|lower| {
                    lower.declare(&item.name, Type::Poison);
                    lower.inside(true, |lower| lower.body(&item.body))
                });
                return (StmtKind::Block(crate::ir::Block::default()), true);
            };
            bounds = met;
            ty = bounds.0.ty;
        }
        let (low, high) = bounds;
        self.scoped(|lower| {
            let local = lower.declare(&item.name, ty);
            let (label, (body, _), _) = lower.inside(true, |lower| lower.body(&item.body));
            let kind = StmtKind::ForEvery {
                label,
                local,
                low,
                low_exclusive: !item.low.inclusive,
                high,
                high_inclusive: item.high.inclusive,
                body,
            };
            (kind, true)
        })
    }

    pub fn break_out(&mut self, span: Span) -> Option<StmtKind> {
        if let Some(jump) = self.jumps.last_mut() {
            jump.broken = true;
            return Some(StmtKind::Break(jump.label));
        }
        let message = "`break` stands in no loop or switch";
        self.report(Diagnostic::new(types::STRAY_JUMP, span, message));
        None
    }

    pub fn continue_on(&mut self, span: Span) -> Option<StmtKind> {
        if let Some(jump) = self.jumps.iter_mut().rev().find(|jump| jump.is_loop) {
            jump.continued = true;
            return Some(StmtKind::Continue(jump.label));
        }
        let message = "`continue` stands in no loop";
        self.report(Diagnostic::new(types::STRAY_JUMP, span, message));
        None
    }
}
