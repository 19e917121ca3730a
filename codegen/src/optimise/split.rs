//! Taking a loop apart: one that sends all calls, and one that takes their replies in order.
//!
//! ```text
//! for every i, 0 <= i < n, total += s[i]->count ();
//! ```
//!
//! becomes
//!
//! ```text
//! list<future<int>> replies;
//! for every i, 0 <= i < n, replies.append (invoke s[i]->count ());
//! for every i, 0 <= i < n, total += replies[i]->result;
//! ```

use cmsl_parser::Span;

use super::independent::Plan;
use super::send::{Replies, are_few};
use super::{Rewriting, server_call};
use crate::ir::{
    BinaryOp, Block, Conversion, Expr, ExprKind, Literal, Local, LocalId, PlaceRoot, Stmt,
    StmtKind, Type,
};

impl Rewriting<'_> {
    /// Rewrites a loop as its plan says.
    pub fn split(&mut self, stmt: &mut Stmt, plan: &Plan) {
        let span = stmt.span;
        let mut out = Vec::new();
        let StmtKind::ForEvery {
            local,
            low,
            high,
            low_exclusive,
            body: block,
            ..
        } = &mut stmt.kind
        else {
            return;
        };
        *low = self.once(&mut out, "begin", low);
        *high = self.once(&mut out, "end", high);
        let result = self.program.types.intern(plan.result);
        let future = Type::Future(result);
        let list = Type::List(self.program.types.intern(future));
        let replies = self.add_local("replies", list, span, true);
        out.push(declare(replies, None, span));
        let index = *local;
        let replies = Replies {
            local: replies,
            list,
            future,
            position: self.position_of(index, low, *low_exclusive, span),
            are_few: are_few(low, high),
        };
        let mut sent: Option<Expr> = None;
        if let Some(stmt) = block.statements.get_mut(plan.position) {
            stmt.expressions_mut(&mut |expr| {
                take_call(expr, &mut |call| {
                    let reply = replies.result(&call);
                    sent = Some(call);
                    reply
                });
            });
        }
        let Some(sent) = sent else {
            return;
        };
        let first = self.sending(stmt, plan, &replies, sent);
        keep_used(stmt, plan);
        out.push(first);
        out.push(Stmt {
            kind: std::mem::replace(&mut stmt.kind, StmtKind::Rethrow),
            span,
        });
        stmt.kind = StmtKind::Block(Block {
            statements: out,
            span,
        });
    }

    /// A bound that is evaluated once: itself if that makes no difference, else a variable.
    fn once(&mut self, out: &mut Vec<Stmt>, name: &str, bound: &Expr) -> Expr {
        if self.is_fixed(bound) {
            return bound.clone();
        }
        let (ty, span) = (bound.ty, bound.span);
        let local = self.add_local(name, ty, span, false);
        out.push(declare(local, Some(bound.clone()), span));
        read(local, ty, span)
    }

    fn is_fixed(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Global(id) => self.program.global(*id).is_const,
            ExprKind::Local(id) => self
                .locals
                .get(id.index())
                .is_some_and(|local| !local.is_mutable),
            ExprKind::Convert(Conversion::Widen, inner) => self.is_fixed(inner),
            _ => false,
        }
    }

    fn add_local(&mut self, name: &str, ty: Type, span: Span, is_mutable: bool) -> LocalId {
        let id = LocalId::at(self.locals.len());
        let written = self.locals.iter().take(self.written);
        let taken = |name: &str| written.clone().any(|local| local.name == name);
        let mut free = name.to_owned();
        let mut number = 2;
        while taken(&free) {
            free = format!("{name}_{number}");
            number += 1;
        }
        self.locals.push(Local {
            name: free,
            span,
            ty,
            is_parameter: false,
            is_mutable,
            is_used: true,
        });
        id
    }

    /// Which reply belongs to the index, a `long`: the distance from the first one.
    fn position_of(&mut self, index: LocalId, low: &Expr, exclusive: bool, span: Span) -> Expr {
        let mut ty = Type::Long;
        if let Some(index) = self.locals.get_mut(index.index()) {
            index.is_used = true;
            ty = index.ty;
        }
        let long = |expr: Expr| {
            if expr.ty == Type::Long {
                return expr;
            }
            // The numbers of replies are small; only an `unsigned long` could begin beyond them.
            let conversion = match expr.ty {
                Type::UnsignedLong => Conversion::Cast,
                _ => Conversion::Widen,
            };
            Expr {
                kind: ExprKind::Convert(conversion, Box::new(expr)),
                ty: Type::Long,
                span,
            }
        };
        let minus = |left: Expr, right: Expr| Expr {
            kind: ExprKind::Binary(BinaryOp::Subtract, Box::new(left), Box::new(right)),
            ty: Type::Long,
            span,
        };
        let mut position = long(read(index, ty, span));
        let literal = |number: i128| Expr {
            kind: ExprKind::Literal(Literal::Integer(number)),
            ty: Type::Long,
            span,
        };
        let is_zero = matches!(low.kind, ExprKind::Literal(Literal::Integer(0)));
        if !is_zero {
            position = minus(position, long(low.clone()));
        }
        if exclusive {
            position = minus(position, literal(1));
        }
        position
    }
}

fn declare(local: LocalId, init: Option<Expr>, span: Span) -> Stmt {
    let length = None;
    let kind = StmtKind::Declare {
        local,
        length,
        init,
    };
    Stmt { kind, span }
}

pub(super) fn read(local: LocalId, ty: Type, span: Span) -> Expr {
    let kind = ExprKind::Local(local);
    Expr { kind, ty, span }
}

/// Puts something else in the place of the call.
fn take_call(expr: &mut Expr, instead: &mut dyn FnMut(Expr) -> Expr) {
    if server_call(expr).is_some() {
        let blank = read(LocalId(0), expr.ty, expr.span);
        let call = std::mem::replace(expr, blank);
        *expr = instead(call);
        return;
    }
    expr.operands_mut(&mut |operand| take_call(operand, instead));
}

pub(super) fn uses(statements: &[Stmt], local: LocalId) -> bool {
    let mut found = false;
    for stmt in statements {
        stmt.each_expr(&mut |expr| {
            found |= matches!(expr.kind, ExprKind::Local(id) if id == local);
        });
        let mut place_of = |stmt: &Stmt| {
            let place = match &stmt.kind {
                StmtKind::Assign { place, .. } | StmtKind::Mutate { place, .. } => place,
                _ => return,
            };
            found |= matches!(place.root, PlaceRoot::Local(id) if id == local);
        };
        place_of(stmt);
        stmt.blocks(&mut |block| block.each_stmt(&mut place_of));
    }
    found
}

/// Takes out of the second loop what only the call used.
fn keep_used(stmt: &mut Stmt, plan: &Plan) {
    let StmtKind::ForEvery { body: block, .. } = &mut stmt.kind else {
        return;
    };
    for &number in plan.needed.iter().rev() {
        let Some(StmtKind::Declare { local, .. }) = block.statements.get(number).map(|s| &s.kind)
        else {
            continue;
        };
        let local = *local;
        let rest = block.statements.get(number + 1..).unwrap_or_default();
        if !uses(rest, local) {
            block.statements.remove(number);
        }
    }
}
