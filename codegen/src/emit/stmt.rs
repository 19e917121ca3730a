//! Statements.

use super::body::BodyEmitter;
use crate::format::{Tokens, rust, string};
use crate::ir::{Block, Builtin, Expr, ExprKind, LocalId, Stmt, StmtKind, Type};

impl BodyEmitter<'_> {
    /// The statements of a block, without braces.
    pub(super) fn block(&mut self, block: &Block) -> Tokens {
        block
            .statements
            .iter()
            .map(|stmt| self.stmt(stmt))
            .collect()
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) -> Tokens {
        let position = self.position(stmt.span);
        let tokens = self.unplaced(stmt);
        if tokens.is_empty() {
            return tokens;
        }
        rust!(#position #tokens)
    }

    fn unplaced(&mut self, stmt: &Stmt) -> Tokens {
        match &stmt.kind {
            StmtKind::Declare {
                local,
                length,
                init,
            } => self.declare(*local, length.as_ref(), init.as_ref()),
            StmtKind::Expr(expr) => self.effect(expr),
            StmtKind::Assign { place, op, value } => self.assign(place, *op, value),
            StmtKind::Mutate {
                place,
                mutation,
                arguments,
            } => self.mutate(place, *mutation, arguments),
            StmtKind::Block(block) => {
                let block = self.block(block);
                rust!({ #block })
            }
            StmtKind::If {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise.as_ref()),
            StmtKind::While { .. }
            | StmtKind::DoWhile { .. }
            | StmtKind::For { .. }
            | StmtKind::ForEach { .. }
            | StmtKind::ForEvery { .. } => self.repetition(stmt),
            StmtKind::Switch {
                label,
                value,
                cases,
            } => self.switch(*label, value, cases),
            StmtKind::Break(label) => self.break_out(*label),
            StmtKind::Continue(label) => self.continue_with(*label),
            StmtKind::Return(value) => self.leave(value.as_ref()),
            StmtKind::Try { body, catches } => self.attempt(body, catches),
            StmtKind::Throw(object) => {
                let raised = self.thrown(object);
                rust!(return Err(#raised);)
            }
            StmtKind::Rethrow => rust!(return Err(raised.clone());),
            StmtKind::Assert { condition, text } => {
                let condition = self.owned(condition).value();
                let text = string(text);
                rust!(assertion(#condition, #text)?;)
            }
            StmtKind::Delete(server) => {
                let server = self.borrowed_from_outside(server).value();
                rust!(delete(#server, cx)?;)
            }
        }
    }

    fn declare(&mut self, local: LocalId, length: Option<&Expr>, init: Option<&Expr>) -> Tokens {
        let declared = &self.body.locals[local.index()];
        let name = self.locals[local.index()].clone();
        let ty = self.ty(declared.ty);
        let mutable = (declared.is_mutable && declared.is_used).then(|| rust!(mut));
        let value = match (init, length) {
            (Some(init), Some(length)) => {
                let length = self.owned(length).value();
                let init = self.owned(init).value();
                rust!(Array::new(#length)?.assigned(#init)?)
            }
            (Some(init), None) => self.owned(init).value(),
            (None, Some(length)) => {
                let length = self.owned(length).value();
                rust!(Array::new(#length)?)
            }
            (None, None) => self.emitter.zero(declared.ty),
        };
        let inferred = init.is_some_and(shows_its_type) && length.is_none();
        if inferred {
            rust!(let #mutable #name = #value;)
        } else {
            rust!(let #mutable #name: #ty = #value;)
        }
    }

    /// An expression whose value nobody takes.
    fn effect(&mut self, expr: &Expr) -> Tokens {
        if let ExprKind::Step(op, place) = &expr.kind {
            return self.step_stmt(*op, place);
        }
        let code = self.owned(expr);
        let is_fallible = code.is_fallible();
        let tokens = code.value();
        let is_call = matches!(
            expr.kind,
            ExprKind::Call(..)
                | ExprKind::CallMethod { .. }
                | ExprKind::Template(..)
                | ExprKind::Builtin(Builtin::Sleep, _)
        );
        if expr.ty == Type::Void || (is_call && is_fallible) {
            rust!(#tokens;)
        } else {
            rust!(let _ = #tokens;)
        }
    }

    fn conditional(&mut self, condition: &Expr, then: &Block, otherwise: Option<&Block>) -> Tokens {
        let condition = self.owned(condition).value();
        let then = self.block(then);
        match otherwise {
            None => rust!(if #condition { #then }),
            Some(block) => {
                if let [
                    Stmt {
                        kind: StmtKind::If { .. },
                        ..
                    },
                ] = block.statements.as_slice()
                {
                    let chained = self.unplaced(&block.statements[0]);
                    // The line that closes the first branch is the one that asks again.
                    let position = self.position(block.statements[0].span);
                    let position = (!then.is_empty()).then_some(position);
                    return rust!(if #condition { #then #position } else #chained);
                }
                let otherwise = self.block(block);
                rust!(if #condition { #then } else { #otherwise })
            }
        }
    }

    /// The outcome that `return value` gives.
    pub(super) fn result_of(&mut self, value: Option<&Expr>) -> Tokens {
        let Some(value) = value else {
            return rust!(Ok(()));
        };
        if let (ExprKind::Local(id), true) = (&value.kind, self.may_move()) {
            let name = &self.locals[id.index()];
            return rust!(Ok(#name));
        }
        self.owned(value).outcome()
    }

    pub(super) fn thrown(&mut self, object: &Expr) -> Tokens {
        let object = self.borrowed_from_outside(object).value();
        rust!(throw(#object, cx))
    }
}

/// Whether the printed value tells its type to a reader and to Rust.
fn shows_its_type(init: &Expr) -> bool {
    match &init.kind {
        ExprKind::Literal(_) | ExprKind::Conditional(..) | ExprKind::Invoke { .. } => false,
        ExprKind::Convert(_, inner) => shows_its_type(inner),
        ExprKind::Unary(_, inner) | ExprKind::Binary(_, inner, _) => shows_its_type(inner),
        _ => true,
    }
}
