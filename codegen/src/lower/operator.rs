//! Operators with two operands.

use cmsl_parser::{Diagnostic, Span, ast};

use super::convert::meet;
use super::{Lower, poison, typed};
use crate::check::types;
use crate::ir::{BinaryOp, Comparison, Expr, ExprKind, Link, LinkOp, Type};

/// What an operator is for.
enum Operator {
    Compute(BinaryOp),
    Compare(Comparison),
    And,
    Or,
}

fn operator(op: ast::BinaryOp) -> Operator {
    match op {
        ast::BinaryOp::Multiply => Operator::Compute(BinaryOp::Multiply),
        ast::BinaryOp::Divide => Operator::Compute(BinaryOp::Divide),
        ast::BinaryOp::Remainder => Operator::Compute(BinaryOp::Remainder),
        ast::BinaryOp::Add => Operator::Compute(BinaryOp::Add),
        ast::BinaryOp::Subtract => Operator::Compute(BinaryOp::Subtract),
        ast::BinaryOp::ShiftLeft => Operator::Compute(BinaryOp::ShiftLeft),
        ast::BinaryOp::ShiftRight => Operator::Compute(BinaryOp::ShiftRight),
        ast::BinaryOp::BitAnd => Operator::Compute(BinaryOp::BitAnd),
        ast::BinaryOp::BitXor => Operator::Compute(BinaryOp::BitXor),
        ast::BinaryOp::BitOr => Operator::Compute(BinaryOp::BitOr),
        ast::BinaryOp::Less => Operator::Compare(Comparison::Less),
        ast::BinaryOp::LessEqual => Operator::Compare(Comparison::LessOrEqual),
        ast::BinaryOp::Greater => Operator::Compare(Comparison::Greater),
        ast::BinaryOp::GreaterEqual => Operator::Compare(Comparison::GreaterOrEqual),
        ast::BinaryOp::Equal => Operator::Compare(Comparison::Equal),
        ast::BinaryOp::NotEqual => Operator::Compare(Comparison::NotEqual),
        ast::BinaryOp::And => Operator::And,
        ast::BinaryOp::Or => Operator::Or,
    }
}

