//! Long chains of operators: statements that go on with what was computed so far.
//!
//! An expression of many thousand operands would be a tree that the Rust compiler cannot walk, and a function of as
//! many statements would take it long. So the links stand in closures of a bounded size, one after the other; those
//! whose operands nobody can watch being evaluated (literals, variables) go through a loop over an array.

use super::body::{Attempt, BodyEmitter, Scope};
use super::code::{Code, Cx, Level};
use super::in_place::sign_in_place;
use super::ty::is_copy;
use crate::format::{Tokens, commas, rust, string};
use crate::ir::{Conversion, Expr, ExprKind, Link, LinkOp, Literal, Type};

/// The most statements in a closure.
const LINKS_MAX: usize = 128;
/// The fewest operands that stand in an array, and the most: they may stand on the stack.
const ARRAY_MIN: usize = 8;
const ARRAY_MAX: usize = 4096;

/// Some links of a chain.
enum Part<'a> {
    /// Some of one operator, whose operands are literals or variables of one type.
    Array(&'a [Link]),
    /// Any others.
    Links(&'a [Link]),
    /// One that cannot stand in a closure, for statements in it may leave the function.
    Open(&'a Link),
}

impl BodyEmitter<'_> {
    /// A block that computes a chain of values of a type.
    pub(super) fn chain(&mut self, first: &Expr, links: &[Link], ty: Type) -> Code {
        let is_text = ty == Type::String;
        let start = self.owned(first);
        let mut cx = start.cx;
        let mut steps = rust!();
        for part in parts(links) {
            let code = match part {
                Part::Open(link) => {
                    let (code, open_cx) = self.link(link, ty);
                    cx = cx.max(open_cx);
                    steps.append(code);
                    continue;
                }
                Part::Links(links) => {
                    self.scopes.push(Scope::Attempt(Attempt::Straight));
                    let code: Tokens = links
                        .iter()
                        .map(|link| {
                            let (code, link_cx) = self.link(link, ty);
                            cx = cx.max(link_cx);
                            code
                        })
                        .collect();
                    self.scopes.pop();
                    code
                }
                Part::Array(links) => self.array(links, ty),
            };
            steps.append(if is_text {
                rust!(attempt(|| { #code Ok(()) })?;)
            } else {
                rust! {
                    value = attempt(|| {
                        let mut value = value;
                        #code
                        Ok(value)
                    })?;
                }
            });
        }
        let code = if is_text {
            let start = start.receiver();
            rust!({ let mut value = #start.to_string(); #steps Text::from(value) })
        } else {
            let (name, start) = (self.ty(ty), start.value());
            rust!({ let mut value: #name = #start; #steps value })
        };
        Code::new(code, Level::Block, cx)
    }

    /// One link as a statement.
    fn link(&mut self, link: &Link, ty: Type) -> (Tokens, Cx) {
        if ty == Type::String {
            if let ExprKind::Literal(Literal::String(text)) = &link.operand.kind {
                let text = string(text);
                return (rust!(value.push_str(#text);), Cx::Unused);
            }
            let operand = self.borrowed(&link.operand);
            let (cx, operand) = (operand.cx, operand.value());
            return (rust!(Text::append(&mut value, #operand)?;), cx);
        }
        let operand = self.owned(&link.operand);
        let cx = operand.cx;
        (self.linked(link.op, ty, operand, link.operand.ty), cx)
    }

    /// A loop over the operands.
    fn array(&mut self, links: &[Link], ty: Type) -> Tokens {
        let Some(first) = links.first() else {
            return rust!();
        };
        let operands = links.iter().map(|link| self.owned(&link.operand).value());
        let operands = commas(operands.collect::<Vec<_>>());
        let term = Code::atom(rust!(term), Cx::Unused);
        let step = self.linked(first.op, ty, term, first.operand.ty);
        if links.iter().all(|link| is_literal(&link.operand)) {
            // Behind a reference, literals are data of the program; else code would have to put each into its place.
            return rust!(for &term in &[#operands] { #step });
        }
        rust!(for term in [#operands] { #step })
    }

    /// The change of `value` by a link.
    fn linked(&mut self, op: LinkOp, ty: Type, operand: Code, operand_ty: Type) -> Tokens {
        let value = Code::atom(rust!(value), Cx::Unused);
        let value = match op {
            LinkOp::Compute(op) => {
                if let Some(sign) = sign_in_place(op, ty).filter(|_| ty == operand_ty) {
                    let operand = operand.value();
                    return rust!(value #sign #operand;);
                }
                self.binary(op, (value, ty), (operand, operand_ty)).value()
            }
            LinkOp::Compare(comparison) => {
                let sign = super::expr::comparison_sign(comparison);
                let operand = operand.at_least(Level::BitOr);
                rust!(value #sign #operand)
            }
            LinkOp::And => {
                let operand = operand.at_least(Level::Compare);
                rust!(value && #operand)
            }
            LinkOp::Or => {
                let operand = operand.at_least(Level::Compare);
                rust!(value || #operand)
            }
        };
        rust!(value = #value;)
    }
}

fn parts(links: &[Link]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = links;
    while let Some(link) = rest.first() {
        let run = run(rest);
        let length = if has_block(&link.operand) {
            parts.push(Part::Open(link));
            1
        } else if run >= ARRAY_MIN {
            parts.push(Part::Array(rest.get(..run).unwrap_or(rest)));
            run
        } else {
            let most = rest.len().min(LINKS_MAX);
            let is_other = |&at: &usize| {
                let rest = rest.get(at..).unwrap_or_default();
                rest.first().is_some_and(|link| has_block(&link.operand))
                    || self::run(rest) >= ARRAY_MIN
            };
            let length = (1..most).find(is_other).unwrap_or(most);
            parts.push(Part::Links(rest.get(..length).unwrap_or(rest)));
            length
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    parts
}

/// How many links an array can stand for, up to the most that it may.
fn run(links: &[Link]) -> usize {
    let Some(first) = links.first() else {
        return 0;
    };
    let is_alike = |link: &&Link| {
        link.op == first.op
            && link.operand.ty == first.operand.ty
            && is_simple(&link.operand)
            && is_literal(&link.operand) == is_literal(&first.operand)
    };
    let links = links.iter().take(ARRAY_MAX);
    links.take_while(is_alike).count()
}

/// Whether evaluating does nothing, cannot fail, and gives the same before and after the operands around it.
fn is_simple(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Local(_) => is_copy(expr.ty),
        ExprKind::Convert(Conversion::Widen, inner) => is_simple(inner),
        _ => false,
    }
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Convert(Conversion::Widen, inner) => is_literal(inner),
        _ => false,
    }
}

/// Whether statements stand in an expression.
fn has_block(expr: &Expr) -> bool {
    expr.any(&|expr| match &expr.kind {
        ExprKind::Accept(accept) => accept.timeout.as_ref().is_some_and(|t| t.block.is_some()),
        _ => false,
    })
}
