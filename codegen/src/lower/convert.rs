//! Conversions: from the type that an expression has to the one that is needed.

use cmsl_parser::Diagnostic;

use super::{Lower, typed};
use crate::check::types;
use crate::ir::{Conversion, Expr, ExprKind, Literal, Type};

/// How well an argument fits a parameter; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    Exact,
    Widening,
    Constant,
}

impl<'a> Lower<'_, 'a> {
    /// The expression as a value of a type; reports if it cannot be one. The note says what it is for.
    pub fn convert(&mut self, expr: Expr, to: Type, note: &str) -> Expr {
        if expr.ty == Type::Poison || to == Type::Poison {
            return Expr { ty: to, ..expr };
        }
        if self.same(expr.ty, to) {
            return Expr { ty: to, ..expr };
        }
        if let Some(fit) = self.fit(&expr, to) {
            return self.apply(expr, to, fit);
        }
        self.report_conversion(&expr, to, note);
        Expr {
            ty: Type::Poison,
            ..expr
        }
    }

    /// How an expression fits a type, if it does.
    pub fn fit(&mut self, expr: &Expr, to: Type) -> Option<Fit> {
        let from = expr.ty;
        if from == Type::Poison || to == Type::Poison || self.is_same(from, to) {
            return Some(Fit::Exact);
        }
        if widens(from, to) || self.converts(from, to) {
            return Some(Fit::Widening);
        }
        if from.is_number() && to.is_number() && self.constant_as(expr, to).is_some() {
            return Some(Fit::Constant);
        }
        None
    }

    fn apply(&mut self, expr: Expr, to: Type, fit: Fit) -> Expr {
        let span = expr.span;
        if fit == Fit::Constant
            && let Some(literal) = self.constant_as(&expr, to)
        {
            return typed(ExprKind::Literal(literal), to, span);
        }
        let from = expr.ty;
        let step = |expr: Expr, how: Conversion, ty: Type| {
            typed(ExprKind::Convert(how, Box::new(expr)), ty, span)
        };
        match (from, to) {
            (Type::Null, _) => Expr { ty: to, ..expr },
            (Type::Class(_), Type::Class(_)) => step(expr, Conversion::Upcast, to),
            (Type::Array(_), Type::Array(_)) => step(expr, Conversion::ArrayUpcast, to),
            (Type::Array(element), Type::Class(_)) => {
                let element = self.checker.program.types.at(element);
                let group = step(expr, Conversion::ArrayToGroup, element);
                if element == to {
                    group
                } else {
                    step(group, Conversion::Upcast, to)
                }
            }
            (Type::Class(_), Type::Array(element)) => {
                let element = self.checker.program.types.at(element);
                let group = if element == from {
                    expr
                } else {
                    step(expr, Conversion::Upcast, element)
                };
                step(group, Conversion::GroupToArray, to)
            }
            _ => step(expr, Conversion::Widen, to),
        }
    }

    /// Whether types are equal, futures by their results.
    fn is_same(&self, from: Type, to: Type) -> bool {
        let types = &self.checker.program.types;
        match (from, to) {
            (Type::Future(a), Type::Future(b)) => {
                let (a, b) = (types.at(a), types.at(b));
                a == b || a == Type::Null || b == Type::Null
            }
            (Type::Array(a), Type::Array(b)) | (Type::List(a), Type::List(b)) => {
                a == b || self.is_same(types.at(a), types.at(b))
            }
            _ => from == to,
        }
    }

    /// As [`Self::is_same`]; a future whose result is not known yet learns it from the other.
    pub fn same(&mut self, from: Type, to: Type) -> bool {
        let same = self.is_same(from, to);
        if same {
            self.learn(from, to);
        }
        same
    }

    fn learn(&mut self, from: Type, to: Type) {
        let types = &mut self.checker.program.types;
        match (from, to) {
            (Type::Future(a), Type::Future(b)) if a != b => match (types.at(a), types.at(b)) {
                // One of them may learn it from another body.
                (Type::Null, Type::Null) => self.checker.meets_unknown = true,
                (Type::Null, known) if known != Type::Null => types.resolve(a, known),
                (known, Type::Null) if known != Type::Null => types.resolve(b, known),
                _ => {}
            },
            (Type::Array(a), Type::Array(b)) | (Type::List(a), Type::List(b)) if a != b => {
                let (a, b) = (types.at(a), types.at(b));
                self.learn(a, b);
            }
            _ => {}
        }
    }

    /// Whether a reference or array converts by itself.
    fn converts(&self, from: Type, to: Type) -> bool {
        let program = &self.checker.program;
        match (from, to) {
            (Type::Null, Type::Class(_)) => true,
            (Type::Class(from), Type::Class(to)) => program.derives_from(from, to),
            (Type::Array(from), Type::Class(_)) => {
                let from = program.types.at(from);
                from == to || self.converts(from, to)
            }
            (Type::Class(_), Type::Array(to)) => {
                let to = program.types.at(to);
                from == to || self.converts(from, to)
            }
            (Type::Array(from), Type::Array(to)) => {
                let (from, to) = (program.types.at(from), program.types.at(to));
                matches!((from, to), (Type::Class(_), Type::Class(_))) && self.converts(from, to)
            }
            _ => false,
        }
    }

    /// A constant number as a value of a number type, if it is one there.
    fn constant_as(&mut self, expr: &Expr, to: Type) -> Option<Literal> {
        if expr.ty == Type::String {
            return None;
        }
        let value = self.checker.evaluate(expr).ok().flatten()?;
        constant_fits(&value, to, matches!(expr.kind, ExprKind::Literal(_)))
    }

    fn report_conversion(&mut self, expr: &Expr, to: Type, note: &str) {
        let (from, span) = (expr.ty, expr.span);
        let (found, expected) = (self.show(from), self.show(to));
        let diagnostic = match (from, to) {
            (Type::Void, _) => no_value(span),
            _ if from.is_number() && to.is_number() => {
                match self.checker.evaluate(expr).ok().flatten() {
                    Some(Literal::Integer(value)) if to.is_integer() => {
                        let message = format!("{value} does not fit `{expected}`");
                        Diagnostic::new(types::OUT_OF_RANGE, span, message).note(note)
                    }
                    _ => types::narrowing(span, &expected, &found, note),
                }
            }
            (Type::Char, _) if to.is_integer() => types::mismatch(span, &expected, &found, note)
                .help(format!("write the cast: `({expected}) …`")),
            (Type::Enum(_), _) if to.is_integer() => types::mismatch(span, &expected, &found, note)
                .help(format!("write the cast: `({expected}) …`")),
            (_, Type::String) if from != Type::Null => {
                types::mismatch(span, &expected, &found, note)
                    .help("nothing becomes text by itself: write `format (\"{}\", …)`")
            }
            (_, Type::Interval) if from.is_number() => {
                let written = self.checker.text(span);
                types::mismatch(span, &expected, &found, note).help(format!(
                    "a length of time is made of seconds: write `interval ({written})`"
                ))
            }
            (Type::Class(base), Type::Class(derived))
                if self.checker.program.derives_from(derived, base) =>
            {
                types::mismatch(span, &expected, &found, note).help(format!(
                    "not each `{found}` is one of `{expected}`: write the cast `({expected}) …`"
                ))
            }
            (Type::Future(_), Type::Array(_) | Type::List(_)) => types::mismatch(
                span, &expected, &found, note,
            )
            .help("a future is the ticket for one reply: assign it to an element, `f[i] = …`"),
            (other, Type::Future(_)) if !matches!(other, Type::Future(_)) => {
                types::mismatch(span, &expected, &found, note)
                    .help("a future is what `invoke` gives: write `invoke s->m (…)`")
            }
            (Type::String, Type::Char) => types::mismatch(span, &expected, &found, note)
                .help("a character stands in single quotes: `'c'`"),
            (Type::Future(_), Type::Future(_)) => types::mismatch(span, &expected, &found, note)
                .help(format!(
                    "a future has the type of its reply: write `{found}`"
                )),
            (Type::Future(_), _) => types::mismatch(span, &expected, &found, note)
                .help("the reply of a future is its `->result`"),
            (Type::Null, _) => types::mismatch(span, &expected, &found, note)
                .help("only references to objects of classes can be `null`"),
            _ => types::mismatch(span, &expected, &found, note),
        };
        self.report(diagnostic);
    }
}