impl<'a> Lower<'_, 'a> {
    /// `a op b op c …`: chains lean to the left and may be long, so they are walked, not descended into.
    pub fn chain(&mut self, expr: &'a ast::Expr) -> Expr {
        let mut links = Vec::new();
        let mut first = expr;
        while let ast::ExprKind::Binary {
            op,
            op_span,
            left,
            right,
        } = &first.kind
        {
            if self.is_cast(*op, left) {
                return self.with_casts(expr);
            }
            links.push((*op, *op_span, right, first.span));
            first = left;
        }
        let mut value = self.value(first);
        for (op, op_span, right, span) in links.into_iter().rev() {
            let right = self.value(right);
            value = self.binary(op, op_span, value, right, span);
        }
        value
    }

    /// The same of a chain that is flat because it is long; so is what becomes of it.
    pub fn long_chain(&mut self, expr: &'a ast::Expr) -> Expr {
        let ast::ExprKind::Chain { first, links } = &expr.kind else {
            return self.chain(expr);
        };
        let before = std::iter::once(&**first).chain(links.iter().map(|link| &link.operand));
        let mut signs = before.zip(links);
        if signs.any(|(before, link)| self.is_cast(link.op, before)) {
            return self.with_casts(expr);
        }
        let mut value = self.value(first);
        let start = value.span;
        for link in links {
            let right = self.value(&link.operand);
            let span = start.to(link.operand.span);
            value = flat(self.binary(link.op, link.op_span, value, right, span));
        }
        value
    }

    /// `left op right`
    pub fn binary(
        &mut self,
        op: ast::BinaryOp,
        op_span: Span,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Expr {
        match operator(op) {
            Operator::And | Operator::Or => {
                let what = format!("an operand of `{}`", op.symbol());
                let (left, right) = (self.boolean(left, &what), self.boolean(right, &what));
                if left.ty == Type::Poison || right.ty == Type::Poison {
                    return typed(poison(span).kind, Type::Boolean, span);
                }
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = match op {
                    ast::BinaryOp::And => ExprKind::And(left, right),
                    _ => ExprKind::Or(left, right),
                };
                typed(kind, Type::Boolean, span)
            }
            Operator::Compare(comparison) => self.compare(comparison, op, left, right, span),
            Operator::Compute(compute) => {
                if left.ty == Type::Poison || right.ty == Type::Poison {
                    return poison(span);
                }
                self.compute(compute, op.symbol(), op_span, left, right, span)
            }
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        op: ast::BinaryOp,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Expr {
        let wrong = typed(poison(span).kind, Type::Boolean, span);
        let Some((left, right)) = self.unify(left, right, span) else {
            return wrong;
        };
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if !equality && !is_ordered(left.ty) {
            let message = format!("values of `{}` have no order", self.show(left.ty));
            self.report(
                Diagnostic::new(types::BAD_OPERANDS, span, message).note(format!(
                    "`{}` needs numbers, chars, strings or enums",
                    op.symbol()
                )),
            );
            return wrong;
        }
        let kind = ExprKind::Compare(comparison, Box::new(left), Box::new(right));
        typed(kind, Type::Boolean, span)
    }

    /// An operator that computes, on operands that are not poisoned.
    pub fn compute(
        &mut self,
        op: BinaryOp,
        symbol: &str,
        op_span: Span,
        left: Expr,
        right: Expr,
        span: Span,
    ) -> Expr {
        let (a, b) = (left.ty, right.ty);
        let build = |left, right, ty| {
            typed(
                ExprKind::Binary(op, Box::new(left), Box::new(right)),
                ty,
                span,
            )
        };
        if matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight) {
            if a.is_integer() && b.is_integer() {
                return build(left, right, a);
            }
            return self.bad_operands(symbol, op_span, &left, &right, span);
        }
        if let Some(ty) = date_arithmetic(op, a, b) {
            let right = match (a, b) {
                (Type::Interval, number) if number.is_number() => {
                    self.convert(right, Type::Double, "a factor of an interval")
                }
                _ => right,
            };
            return build(left, right, ty);
        }
        if a == Type::String && b == Type::String && op == BinaryOp::Add {
            return build(left, right, Type::String);
        }
        let bitwise = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
        if a == Type::Boolean && b == Type::Boolean && bitwise {
            return build(left, right, Type::Boolean);
        }
        if !a.is_number() || !b.is_number() || (bitwise && !(a.is_integer() && b.is_integer())) {
            return self.bad_operands(symbol, op_span, &left, &right, span);
        }
        match self.meet_numbers(left, right, span) {
            Some((left, right)) => {
                let ty = left.ty;
                build(left, right, ty)
            }
            None => poison(span),
        }
    }

    /// Two numbers as numbers of the smallest type that holds both.
    pub fn meet_numbers(&mut self, left: Expr, right: Expr, span: Span) -> Option<(Expr, Expr)> {
        let (a, b) = (left.ty, right.ty);
        if let Some(ty) = meet(a, b) {
            return Some((self.convert(left, ty, ""), self.convert(right, ty, "")));
        }
        // A constant may be a number of the other's type although its own type's numbers are not.
        if self.fit(&right, a).is_some() {
            let right = self.convert(right, a, "");
            return Some((left, right));
        }
        if self.fit(&left, b).is_some() {
            let left = self.convert(left, b, "");
            return Some((left, right));
        }
        let (a, b) = (self.show(a), self.show(b));
        let message = format!("no type holds all values of both `{a}` and `{b}`");
        self.report(
            Diagnostic::new(types::NO_COMMON_TYPE, span, message)
                .help(format!("cast one of them: `({b}) …` or `({a}) …`")),
        );
        None
    }

    fn bad_operands(
        &mut self,
        symbol: &str,
        op_span: Span,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Expr {
        let (a, b) = (self.show(left.ty), self.show(right.ty));
        let message = format!("`{symbol}` does not work on `{a}` and `{b}`");
        let mut diagnostic = Diagnostic::new(types::BAD_OPERANDS, op_span, message)
            .label(left.span, format!("`{a}`"))
            .label(right.span, format!("`{b}`"));
        let either = |ty: Type| left.ty == ty || right.ty == ty;
        if either(Type::String) && symbol.starts_with('+') {
            diagnostic = diagnostic
                .help("`+` joins strings and converts nothing: write `format (\"{}\", …)`");
        } else if either(Type::Char) {
            diagnostic.code = types::CHAR_ARITHMETIC;
            diagnostic = diagnostic.help("a char needs a cast for arithmetic: `(int) …`");
        }
        self.report(diagnostic);
        poison(span)
    }
}

/// An operation on a chain as a longer chain, unless the type changes, which it seldom does on the way.
pub(super) fn flat(expr: Expr) -> Expr {
    let Expr { kind, ty, span } = expr;
    let (op, left, operand) = match kind {
        ExprKind::Binary(op, left, right) if left.ty == ty => (LinkOp::Compute(op), left, right),
        ExprKind::Compare(op, left, right) if left.ty == ty => (LinkOp::Compare(op), left, right),
        ExprKind::And(left, right) => (LinkOp::And, left, right),
        ExprKind::Or(left, right) => (LinkOp::Or, left, right),
        kind => return typed(kind, ty, span),
    };
    let operand = *operand;
    let link = Link { op, operand };
    let kind = match left.kind {
        ExprKind::Chain(first, mut links) => {
            links.push(link);
            ExprKind::Chain(first, links)
        }
        _ => ExprKind::Chain(left, vec![link]),
    };
    typed(kind, ty, span)
}

/// Whether `<` works on values of a type.
pub(super) fn is_ordered(ty: Type) -> bool {
    ty.is_number()
        || matches!(
            ty,
            Type::Char
                | Type::String
                | Type::Enum(_)
                | Type::Date
                | Type::Time
                | Type::Timestamp
                | Type::Interval
        )
}

/// The type of an operator on dates and times.
fn date_arithmetic(op: BinaryOp, a: Type, b: Type) -> Option<Type> {
    match (op, a, b) {
        (BinaryOp::Subtract, Type::Timestamp, Type::Timestamp)
        | (BinaryOp::Subtract, Type::Date, Type::Date)
        | (BinaryOp::Add | BinaryOp::Subtract, Type::Interval, Type::Interval) => {
            Some(Type::Interval)
        }
        (BinaryOp::Add | BinaryOp::Subtract, Type::Timestamp, Type::Interval) => {
            Some(Type::Timestamp)
        }
        (BinaryOp::Multiply | BinaryOp::Divide, Type::Interval, number) if number.is_number() => {
            Some(Type::Interval)
        }
        _ => None,
    }
}

/// The operator of `op=`.
pub(super) fn compute_op(op: ast::BinaryOp) -> Option<BinaryOp> {
    match operator(op) {
        Operator::Compute(op) => Some(op),
        _ => None,
    }
}
