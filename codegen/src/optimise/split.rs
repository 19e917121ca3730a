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

use std::collections::BTreeMap;

use cmsl_parser::Span;

use super::independent::Plan;
use super::{Rewriting, server_call};
use crate::ir::{
    BinaryOp, Block, Conversion, Expr, ExprKind, Label, Literal, Local, LocalId, Mutation, Place,
    PlaceRoot, Stmt, StmtKind, Type,
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
        let position = self.position_of(index, low, *low_exclusive, span);
        let mut sent: Option<Expr> = None;
        if let Some(stmt) = block.statements.get_mut(plan.position) {
            stmt.expressions_mut(&mut |expr| {
                take_call(expr, &mut |call| {
                    let reply = reply(replies, list, future, position.clone(), &call);
                    sent = Some(call);
                    reply
                });
            });
        }
        let Some(sent) = sent else {
            return;
        };
        let first = self.sending(stmt, plan, (replies, list), (sent, future));
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

    /// The loop that sends the calls, with variables of its own.
    fn sending(
        &mut self,
        stmt: &Stmt,
        plan: &Plan,
        (replies, list): (LocalId, Type),
        (call, future): (Expr, Type),
    ) -> Stmt {
        let mut first = stmt.clone();
        let label = Label(self.labels);
        self.labels = self.labels.saturating_add(1);
        let span = call.span;
        let ExprKind::CallMethod {
            object,
            method,
            arguments,
            ..
        } = call.kind
        else {
            return first;
        };
        let invoke = Expr {
            kind: ExprKind::Invoke {
                object,
                method,
                arguments,
            },
            ty: future,
            span,
        };
        let append = Stmt {
            kind: StmtKind::Mutate {
                place: Place {
                    root: PlaceRoot::Local(replies),
                    steps: Vec::new(),
                    root_ty: list,
                    ty: list,
                    span,
                },
                mutation: Mutation::ListAppend,
                arguments: vec![invoke],
            },
            span,
        };
        if let StmtKind::ForEvery {
            label: slot,
            local,
            body: block,
            ..
        } = &mut first.kind
        {
            *slot = label;
            let all = std::mem::take(&mut block.statements);
            let kept = all.into_iter().zip(0..);
            block.statements = kept
                .filter(|(_, number)| plan.needed.contains(number))
                .map(|(stmt, _)| stmt)
                .chain([append])
                .collect();
            let mut names: BTreeMap<LocalId, LocalId> = BTreeMap::new();
            let copied = self.copy(*local, uses(&block.statements, *local));
            names.insert(*local, copied);
            *local = copied;
            for stmt in &mut block.statements {
                if let StmtKind::Declare { local, init, .. } = &mut stmt.kind {
                    if let Some(init) = init {
                        rename(init, &names);
                    }
                    let renamed = self.copy(*local, true);
                    names.insert(*local, renamed);
                    *local = renamed;
                } else {
                    stmt.expressions_mut(&mut |expr| rename(expr, &names));
                }
            }
        }
        first
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

fn read(local: LocalId, ty: Type, span: Span) -> Expr {
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

/// `replies[position]->result`
fn reply(replies: LocalId, list: Type, future: Type, position: Expr, call: &Expr) -> Expr {
    let span = call.span;
    let replies = Box::new(read(replies, list, span));
    let one = Expr {
        kind: ExprKind::Index(replies, Box::new(position)),
        ty: future,
        span,
    };
    Expr {
        kind: ExprKind::FutureResult(Box::new(one)),
        ty: call.ty,
        span,
    }
}

fn uses(statements: &[Stmt], local: LocalId) -> bool {
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

fn rename(expr: &mut Expr, names: &BTreeMap<LocalId, LocalId>) {
    if let ExprKind::Local(id) = &mut expr.kind
        && let Some(&renamed) = names.get(id)
    {
        *id = renamed;
    }
    expr.operands_mut(&mut |operand| rename(operand, names));
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