/// What is said where a call without a result is used as a value.
pub(crate) fn no_value(span: cmsl_parser::Span) -> Diagnostic {
    Diagnostic::new(types::VOID_VALUE, span, "this has no value")
        .note("returns `void`")
        .help("write it as a statement of its own")
}

/// Whether all values of a number type are values of another.
pub(crate) fn widens(from: Type, to: Type) -> bool {
    if let (Some(from), Some(to)) = (from.integer_range(), to.integer_range()) {
        return to.0 <= from.0 && from.1 <= to.1;
    }
    match to {
        Type::Double => matches!(
            from,
            Type::Octet
                | Type::Short
                | Type::Int
                | Type::UnsignedShort
                | Type::UnsignedInt
                | Type::Float
                | Type::Double
        ),
        Type::Float => matches!(
            from,
            Type::Octet | Type::Short | Type::UnsignedShort | Type::Float
        ),
        _ => false,
    }
}

/// The smallest number type that holds all values of both.
pub(crate) fn meet(a: Type, b: Type) -> Option<Type> {
    const BY_SIZE: [Type; 9] = [
        Type::Octet,
        Type::Short,
        Type::UnsignedShort,
        Type::Int,
        Type::UnsignedInt,
        Type::Long,
        Type::UnsignedLong,
        Type::Float,
        Type::Double,
    ];
    if !a.is_number() || !b.is_number() {
        return None;
    }
    BY_SIZE
        .into_iter()
        .find(|&ty| widens(a, ty) && widens(b, ty))
}

/// A constant as a value of a number type. Whole numbers must be exact; a literal with a fraction is rounded to `float`
/// as it is to `double`.
fn constant_fits(value: &Literal, to: Type, is_literal: bool) -> Option<Literal> {
    match *value {
        Literal::Integer(number) => {
            if let Some((least, greatest)) = to.integer_range() {
                return (least <= number && number <= greatest).then_some(Literal::Integer(number));
            }
            let bits = if to == Type::Float { 24 } else { 53 };
            (number.unsigned_abs() <= 1 << bits).then_some(Literal::Float(number as f64))
        }
        Literal::Float(number) if to == Type::Float => {
            let rounded = f64::from(number as f32);
            (is_literal || rounded == number).then_some(Literal::Float(rounded))
        }
        _ => None,
    }
}
