//! Loops, `switch`, and the ways out of them.

use super::body::{BodyEmitter, Scope};
use super::code::{Cx, Level};
use crate::format::{Token, Tokens, lifetime, rust, separated, string};
use crate::ir::{
    Block, Conversion, Expr, ExprKind, Label, Literal, LocalId, Stmt, StmtKind, SwitchCase, Type,
};
use crate::planted::{Mutant, is};

/// The most cases that fall through of which Rust's compiler is shown which is entered. It goes from each of them through
/// all steps behind, so that many take it minutes.
const PLAIN_CASES_MAX: usize = 64;

impl BodyEmitter<'_> {
    pub(super) fn repetition(&mut self, stmt: &Stmt) -> Tokens {
        match &stmt.kind {
            StmtKind::While {
                label,
                condition,
                body,
            } => {
                let head = self.head(Some(condition));
                self.repeated(*label, head, |this| this.block(body))
            }
            StmtKind::DoWhile {
                label,
                body,
                condition,
            } => {
                if is(Mutant::DoTestsFirst) {
                    let head = self.head(Some(condition));
                    return self.repeated(*label, head, |this| this.block(body));
                }
                let ends = self.negated(condition);
                let position = self.position(condition.span);
                self.rounds(
                    *label,
                    rust!(loop),
                    body,
                    |_| rust!(#position if #ends { break; }),
                )
            }
            StmtKind::For {
                label,
                init,
                condition,
                step,
                body,
            } => {
                let init: Tokens = init.iter().map(|stmt| self.stmt(stmt)).collect();
                let head = self.head(condition.as_ref());
                let repeated = self.rounds(*label, head, body, |this| {
                    step.iter().map(|stmt| this.stmt(stmt)).collect()
                });
                if init.is_empty() {
                    repeated
                } else {
                    let position = condition.as_ref().map(|it| self.position(it.span));
                    rust!({ #init #position #repeated })
                }
            }
            StmtKind::ForEach {
                label,
                local,
                conversion,
                collection,
                body,
            } => self.for_each(*label, (*local, *conversion), collection, body),
            StmtKind::ForEvery {
                label,
                local,
                low,
                low_exclusive,
                high,
                high_inclusive,
                body,
            } => {
                let low = self.owned(low).at_least(Level::BitOr);
                let high = self.owned(high).at_least(Level::BitOr);
                let range = if *high_inclusive || is(Mutant::ForEveryIncludesEnd) {
                    rust!(#low..=#high)
                } else {
                    rust!(#low..#high)
                };
                let range = if *low_exclusive || is(Mutant::ForEveryForgetsStart) {
                    rust!((#range).skip(1))
                } else {
                    range
                };
                let pattern = self.pattern(*local);
                if is(Mutant::LoopVariableShared) {
                    return self.shared(*label, *local, (&range, &pattern), body);
                }
                self.repeated(*label, rust!(for #pattern in #range), |this| {
                    this.block(body)
                })
            }
            _ => rust!(),
        }
    }

    fn for_each(
        &mut self,
        label: Label,
        (local, conversion): (LocalId, Option<Conversion>),
        collection: &Expr,
        body: &Block,
    ) -> Tokens {
        let is_group = matches!(collection.ty, Type::Class(_));
        let collection = if is_group {
            let group = match collection.kind {
                ExprKind::This => rust!(this),
                _ => self.place(collection).receiver(),
            };
            rust!(#group.each()?)
        } else {
            let collection = self.owned(collection).value();
            rust!(each(#collection))
        };
        let pattern = self.pattern(local);
        let Some(conversion) = conversion else {
            return self.repeated(label, rust!(for #pattern in #collection), |this| {
                this.block(body)
            });
        };
        let name = &self.locals[local.index()].clone();
        let ty = self.body.locals[local.index()].ty;
        let converted = if conversion == Conversion::Upcast {
            let base = self.class_of(ty);
            rust!(#name.upcast::<#base>())
        } else {
            let target = self.ty(ty);
            rust!(cast::<#target>(#name)?)
        };
        self.repeated(label, rust!(for #name in #collection), |this| {
            let body = this.block(body);
            rust!(let #pattern = #converted; #body)
        })
    }

    /// A loop around a printed body.
    pub(super) fn repeated(
        &mut self,
        label: Label,
        head: Tokens,
        body: impl FnOnce(&mut Self) -> Tokens,
    ) -> Tokens {
        self.scopes.push(Scope::Loop {
            label,
            has_rounds: false,
            is_named: false,
        });
        let body = body(self);
        let name = self.leave_scope();
        rust!(#name #head { #body })
    }

    /// A loop that does something after each round: `continue` goes there.
    fn rounds(
        &mut self,
        label: Label,
        head: Tokens,
        body: &Block,
        after: impl FnOnce(&mut Self) -> Tokens,
    ) -> Tokens {
        let has_rounds = continues(body, label);
        self.scopes.push(Scope::Loop {
            label,
            has_rounds,
            is_named: false,
        });
        let body = self.block(body);
        let name = self.leave_scope();
        let after = after(self);
        if has_rounds {
            let round = round(label);
            rust!(#name #head { #round: { #body } #after })
        } else {
            rust!(#name #head { #body #after })
        }
    }

    /// Ends the innermost loop or switch; its label if printed code names it.
    fn leave_scope(&mut self) -> Tokens {
        match self.scopes.pop() {
            Some(
                Scope::Loop {
                    label,
                    is_named: true,
                    ..
                }
                | Scope::Switch {
                    label,
                    is_named: true,
                },
            ) => {
                let name = leave(label);
                rust!(#name:)
            }
            _ => rust!(),
        }
    }

    /// `break`, out of the loop or switch with this label.
    pub(super) fn break_out(&mut self, label: Label) -> Tokens {
        let name = leave(label);
        let mut innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            match scope {
                Scope::Attempt(_) => {
                    let number = label.0;
                    return rust!(return Ok(Flow::Break(#number)););
                }
                Scope::Loop {
                    label: target,
                    has_rounds,
                    is_named,
                } if *target == label => {
                    if innermost && !*has_rounds {
                        return rust!(break;);
                    }
                    *is_named = true;
                    return rust!(break #name;);
                }
                Scope::Switch {
                    label: target,
                    is_named,
                } if *target == label => {
                    *is_named = true;
                    return rust!(break #name;);
                }
                Scope::Loop { .. } | Scope::Switch { .. } => innermost = false,
            }
        }
        rust!()
    }

    /// `continue`, with the next round of the loop with this label.
    pub(super) fn continue_with(&mut self, label: Label) -> Tokens {
        let mut innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            match scope {
                Scope::Attempt(_) => {
                    let number = label.0;
                    return rust!(return Ok(Flow::Continue(#number)););
                }
                Scope::Loop {
                    label: target,
                    has_rounds,
                    is_named,
                } if *target == label => {
                    if *has_rounds {
                        let round = round(label);
                        return rust!(break #round;);
                    }
                    if innermost {
                        return rust!(continue;);
                    }
                    *is_named = true;
                    let name = leave(label);
                    return rust!(continue #name;);
                }
                Scope::Loop { .. } | Scope::Switch { .. } => innermost = false,
            }
        }
        rust!()
    }

    /// The pattern that declares a local.
    pub(super) fn pattern(&self, local: LocalId) -> Tokens {
        let declared = &self.body.locals[local.index()];
        let name = &self.locals[local.index()];
        if declared.is_mutable && declared.is_used {
            rust!(mut #name)
        } else {
            rust!(#name)
        }
    }

    /// `while condition`, or `loop`.
    fn head(&mut self, condition: Option<&Expr>) -> Tokens {
        match condition {
            None => rust!(loop),
            Some(condition)
                if matches!(condition.kind, ExprKind::Literal(Literal::Boolean(true))) =>
            {
                rust!(loop)
            }
            Some(condition) => {
                let condition = self.owned(condition).value();
                rust!(while #condition)
            }
        }
    }

    pub(super) fn switch(&mut self, label: Label, value: &Expr, cases: &[SwitchCase]) -> Tokens {
        self.switch_with(label, value, cases, Self::block)
    }

    /// A `switch` whose cases are printed in a way.
    pub(super) fn switch_with(
        &mut self,
        label: Label,
        value: &Expr,
        cases: &[SwitchCase],
        mut print: impl FnMut(&mut Self, &Block) -> Tokens,
    ) -> Tokens {
        let takes_all = self.takes_all(value.ty, cases);
        let (before, value) = self.selector(value);
        self.scopes.push(Scope::Switch {
            label,
            is_named: false,
        });
        let bodies: Vec<Tokens> = cases.iter().map(|case| print(self, &case.body)).collect();
        let name = self.leave_scope();
        let falls = cases.iter().any(|case| case.falls_through) && !is(Mutant::SwitchNeverFalls);
        // `_` takes everything, so the default goes last; nothing is left to it where the others take everything.
        let default = cases.iter().position(|case| case.is_default);
        let mut order: Vec<usize> = (0..cases.len())
            .filter(|&number| Some(number) != default)
            .collect();
        order.extend(default.filter(|_| !takes_all));
        let has_rest = default.is_some() || takes_all;
        if falls {
            let arms: Tokens = order
                .into_iter()
                .map(|number| {
                    let pattern = self.case_pattern(&cases[number]);
                    rust!(#pattern => #number,)
                })
                .collect();
            let past = cases.len();
            let none = (!has_rest).then(|| rust!(_ => #past,));
            let steps = steps(label, cases, bodies);
            let label = leave(label);
            let entry = rust!(match #value { #arms #none });
            let entry = if past > PLAIN_CASES_MAX {
                rust!(std::hint::black_box(#entry))
            } else {
                entry
            };
            return rust!({
                #before
                let entry = #entry;
                #label: { #steps }
            });
        }
        let mut bodies = bodies;
        let arms: Tokens = order
            .into_iter()
            .map(|number| {
                let pattern = self.case_pattern(&cases[number]);
                let mut body = std::mem::take(&mut bodies[number]);
                if cases[number].is_default && is(Mutant::SwitchForgetsDefault) {
                    body = rust!(if false { #body });
                }
                rust!(#pattern => { #body })
            })
            .collect();
        let none = (!has_rest).then(|| rust!(_ => {}));
        let tokens = rust!(match #value { #arms #none });
        let tokens = if name.is_empty() {
            tokens
        } else {
            rust!(#name { #tokens })
        };
        if before.is_empty() {
            tokens
        } else {
            rust!({ #before #tokens })
        }
    }

    /// Whether the cases beside the default name each value of an enumeration.
    pub(super) fn takes_all(&self, ty: Type, cases: &[SwitchCase]) -> bool {
        let Type::Enum(id) = ty else {
            return false;
        };
        let named: usize = cases
            .iter()
            .filter(|case| !case.is_default)
            .map(|case| case.values.len())
            .sum();
        named == self.program().enums[id.index()].variants.len()
    }

    /// What a `match` looks at, and what must stand before it.
    fn selector(&mut self, value: &Expr) -> (Tokens, Tokens) {
        if value.ty != Type::String {
            return (rust!(), self.owned(value).value());
        }
        let code = self.owned(value);
        if code.cx == Cx::Unused {
            let place = self.place(value).at_least(Level::Unary);
            return (rust!(), rust!(&*#place));
        }
        // A place in the heap must not stay borrowed while the arms run.
        let tokens = code.value();
        (rust!(let value = #tokens;), rust!(&*value))
    }

    fn case_pattern(&self, case: &SwitchCase) -> Tokens {
        if case.is_default {
            return rust!(_);
        }
        let values = case.values.iter().map(|value| match value {
            Literal::String(text) => string(text),
            Literal::Integer(number) => super::expr::integer(*number, Type::Int).value(),
            other => self.literal(other, Type::Void).value(),
        });
        separated(values, const { &Token::sign("|") })
    }
}

/// The cases of a `switch` that fall through: each runs if it is the entry or behind it.
fn steps(label: Label, cases: &[SwitchCase], bodies: Vec<Tokens>) -> Tokens {
    let cases = cases.iter().zip(bodies).zip(0_usize..);
    cases
        .map(|((case, body), number)| {
            let label = leave(label);
            let leave = (!case.falls_through).then(|| rust!(break #label;));
            let reached = const { &Token::sign("<=") };
            rust!(if entry #reached #number { #body #leave })
        })
        .collect()
}

/// Whether a block goes to the next round of the loop with this label.
fn continues(block: &Block, label: Label) -> bool {
    block.statements.iter().any(|stmt| {
        let mut found = matches!(stmt.kind, StmtKind::Continue(target) if target == label);
        super::attempt::for_each_block(&stmt.kind, &mut |_, block| {
            found |= continues(block, label);
        });
        found
    })
}

/// The Rust label of a loop or switch.
fn leave(label: Label) -> Tokens {
    lifetime(&format!("leave_{}", label.0))
}

/// The Rust label of one round of a loop.
fn round(label: Label) -> Tokens {
    lifetime(&format!("round_{}", label.0))
}
