//! Loops, `switch`, and the ways out of them.

use proc_macro2::{Literal as Token, Span, TokenStream};
use quote::quote;
use syn::Lifetime;

use super::body::{BodyEmitter, Scope};
use super::code::{Cx, Level};
use crate::ir::{
    Block, Conversion, Expr, ExprKind, Label, Literal, LocalId, Stmt, StmtKind, SwitchCase, Type,
};

impl BodyEmitter<'_> {
    pub(super) fn repetition(&mut self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::While {
                label,
                condition,
                body,
            } => {
                let head = self.head(Some(condition));
                self.repeated(*label, &head, |this| this.block(body))
            }
            StmtKind::DoWhile {
                label,
                body,
                condition,
            } => {
                let condition = self.owned(condition).at_least(Level::Unary);
                self.rounds(
                    *label,
                    &quote!(loop),
                    body,
                    |_| quote!(if !#condition { break; }),
                )
            }
            StmtKind::For {
                label,
                init,
                condition,
                step,
                body,
            } => {
                let init: TokenStream = init.iter().map(|stmt| self.stmt(stmt)).collect();
                let head = self.head(condition.as_ref());
                let repeated = self.rounds(*label, &head, body, |this| {
                    step.iter().map(|stmt| this.stmt(stmt)).collect()
                });
                if init.is_empty() {
                    repeated
                } else {
                    quote!({ #init #repeated })
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
                let range = if *high_inclusive {
                    quote!(#low..=#high)
                } else {
                    quote!(#low..#high)
                };
                let range = if *low_exclusive {
                    quote!((#range).skip(1))
                } else {
                    range
                };
                let pattern = self.pattern(*local);
                self.repeated(*label, &quote!(for #pattern in #range), |this| {
                    this.block(body)
                })
            }
            _ => TokenStream::new(),
        }
    }

    fn for_each(
        &mut self,
        label: Label,
        (local, conversion): (LocalId, Option<Conversion>),
        collection: &Expr,
        body: &Block,
    ) -> TokenStream {
        let is_group = matches!(collection.ty, Type::Class(_));
        let collection = if is_group {
            let group = match collection.kind {
                ExprKind::This => quote!(this),
                _ => self.place(collection).receiver(),
            };
            quote!(#group.each()?)
        } else {
            let collection = self.owned(collection).tokens;
            quote!(each(#collection))
        };
        let pattern = self.pattern(local);
        let Some(conversion) = conversion else {
            return self.repeated(label, &quote!(for #pattern in #collection), |this| {
                this.block(body)
            });
        };
        let name = self.locals[local.index()].clone();
        let ty = self.body.locals[local.index()].ty;
        let converted = if conversion == Conversion::Upcast {
            let base = self.class_of(ty);
            quote!(#name.upcast::<#base>())
        } else {
            let target = self.ty(ty);
            quote!(cast::<#target>(#name)?)
        };
        self.repeated(label, &quote!(for #name in #collection), |this| {
            let body = this.block(body);
            quote!(let #pattern = #converted; #body)
        })
    }

    /// A loop around a printed body.
    fn repeated(
        &mut self,
        label: Label,
        head: &TokenStream,
        body: impl FnOnce(&mut Self) -> TokenStream,
    ) -> TokenStream {
        self.scopes.push(Scope::Loop {
            label,
            has_rounds: false,
            is_named: false,
        });
        let body = body(self);
        let name = self.leave_scope();
        quote!(#name #head { #body })
    }

    /// A loop that does something after each round: `continue` goes there.
    fn rounds(
        &mut self,
        label: Label,
        head: &TokenStream,
        body: &Block,
        after: impl FnOnce(&mut Self) -> TokenStream,
    ) -> TokenStream {
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
            quote!(#name #head { #round: { #body } #after })
        } else {
            quote!(#name #head { #body #after })
        }
    }

    /// Ends the innermost loop or switch; its label if printed code names it.
    fn leave_scope(&mut self) -> TokenStream {
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
                let name = lifetime(label);
                quote!(#name:)
            }
            _ => TokenStream::new(),
        }
    }

    /// `break`, out of the loop or switch with this label.
    pub(super) fn break_out(&mut self, label: Label) -> TokenStream {
        let name = lifetime(label);
        let mut innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            match scope {
                Scope::Attempt(_) => {
                    let number = Token::u32_unsuffixed(label.0);
                    return quote!(return Ok(Flow::Break(#number)););
                }
                Scope::Loop {
                    label: target,
                    has_rounds,
                    is_named,
                } if *target == label => {
                    if innermost && !*has_rounds {
                        return quote!(break;);
                    }
                    *is_named = true;
                    return quote!(break #name;);
                }
                Scope::Switch {
                    label: target,
                    is_named,
                } if *target == label => {
                    *is_named = true;
                    return quote!(break #name;);
                }
                Scope::Loop { .. } | Scope::Switch { .. } => innermost = false,
            }
        }
        TokenStream::new()
    }

    /// `continue`, with the next round of the loop with this label.
    pub(super) fn continue_with(&mut self, label: Label) -> TokenStream {
        let mut innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            match scope {
                Scope::Attempt(_) => {
                    let number = Token::u32_unsuffixed(label.0);
                    return quote!(return Ok(Flow::Continue(#number)););
                }
                Scope::Loop {
                    label: target,
                    has_rounds,
                    is_named,
                } if *target == label => {
                    if *has_rounds {
                        let round = round(label);
                        return quote!(break #round;);
                    }
                    if innermost {
                        return quote!(continue;);
                    }
                    *is_named = true;
                    let name = lifetime(label);
                    return quote!(continue #name;);
                }
                Scope::Loop { .. } | Scope::Switch { .. } => innermost = false,
            }
        }
        TokenStream::new()
    }

    /// The pattern that declares a local.
    pub(super) fn pattern(&self, local: LocalId) -> TokenStream {
        let declared = &self.body.locals[local.index()];
        let name = &self.locals[local.index()];
        if declared.is_mutable && declared.is_used {
            quote!(mut #name)
        } else {
            quote!(#name)
        }
    }

    /// `while condition`, or `loop`.
    fn head(&mut self, condition: Option<&Expr>) -> TokenStream {
        match condition {
            None => quote!(loop),
            Some(condition)
                if matches!(condition.kind, ExprKind::Literal(Literal::Boolean(true))) =>
            {
                quote!(loop)
            }
            Some(condition) => {
                let condition = self.owned(condition).tokens;
                quote!(while #condition)
            }
        }
    }

    pub(super) fn switch(
        &mut self,
        label: Label,
        value: &Expr,
        cases: &[SwitchCase],
    ) -> TokenStream {
        let (before, value) = self.selector(value);
        self.scopes.push(Scope::Switch {
            label,
            is_named: false,
        });
        let bodies: Vec<TokenStream> = cases.iter().map(|case| self.block(&case.body)).collect();
        let name = self.leave_scope();
        let falls = cases.iter().any(|case| case.falls_through);
        // `_` takes everything, so the default goes last.
        let default = cases.iter().position(|case| case.is_default);
        let order = (0..cases.len())
            .filter(|&number| Some(number) != default)
            .chain(default);
        let tokens = if falls {
            let label = lifetime(label);
            let arms = order.map(|number| {
                let pattern = self.case_pattern(&cases[number]);
                let number = Token::usize_unsuffixed(number);
                quote!(#pattern => #number,)
            });
            let past = Token::usize_unsuffixed(cases.len());
            let none = default.is_none().then(|| quote!(_ => #past,));
            let entry = quote!(let entry = match #value { #(#arms)* #none };);
            let steps = cases
                .iter()
                .zip(&bodies)
                .zip(0..)
                .map(|((case, body), number)| {
                    let number = Token::usize_unsuffixed(number);
                    let leave = (!case.falls_through).then(|| quote!(break #label;));
                    quote!(if entry <= #number { #body #leave })
                });
            return quote!({ #before #entry #label: { #(#steps)* } });
        } else {
            let arms = order.map(|number| {
                let (pattern, body) = (self.case_pattern(&cases[number]), &bodies[number]);
                quote!(#pattern => { #body })
            });
            let none = default.is_none().then(|| quote!(_ => {}));
            quote!(match #value { #(#arms)* #none })
        };
        let tokens = if name.is_empty() {
            tokens
        } else {
            quote!(#name { #tokens })
        };
        if before.is_empty() {
            tokens
        } else {
            quote!({ #before #tokens })
        }
    }

    /// What a `match` looks at, and what must stand before it.
    fn selector(&mut self, value: &Expr) -> (TokenStream, TokenStream) {
        if value.ty != Type::String {
            return (TokenStream::new(), self.owned(value).tokens);
        }
        let code = self.owned(value);
        if code.cx == Cx::Unused {
            let place = self.place(value).at_least(Level::Unary);
            return (TokenStream::new(), quote!(&*#place));
        }
        // A place in the heap must not stay borrowed while the arms run.
        let tokens = code.tokens;
        (quote!(let value = #tokens;), quote!(&*value))
    }

    fn case_pattern(&self, case: &SwitchCase) -> TokenStream {
        if case.is_default {
            return quote!(_);
        }
        let values = case.values.iter().map(|value| match value {
            Literal::String(text) => quote!(#text),
            Literal::Integer(number) => super::expr::integer(*number, Type::Int).tokens,
            other => self.literal(other, Type::Void).tokens,
        });
        quote!(#(#values)|*)
    }
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
fn lifetime(label: Label) -> Lifetime {
    Lifetime::new(&format!("'leave_{}", label.0), Span::call_site())
}

/// The Rust label of one round of a loop.
fn round(label: Label) -> Lifetime {
    Lifetime::new(&format!("'round_{}", label.0), Span::call_site())
}
