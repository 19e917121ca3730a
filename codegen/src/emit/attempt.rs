//! `try`: the body becomes a closure, so that `?` in it leads to the catches.

use super::body::{Attempt, BodyEmitter, Scope};
use crate::format::{Tokens, rust};
use crate::ir::{Block, Catch, Label, StmtKind};
use crate::planted::{Mutant, is};

impl BodyEmitter<'_> {
    pub(super) fn attempt(&mut self, body: &Block, catches: &[Catch]) -> Tokens {
        let jumps = Jumps::of(body);
        let crossed = jumps.returns || !jumps.labels.is_empty();
        self.scopes.push(Scope::Attempt(if crossed {
            Attempt::Crossed
        } else {
            Attempt::Straight
        }));
        let code = self.ending(&body.statements);
        self.scopes.pop();
        let catching = self.catches(catches);
        if !crossed {
            // Nothing in it may tell the type, but `Ok(())` does.
            let ty = self.never_ends(body).then(|| rust!(-> Outcome<()>));
            return rust!(
                if let Err(raised) = attempt(|| #ty { #code }) {
                    #catching
                }
            );
        }
        let mut arms = rust!();
        if jumps.returns {
            let leave = match self.attempt_around() {
                None | Some(Attempt::Body) => rust!(return Ok(value)),
                Some(_) => rust!(return Ok(Flow::Return(value))),
            };
            arms.append(rust!(Ok(Flow::Return(value)) => #leave,));
        }
        for (label, is_break) in &jumps.labels {
            let number = label.0;
            if *is_break {
                let leave = self.break_out(*label);
                arms.append(rust!(Ok(Flow::Break(#number)) => { #leave }));
            } else {
                let leave = self.continue_with(*label);
                arms.append(rust!(Ok(Flow::Continue(#number)) => { #leave }));
            }
        }
        let result = self.ty(self.result);
        rust!(
            match attempt(|| -> Outcome<Flow<#result>> { #code }) {
                #arms
                Ok(_) => {}
                Err(raised) => { #catching }
            }
        )
    }

    fn catches(&mut self, catches: &[Catch]) -> Tokens {
        let mut tokens = rust!({
            return Err(raised);
        });
        let mut order: Vec<&Catch> = catches.iter().rev().collect();
        if is(Mutant::LastCatchFirst) {
            order.reverse();
        }
        for catch in order {
            let class = self.emitter.class_path(catch.class, self.here);
            let pattern = match catch.local {
                Some(local) => self.pattern(local),
                None => rust!(_),
            };
            let body = self.block(&catch.body);
            tokens =
                rust!(if let Some(#pattern) = caught::<#class>(&raised, cx) { #body } else #tokens);
        }
        tokens
    }
}

/// How code leaves a `try`'s body other than by its end or by an exception.
#[derive(Default)]
struct Jumps {
    returns: bool,
    /// Labels outside the body, and whether it is `break` or `continue`.
    labels: Vec<(Label, bool)>,
}

impl Jumps {
    fn of(block: &Block) -> Jumps {
        let mut jumps = Jumps::default();
        let mut inside = Vec::new();
        jumps.look(block, &mut inside);
        jumps
    }

    fn look(&mut self, block: &Block, inside: &mut Vec<Label>) {
        for stmt in &block.statements {
            match &stmt.kind {
                StmtKind::Return(_) => self.returns = true,
                StmtKind::Break(label) => self.jump(*label, true, inside),
                StmtKind::Continue(label) => self.jump(*label, false, inside),
                _ => {}
            }
            for_each_block(&stmt.kind, &mut |label, block| {
                inside.extend(label);
                self.look(block, inside);
                if label.is_some() {
                    inside.pop();
                }
            });
        }
    }

    fn jump(&mut self, label: Label, is_break: bool, inside: &[Label]) {
        if !inside.contains(&label) && !self.labels.contains(&(label, is_break)) {
            self.labels.push((label, is_break));
        }
    }
}

/// Shows the blocks directly inside a statement, each with the label of the loop or switch that it is the body of.
pub(super) fn for_each_block(kind: &StmtKind, each: &mut dyn FnMut(Option<Label>, &Block)) {
    match kind {
        StmtKind::Block(block) => each(None, block),
        StmtKind::If {
            then, otherwise, ..
        } => {
            each(None, then);
            if let Some(block) = otherwise {
                each(None, block);
            }
        }
        StmtKind::While { label, body, .. }
        | StmtKind::DoWhile { label, body, .. }
        | StmtKind::For { label, body, .. }
        | StmtKind::ForEach { label, body, .. }
        | StmtKind::ForEvery { label, body, .. } => each(Some(*label), body),
        StmtKind::Switch { label, cases, .. } => {
            for case in cases {
                each(Some(*label), &case.body);
            }
        }
        StmtKind::Try { body, catches } => {
            each(None, body);
            for catch in catches {
                each(None, &catch.body);
            }
        }
        StmtKind::Declare { .. }
        | StmtKind::Expr(_)
        | StmtKind::Assign { .. }
        | StmtKind::Mutate { .. }
        | StmtKind::Break(_)
        | StmtKind::Continue(_)
        | StmtKind::Return(_)
        | StmtKind::Throw(_)
        | StmtKind::Rethrow
        | StmtKind::Assert { .. }
        | StmtKind::Delete(_) => {}
    }
}
