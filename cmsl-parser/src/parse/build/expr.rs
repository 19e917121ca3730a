//! Expressions: from the flat list of the grammar to a tree, by precedence.
//!
//! Nothing here recurses but into brackets, so that a chain of a million operands is read in a loop. Since everything
//! after the parser recurses, a long chain becomes a flat node, and any other tree that would get too high is reported
//! and cut off.

use super::{Builder, Pair, Parts};
use crate::Span;
use crate::ast::{BinaryOp, EXPRESSION_HEIGHT_MAX, Expr, ExprKind, Link};
use crate::diagnostic::TOO_DEEP;
use crate::parse::grammar::Rule;

/// A chain that is as high as this becomes flat.
const CHAIN_HEIGHT_MAX: u16 = 256;

impl<'a> Builder<'a> {
    /// An `expr` or a `case_value`.
    pub(super) fn expr(&mut self, pair: Pair<'a>) -> Expr {
        let mut parts = pair.parts();
        let first = self.chain(&mut parts);
        if parts.peek().is_none() {
            return first;
        }
        let mut rest = Vec::new();
        while let Some(middle) = parts.optional(Rule::expr) {
            let middle = self.expr(middle);
            rest.push((middle, self.chain(&mut parts)));
        }
        // `a ? b : c ? d : e` leans to the right: the last condition is the innermost.
        let mut links = vec![first];
        let mut middles = Vec::with_capacity(rest.len());
        for (middle, last) in rest {
            middles.push(middle);
            links.push(last);
        }
        let Some(mut otherwise) = links.pop() else {
            return error(Span::default());
        };
        while let (Some(condition), Some(then)) = (links.pop(), middles.pop()) {
            otherwise = self.conditional(condition, then, otherwise);
        }
        otherwise
    }

    fn conditional(&mut self, condition: Expr, then: Expr, otherwise: Expr) -> Expr {
        let span = condition.span.to(otherwise.span);
        let height = condition.height.max(then.height).max(otherwise.height);
        let kind = ExprKind::Conditional {
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        self.node(kind, span, height)
    }

    /// Operands and operators up to something else: the two stacks of precedence climbing.
    fn chain(&mut self, parts: &mut Parts<'a>) -> Expr {
        let first = self.operand(parts);
        if parts.peek() != Some(Rule::binary_op) {
            return first;
        }
        let mut operands = Vec::with_capacity(4);
        operands.push(first);
        let mut operators: Vec<(BinaryOp, Span)> = Vec::new();
        while let Some(pair) = parts.optional(Rule::binary_op) {
            let op = binary_op(pair.text());
            while let Some(&(last, span)) = operators.last()
                && last.precedence() >= op.precedence()
            {
                operators.pop();
                self.reduce(&mut operands, last, span);
            }
            operators.push((op, self.span(pair)));
            let operand = self.operand(parts);
            operands.push(operand);
        }
        while let Some((op, span)) = operators.pop() {
            self.reduce(&mut operands, op, span);
        }
        operands.pop().unwrap_or_else(|| error(Span::default()))
    }

    fn reduce(&mut self, operands: &mut Vec<Expr>, op: BinaryOp, op_span: Span) {
        if let (Some(right), Some(left)) = (operands.pop(), operands.pop()) {
            let left = flat(left);
            let right_height = right.height;
            let span = left.span.to(right.span);
            let height = left.height.max(right.height);
            if let ExprKind::Chain { first, mut links } = left.kind {
                links.push(Link {
                    op,
                    op_span,
                    operand: right,
                });
                let operand = right_height.saturating_add(1);
                let height = left.height.max(operand);
                let kind = ExprKind::Chain { first, links };
                operands.push(self.bounded(kind, span, height));
                return;
            }
            let (left, right) = (Box::new(left), Box::new(right));
            let kind = ExprKind::Binary {
                op,
                op_span,
                left,
                right,
            };
            operands.push(self.node(kind, span, height));
        }
    }

    /// A node over parts of at most a height; an error, reported, if it would get too high.
    pub(super) fn node(&mut self, kind: ExprKind, span: Span, height: u16) -> Expr {
        self.bounded(kind, span, height.saturating_add(1))
    }

    fn bounded(&mut self, kind: ExprKind, span: Span, height: u16) -> Expr {
        if usize::from(height) > EXPRESSION_HEIGHT_MAX {
            self.too_high(span);
            return error(span);
        }
        Expr {
            kind,
            span,
            height,
            parenthesised: false,
        }
    }

    pub(super) fn too_high(&mut self, span: Span) {
        let message =
            format!("the tree of this expression is more than {EXPRESSION_HEIGHT_MAX} high");
        // Only where it begins: the chain itself may be a megabyte.
        let span = Span::new(
            span.file,
            span.start,
            span.end.min(span.start.saturating_add(16)),
        );
        let span = self.whole_characters(span);
        let help = "compute it in several statements";
        self.error(TOO_DEEP, span, message, help);
    }

    fn whole_characters(&self, mut span: Span) -> Span {
        while !self.text.is_char_boundary(span.end as usize) {
            span.end -= 1;
        }
        span
    }
}

/// A high chain that leans to the left, as a flat one; anything else as it is.
fn flat(expr: Expr) -> Expr {
    if expr.height < CHAIN_HEIGHT_MAX || !matches!(expr.kind, ExprKind::Binary { .. }) {
        return expr;
    }
    let span = expr.span;
    let mut links = Vec::new();
    let mut first = expr;
    let mut height = 0;
    while let ExprKind::Binary {
        op,
        op_span,
        left,
        right,
    } = first.kind
    {
        height = height.max(right.height);
        links.push(Link {
            op,
            op_span,
            operand: *right,
        });
        first = *left;
    }
    links.reverse();
    let height = height.max(first.height).saturating_add(1);
    let first = Box::new(first);
    let kind = ExprKind::Chain { first, links };
    Expr {
        kind,
        span,
        height,
        parenthesised: false,
    }
}

/// What stands where no expression could be made.
pub(super) fn error(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Error,
        span,
        height: 1,
        parenthesised: false,
    }
}

pub(super) fn binary_op(text: &str) -> BinaryOp {
    match text {
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "&" => BinaryOp::BitAnd,
        "^" => BinaryOp::BitXor,
        "|" => BinaryOp::BitOr,
        "&&" => BinaryOp::And,
        _ => BinaryOp::Or,
    }
}
