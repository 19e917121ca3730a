//! The end of a body or of a `try`'s closure: its last statement gives the value, as an expression, instead of returning it.

use super::attempt::for_each_block;
use super::body::{Attempt, BodyEmitter, Scope};
use crate::format::{Tokens, rust};
use crate::ir::{Block, Expr, ExprKind, Label, Literal, Stmt, StmtKind, SwitchCase, Type};

impl BodyEmitter<'_> {
    /// The statements of a whole body, its result included.
    pub(super) fn whole(&mut self) -> Tokens {
        self.ending(&self.body.block.statements)
    }

    /// Statements that end a body or closure.
    pub(super) fn ending(&mut self, statements: &[Stmt]) -> Tokens {
        let Some((last, before)) = statements.split_last() else {
            return self.no_more();
        };
        let before: Tokens = before.iter().map(|stmt| self.stmt(stmt)).collect();
        let position = self.position(last.span);
        let end = match &last.kind {
            StmtKind::Return(value) => {
                let value = self.returned(value.as_ref());
                rust!(#position #value)
            }
            StmtKind::Throw(object) => {
                let raised = self.thrown(object);
                rust!(#position Err(#raised))
            }
            StmtKind::Break(label) if self.crosses(*label) => {
                let number = label.0;
                rust!(#position Ok(Flow::Break(#number)))
            }
            StmtKind::Continue(label) if self.crosses(*label) => {
                let number = label.0;
                rust!(#position Ok(Flow::Continue(#number)))
            }
            StmtKind::Block(block) if self.diverges(last) => {
                let block = self.ending(&block.statements);
                rust!(#position { #block })
            }
            StmtKind::If {
                condition,
                then,
                otherwise: Some(otherwise),
            } if self.gives_a_result() || self.diverges(last) => {
                let condition = self.owned(condition).value();
                let then = self.ending(&then.statements);
                let otherwise = self.ending(&otherwise.statements);
                rust!(#position if #condition { #then } else { #otherwise })
            }
            StmtKind::Switch {
                label,
                value,
                cases,
            } if self.diverges(last) => {
                let switch = self.switch_with(*label, value, cases, Self::ending_of_case);
                rust!(#position #switch)
            }
            _ => {
                let stmt = self.stmt(last);
                let end = (!self.diverges(last)).then(|| self.no_more());
                rust!(#stmt #end)
            }
        };
        rust!(#before #end)
    }

    fn ending_of_case(&mut self, block: &Block) -> Tokens {
        self.ending(&block.statements)
    }

    /// What `return value` gives to what is around the code.
    fn returned(&mut self, value: Option<&Expr>) -> Tokens {
        match self.attempt_around() {
            None | Some(Attempt::Body) => self.result_of(value),
            Some(Attempt::Crossed | Attempt::Straight) => {
                let value = match value {
                    Some(value) => self.owned(value).value(),
                    None => rust!(()),
                };
                rust!(Ok(Flow::Return(#value)))
            }
        }
    }

    /// `return`.
    pub(super) fn leave(&mut self, value: Option<&Expr>) -> Tokens {
        let value = self.returned(value);
        rust!(return #value;)
    }

    /// Whether the end of the code is that of a body with a result: then no control comes there.
    fn gives_a_result(&self) -> bool {
        self.result != Type::Void && matches!(self.attempt_around(), None | Some(Attempt::Body))
    }

    /// What stands at the end of a body without a result, or where control does not come.
    fn no_more(&self) -> Tokens {
        match self.attempt_around() {
            None | Some(Attempt::Body) if self.result == Type::Void => rust!(Ok(())),
            None | Some(Attempt::Body) => rust!(Err(Raised::unreachable())),
            Some(Attempt::Straight) => rust!(Ok(())),
            Some(Attempt::Crossed) => rust!(Ok(Flow::Next)),
        }
    }

    /// Whether a jump to a loop or switch leads out of a closure.
    fn crosses(&self, to: Label) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope {
                Scope::Attempt(_) => return true,
                Scope::Loop { label, .. } | Scope::Switch { label, .. } if *label == to => {
                    return false;
                }
                Scope::Loop { .. } | Scope::Switch { .. } => {}
            }
        }
        false
    }

    /// Whether Rust sees that control does not come to the end of a block.
    pub(super) fn never_ends(&self, block: &Block) -> bool {
        block.statements.iter().any(|stmt| self.diverges(stmt))
    }

    /// Whether Rust sees that control does not come to the end of a statement.
    fn diverges(&self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Return(_)
            | StmtKind::Throw(_)
            | StmtKind::Rethrow
            | StmtKind::Break(_)
            | StmtKind::Continue(_) => true,
            StmtKind::Block(block) => self.never_ends(block),
            StmtKind::If {
                then,
                otherwise: Some(otherwise),
                ..
            } => self.never_ends(then) && self.never_ends(otherwise),
            StmtKind::While {
                label,
                condition,
                body,
            } => is_true(condition) && !breaks(body, *label),
            StmtKind::For {
                label,
                condition,
                body,
                ..
            } => condition.as_ref().is_none_or(is_true) && !breaks(body, *label),
            StmtKind::Switch {
                label,
                value,
                cases,
            } => {
                let stays = |case: &SwitchCase| {
                    !case.falls_through
                        && self.never_ends(&case.body)
                        && !breaks(&case.body, *label)
                };
                (cases.iter().any(|case| case.is_default) || self.takes_all(value.ty, cases))
                    && cases.iter().all(stays)
            }
            _ => false,
        }
    }
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Literal::Boolean(true)))
}

/// Whether a block leaves the loop or switch with this label.
fn breaks(block: &Block, label: Label) -> bool {
    block.statements.iter().any(|stmt| {
        let mut found = matches!(stmt.kind, StmtKind::Break(target) if target == label);
        for_each_block(&stmt.kind, &mut |_, block| found |= breaks(block, label));
        found
    })
}
