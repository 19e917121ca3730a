//! Statements. Each lowering says whether the end of the statement can be reached.

use std::collections::BTreeSet;

use cmsl_parser::{Diagnostic, Span, ast};

use super::operator::compute_op;
use super::{Lower, poison, typed};
use crate::check::{servers, types};
use crate::ir::{
    AssignOp, BinaryOp, Block, Catch, ClassId, Expr, ExprKind, Literal, Mutation, PlaceRoot,
    StepKind, Stmt, StmtKind, Type,
};

/// The most arms of an `if` that stand in each other.
const ARMS_NESTED_MAX: usize = 64;

impl<'a> Lower<'_, 'a> {
    /// `{ … }`: a scope of its own.
    pub fn block(&mut self, block: &'a ast::Block) -> (Block, bool) {
        self.scoped(|lower| lower.statements(&block.statements, block.span))
    }

    /// The statement under an `if` or loop, as a block.
    pub fn body(&mut self, stmt: &'a ast::Stmt) -> (Block, bool) {
        match &stmt.kind {
            ast::StmtKind::Block(block) => self.block(block),
            _ => self.scoped(|lower| lower.statements(std::slice::from_ref(stmt), stmt.span)),
        }
    }

    /// Statements in the scope that is open.
    pub fn statements(&mut self, statements: &'a [ast::Stmt], span: Span) -> (Block, bool) {
        let mut out = Vec::with_capacity(statements.len());
        let mut reachable = true;
        let mut reported = false;
        for stmt in statements {
            let counts = !matches!(stmt.kind, ast::StmtKind::Empty | ast::StmtKind::Error);
            if !reachable && !reported && counts {
                reported = true;
                let message = "this is never reached";
                self.report(Diagnostic::new(types::UNREACHABLE, stmt.span, message));
            }
            reachable &= self.stmt(stmt, &mut out);
        }
        let block = Block {
            statements: out,
            span,
        };
        (block, reachable)
    }

    /// A statement; true if what follows it can be reached.
    pub fn stmt(&mut self, stmt: &'a ast::Stmt, out: &mut Vec<Stmt>) -> bool {
        let span = stmt.span;
        let (kind, reachable) = match &stmt.kind {
            ast::StmtKind::Block(block) => {
                let (block, reachable) = self.block(block);
                (StmtKind::Block(block), reachable)
            }
            ast::StmtKind::Variables(variables) => {
                self.variables(variables, out);
                return true;
            }
            ast::StmtKind::Expr(expr) => (self.expr_statement(expr), true),
            ast::StmtKind::Assign {
                target,
                op,
                op_span,
                value,
            } => match self.assign(target, *op, *op_span, value, span) {
                Some(kind) => (kind, true),
                None => return true,
            },
            ast::StmtKind::If { arms, otherwise } => {
                match self.conditional_arms(arms, otherwise.as_deref()) {
                    Some(outcome) => outcome,
                    None => return true,
                }
            }
            ast::StmtKind::While { condition, body } => self.while_loop(condition, body),
            ast::StmtKind::DoWhile { body, condition } => self.do_while(body, condition),
            ast::StmtKind::For(item) => self.for_loop(item),
            ast::StmtKind::ForIn(item) => self.for_in(item),
            ast::StmtKind::ForEvery(item) => self.for_every(item),
            ast::StmtKind::Switch(switch) => self.switch(switch),
            ast::StmtKind::Break => match self.break_out(span) {
                Some(kind) => (kind, false),
                None => return true,
            },
            ast::StmtKind::Continue => match self.continue_on(span) {
                Some(kind) => (kind, false),
                None => return true,
            },
            ast::StmtKind::Return(value) => (self.return_value(value.as_ref(), span), false),
            ast::StmtKind::Try { body, catches } => self.try_catch(body, catches),
            ast::StmtKind::Throw(value) => (self.throw(value.as_ref(), span), false),
            ast::StmtKind::Assert(condition) => {
                let text = self.checker.text(condition.span);
                let condition = self.condition(condition);
                (StmtKind::Assert { condition, text }, true)
            }
            ast::StmtKind::Delete(target) => match self.delete(target) {
                Some(target) => (StmtKind::Delete(target), true),
                None => return true,
            },
            ast::StmtKind::Empty | ast::StmtKind::Error => return true,
        };
        out.push(Stmt { kind, span });
        reachable
    }

    fn variables(&mut self, variables: &'a ast::Variables, out: &mut Vec<Stmt>) {
        let base = self.checker.value_type(&variables.ty, self.scope);
        for (position, declarator) in variables.declarators.iter().enumerate() {
            // Each plain `future` learns its own result.
            let mut ty = match (position, base) {
                (0, _) => base,
                (_, Type::Future(_)) => self.checker.value_type(&variables.ty, self.scope),
                _ => base,
            };
            let length = declarator.size.as_ref().map(|size| {
                ty = self.checker.array_of(ty, declarator.span);
                self.array_length(size)
            });
            let init = declarator.value.as_ref().map(|value| {
                let note = format!("the value of `{}`", declarator.name);
                self.expect(value, ty, &note)
            });
            if variables.constant.is_some() && init.is_none() {
                let message = format!("the constant `{}` has no value", declarator.name);
                self.report(Diagnostic::new(
                    types::NOT_CONSTANT,
                    declarator.span,
                    message,
                ));
            }
            let local = self.declare(&declarator.name, ty);
            if let Some(fresh) = self.fresh.get_mut(local.index()) {
                *fresh = matches!(ty, Type::Class(_));
            }
            self.note_assigned(local, init.as_ref());
            self.note_host(local, init.as_ref());
            if variables.constant.is_some() {
                self.constants.insert(local);
            }
            out.push(Stmt {
                kind: StmtKind::Declare {
                    local,
                    length,
                    init,
                },
                span: declarator.span,
            });
        }
    }

    fn array_length(&mut self, size: &'a ast::Expr) -> Expr {
        let length = self.expect(size, Type::Long, "the length of an array");
        if let Ok(Some(Literal::Integer(..0))) = self.checker.evaluate(&length) {
            let message = "the length of an array is negative";
            self.report(Diagnostic::new(types::BAD_LENGTH, length.span, message));
        }
        length
    }

    fn expr_statement(&mut self, expr: &'a ast::Expr) -> StmtKind {
        if let ast::ExprKind::MethodCall {
            object,
            access,
            method,
            arguments,
        } = &expr.kind
        {
            return self.call_statement(object, *access, method, arguments, expr.span);
        }
        let value = self.expr(expr);
        match &value.kind {
            // What stands for a wrong expression.
            ExprKind::Literal(Literal::Null) if value.ty != Type::Null => {}
            _ if value.ty == Type::Poison => {}
            ExprKind::Invoke { .. } => {
                let message = "the future of this invoke is not used";
                self.report(
                    Diagnostic::new(servers::UNUSED_INVOKE, value.span, message)
                        .help("assign it and `accept` it, or call the method without `invoke`"),
                );
            }
            ExprKind::Call(..)
            | ExprKind::CallMethod { .. }
            | ExprKind::Builtin(..)
            | ExprKind::Template(..)
            | ExprKind::Step(..)
            | ExprKind::Accept(_)
            | ExprKind::FutureResult(_)
            | ExprKind::New { .. }
            | ExprKind::Server(_)
            | ExprKind::Find(..) => {}
            _ => {
                let message = "this statement has no effect";
                self.report(Diagnostic::new(types::NO_EFFECT, value.span, message));
            }
        }
        StmtKind::Expr(value)
    }

    fn assign(
        &mut self,
        target: &'a ast::Expr,
        op: Option<ast::BinaryOp>,
        op_span: Span,
        value: &'a ast::Expr,
        span: Span,
    ) -> Option<StmtKind> {
        let target = self.value(target);
        let ty = target.ty;
        let reading = target.clone();
        let place = self.place(target);
        let Some(op) = op.map(compute_op) else {
            let value = self.expect(value, ty, "the value assigned");
            let mut place = place?;
            if let (PlaceRoot::Local(id), true) = (&place.root, place.steps.is_empty()) {
                self.note_assigned(*id, Some(&value));
            }
            if matches!(
                place.steps.last().map(|step| &step.kind),
                Some(StepKind::Key(_))
            ) && let Some(step) = place.steps.pop()
                && let StepKind::Key(key) = step.kind
            {
                place.ty = place.steps.last().map_or(place.root_ty, |step| step.ty);
                return Some(StmtKind::Mutate {
                    place,
                    mutation: Mutation::MapSet,
                    arguments: vec![key, value],
                });
            }
            return Some(StmtKind::Assign {
                place,
                op: AssignOp::Set,
                value,
            });
        };
        let value = self.value(value);
        if value.ty == Type::Poison || ty == Type::Poison {
            return None;
        }
        let op = op?;
        let value = self.operand(op, reading, value, op_span, span)?;
        Some(StmtKind::Assign {
            place: place?,
            op: AssignOp::Compute(op),
            value,
        })
    }

    /// The value of `op=` as what the place's type needs.
    fn operand(
        &mut self,
        op: BinaryOp,
        target: Expr,
        value: Expr,
        op_span: Span,
        span: Span,
    ) -> Option<Expr> {
        let ty = target.ty;
        let shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        if ty.is_number() && value.ty.is_number() && !shift {
            let bits = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
            if !bits || ty.is_integer() {
                let value = self.convert(value, ty, "the operand");
                return (value.ty != Type::Poison).then_some(value);
            }
        }
        let symbol = match op {
            BinaryOp::Add => "+=",
            BinaryOp::Subtract => "-=",
            BinaryOp::Multiply => "*=",
            BinaryOp::Divide => "/=",
            BinaryOp::Remainder => "%=",
            BinaryOp::BitAnd => "&=",
            BinaryOp::BitOr => "|=",
            BinaryOp::BitXor => "^=",
            BinaryOp::ShiftLeft => "<<=",
            BinaryOp::ShiftRight => ">>=",
        };
        let outcome = self.compute(op, symbol, op_span, target, value, span);
        match outcome.kind {
            ExprKind::Binary(_, _, value) if outcome.ty == ty => Some(*value),
            _ => None,
        }
    }

    fn conditional_arms(
        &mut self,
        arms: &'a [ast::IfArm],
        otherwise: Option<&'a ast::Stmt>,
    ) -> Option<(StmtKind, bool)> {
        if arms.len() > ARMS_NESTED_MAX {
            return Some(self.many_arms(arms, otherwise));
        }
        let (first, rest) = arms.split_first()?;
        let condition = self.condition(&first.condition);
        let (then, mut reachable) = self.body(&first.body);
        let (otherwise, open) = if let Some(next) = rest.first() {
            let span = next.condition.span.to(next.body.span);
            let (kind, open) = self.conditional_arms(rest, otherwise)?;
            let block = Block {
                statements: vec![Stmt { kind, span }],
                span,
            };
            (Some(block), open)
        } else if let Some(otherwise) = otherwise {
            let (block, open) = self.body(otherwise);
            (Some(block), open)
        } else {
            (None, true)
        };
        reachable |= open;
        let kind = StmtKind::If {
            condition,
            then,
            otherwise,
        };
        Some((kind, reachable))
    }

    /// So many arms that they cannot stand in each other: a loop of one round, which each arm leaves at its end.
    fn many_arms(
        &mut self,
        arms: &'a [ast::IfArm],
        otherwise: Option<&'a ast::Stmt>,
    ) -> (StmtKind, bool) {
        let label = self.label();
        let leave = |span| Stmt {
            kind: StmtKind::Break(label),
            span,
        };
        let mut statements = Vec::with_capacity(arms.len() + 1);
        let mut reachable = false;
        for arm in arms {
            let condition = self.condition(&arm.condition);
            let (mut then, open) = self.body(&arm.body);
            let span = arm.condition.span.to(arm.body.span);
            if open {
                then.statements.push(leave(span));
            }
            reachable |= open;
            let kind = StmtKind::If {
                condition,
                then,
                otherwise: None,
            };
            statements.push(Stmt { kind, span });
        }
        let first = arms
            .first()
            .map_or(Span::default(), |arm| arm.condition.span);
        let (last, open) = match otherwise {
            Some(otherwise) => self.body(otherwise),
            None => (Block::default(), true),
        };
        let span = otherwise.map_or(first, |otherwise| otherwise.span);
        let kind = StmtKind::Block(last);
        statements.push(Stmt { kind, span });
        if open {
            statements.push(leave(span));
        }
        reachable |= open;
        let always = ExprKind::Literal(Literal::Boolean(true));
        let kind = StmtKind::While {
            label,
            condition: typed(always, Type::Boolean, first),
            body: Block {
                statements,
                span: first.to(span),
            },
        };
        (kind, reachable)
    }

    fn return_value(&mut self, value: Option<&'a ast::Expr>, span: Span) -> StmtKind {
        let value = match (self.result, value) {
            (Some(Type::Void), None) => None,
            (Some(Type::Void), Some(value)) => {
                let value = self.expr(value);
                let message = "the function returns nothing";
                self.report(
                    Diagnostic::new(types::WRONG_RETURN, value.span, message)
                        .help("write `return;`, or give the function a result"),
                );
                None
            }
            (Some(result), Some(value)) => Some(self.expect(value, result, "the result")),
            (Some(result), None) => {
                let message = format!("the function returns `{}`", self.show(result));
                self.report(
                    Diagnostic::new(types::WRONG_RETURN, span, message)
                        .help("write the value behind `return`"),
                );
                Some(poison(span))
            }
            (None, _) => {
                let message = "there is no function to return from";
                self.report(Diagnostic::new(types::WRONG_RETURN, span, message));
                None
            }
        };
        StmtKind::Return(value)
    }

    fn try_catch(&mut self, body: &'a ast::Block, catches: &'a [ast::Catch]) -> (StmtKind, bool) {
        let (body, mut reachable) = self.block(body);
        let mut lowered: Vec<Catch> = Vec::with_capacity(catches.len());
        let mut taken: BTreeSet<ClassId> = BTreeSet::new();
        for catch in catches {
            let class = match &catch.class {
                Some(ty) => self.exception_class(ty),
                None => Some(ClassId(0)),
            };
            let program = &self.checker.program;
            let shadowed =
                class.is_some_and(|id| program.ancestry(id).any(|id| taken.contains(&id)));
            taken.insert(class.unwrap_or(ClassId(0)));
            if shadowed {
                let message = "an earlier `catch` takes this already";
                self.report(Diagnostic::new(types::UNREACHABLE, catch.span, message));
            }
            self.catches += 1;
            let (local, (block, open)) = self.scoped(|lower| {
                let ty = class.map_or(Type::Poison, Type::Class);
                let local = catch.name.as_ref().map(|name| lower.declare(name, ty));
                let block = lower.statements(&catch.body.statements, catch.body.span);
                (local, block)
            });
            self.catches -= 1;
            reachable |= open;
            lowered.push(Catch {
                class: class.unwrap_or(ClassId(0)),
                local,
                body: block,
            });
        }
        let kind = StmtKind::Try {
            body,
            catches: lowered,
        };
        (kind, reachable)
    }

    fn exception_class(&mut self, ty: &'a ast::Type) -> Option<ClassId> {
        let resolved = self.checker.value_type(ty, self.scope);
        match resolved {
            Type::Class(class) if self.checker.program.class(class).is_exception => Some(class),
            Type::Poison => None,
            other => {
                let message = format!("`{}` is no exception", self.show(other));
                self.report(
                    Diagnostic::new(types::NOT_AN_EXCEPTION, ty.span, message)
                        .help("what is caught derives from `exception`"),
                );
                None
            }
        }
    }

    fn throw(&mut self, value: Option<&'a ast::Expr>, span: Span) -> StmtKind {
        let Some(value) = value else {
            if self.catches == 0 {
                let message = "there is no exception here to throw on";
                self.report(
                    Diagnostic::new(types::STRAY_JUMP, span, message)
                        .help("`throw;` stands in a `catch`"),
                );
            }
            return StmtKind::Rethrow;
        };
        let value = self.value(value);
        match value.ty {
            Type::Poison => {}
            Type::Class(class) if self.checker.program.class(class).is_exception => {}
            ty => {
                let message = format!("`{}` cannot be thrown", self.show(ty));
                self.report(
                    Diagnostic::new(types::NOT_AN_EXCEPTION, value.span, message)
                        .help("throw an object of a class that derives from `exception`"),
                );
            }
        }
        StmtKind::Throw(value)
    }

    /// Whether a condition is the literal `true`.
    pub(super) fn is_true(condition: &Expr) -> bool {
        matches!(condition.kind, ExprKind::Literal(Literal::Boolean(true)))
    }
}
