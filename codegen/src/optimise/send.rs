//! The loop that sends the calls, and what is known of their replies.
//!
//! It never has more than [`IN_FLIGHT_MAX`] calls without a reply: from then on it waits for the oldest one before it
//! sends the next.

use std::collections::BTreeMap;

use super::Rewriting;
use super::independent::Plan;
use super::split::{read, uses};
use crate::ir::{
    Accept, BinaryOp, Block, Comparison, Expr, ExprKind, Label, Literal, Local, LocalId, Mutation,
    Place, PlaceRoot, Stmt, StmtKind, Type,
};

/// How many calls a loop sends before it waits for a reply.
const IN_FLIGHT_MAX: i128 = 64;

/// Whether a loop makes so few calls that all can be in flight.
pub(super) fn are_few(low: &Expr, high: &Expr) -> bool {
    let number = |bound: &Expr| match bound.kind {
        ExprKind::Literal(Literal::Integer(number)) => Some(number),
        _ => None,
    };
    match (number(low), number(high)) {
        (Some(low), Some(high)) => high.saturating_sub(low) < IN_FLIGHT_MAX,
        _ => false,
    }
}

/// The variable with the futures.
pub(super) struct Replies {
    pub local: LocalId,
    pub list: Type,
    pub future: Type,
    /// Which of them belongs to the loop's index.
    pub position: Expr,
    /// There are so few that no call needs to wait.
    pub are_few: bool,
}

impl Replies {
    /// `replies[position]`
    fn at(&self, position: Expr) -> Expr {
        let span = position.span;
        let replies = Box::new(read(self.local, self.list, span));
        Expr {
            kind: ExprKind::Index(replies, Box::new(position)),
            ty: self.future,
            span,
        }
    }

    /// `replies[position]->result`, in the place of the call.
    pub fn result(&self, call: &Expr) -> Expr {
        let reply = self.at(self.position.clone());
        Expr {
            kind: ExprKind::FutureResult(Box::new(reply)),
            ty: call.ty,
            span: call.span,
        }
    }

    /// `if (position >= 64) accept (replies[position - 64], 1);`
    fn wait(&self) -> Stmt {
        let span = self.position.span;
        let expr = |kind, ty| Expr { kind, ty, span };
        let long = |number| expr(ExprKind::Literal(Literal::Integer(number)), Type::Long);
        let position = || Box::new(self.position.clone());
        let limit = || Box::new(long(IN_FLIGHT_MAX));
        let oldest = ExprKind::Binary(BinaryOp::Subtract, position(), limit());
        let accept = Accept {
            futures: Box::new(self.at(expr(oldest, Type::Long))),
            count: Box::new(long(1)),
            timeout: None,
        };
        let is_full = ExprKind::Compare(Comparison::GreaterOrEqual, position(), limit());
        let wait = Stmt {
            kind: StmtKind::Expr(expr(ExprKind::Accept(accept), Type::Int)),
            span,
        };
        Stmt {
            kind: StmtKind::If {
                condition: expr(is_full, Type::Boolean),
                then: Block {
                    statements: vec![wait],
                    span,
                },
                otherwise: None,
            },
            span,
        }
    }

    /// `replies.append (invoke …)`
    fn append(&self, call: Expr) -> Option<Stmt> {
        let span = call.span;
        let ExprKind::CallMethod {
            object,
            method,
            arguments,
            ..
        } = call.kind
        else {
            return None;
        };
        let invoke = Expr {
            kind: ExprKind::Invoke {
                object,
                method,
                arguments,
            },
            ty: self.future,
            span,
        };
        let place = Place {
            root: PlaceRoot::Local(self.local),
            steps: Vec::new(),
            root_ty: self.list,
            ty: self.list,
            span,
        };
        let kind = StmtKind::Mutate {
            place,
            mutation: Mutation::ListAppend,
            arguments: vec![invoke],
        };
        Some(Stmt { kind, span })
    }
}

impl Rewriting<'_> {
    /// The loop that sends the calls, with variables of its own.
    pub fn sending(&mut self, stmt: &Stmt, plan: &Plan, replies: &Replies, call: Expr) -> Stmt {
        let mut first = stmt.clone();
        let StmtKind::ForEvery {
            label, local, body, ..
        } = &mut first.kind
        else {
            return first;
        };
        *label = Label(self.labels);
        self.labels = self.labels.saturating_add(1);
        let all = std::mem::take(&mut body.statements);
        let needed = all.into_iter().zip(0..);
        let needed = needed.filter(|(_, number)| plan.needed.contains(number));
        let wait = (!replies.are_few).then(|| replies.wait());
        body.statements = needed
            .map(|(stmt, _)| stmt)
            .chain(wait)
            .chain(replies.append(call))
            .collect();
        let mut names: BTreeMap<LocalId, LocalId> = BTreeMap::new();
        let copied = self.copy(*local, uses(&body.statements, *local));
        names.insert(*local, copied);
        *local = copied;
        for stmt in &mut body.statements {
            stmt.expressions_mut(&mut |expr| rename(expr, &names));
            stmt.blocks_mut(&mut |block| {
                block.each_stmt_mut(&mut |stmt| {
                    stmt.expressions_mut(&mut |expr| rename(expr, &names));
                });
            });
            if let StmtKind::Declare { local, .. } = &mut stmt.kind {
                let renamed = self.copy(*local, true);
                names.insert(*local, renamed);
                *local = renamed;
            }
        }
        first
    }

    /// A copy of a variable for the first loop, which changes none.
    fn copy(&mut self, local: LocalId, is_used: bool) -> LocalId {
        let id = LocalId::at(self.locals.len());
        if let Some(local) = self.locals.get(local.index()).cloned() {
            self.locals.push(Local {
                is_mutable: false,
                is_used,
                ..local
            });
        }
        id
    }
}

fn rename(expr: &mut Expr, names: &BTreeMap<LocalId, LocalId>) {
    if let ExprKind::Local(id) = &mut expr.kind
        && let Some(&renamed) = names.get(id)
    {
        *id = renamed;
    }
    expr.operands_mut(&mut |operand| rename(operand, names));
}
