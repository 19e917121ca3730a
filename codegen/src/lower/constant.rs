//! Values that are known when the program is compiled.

use cmsl_parser::{Diagnostic, Span};

use crate::check::types;
use crate::ir::{
    BinaryOp, Comparison, Conversion, EnumId, Expr, ExprKind, LinkOp, Literal, Type, UnaryOp,
};
use crate::resolve::Checker;

/// A constant that has no value: what is wrong with it.
pub(crate) type Fault = &'static str;

const OVERFLOW: Fault = "the value overflows its type";

const TOO_LONG: Fault =
    "the texts that must be known before the program runs are too long together";

/// The most bytes of text that are joined, compared and used as cases while a program is compiled: each text may be
/// twice the one before it.
const TEXT_BYTES_MAX: usize = 16 << 20;

impl Checker<'_> {
    /// The value of an expression if it is constant.
    pub fn evaluate(&mut self, expr: &Expr) -> Result<Option<Literal>, Fault> {
        let value = match &expr.kind {
            ExprKind::Literal(literal) if expr.ty != Type::Poison => Some(literal.clone()),
            ExprKind::Global(id) => {
                self.ensure_global(*id);
                let global = self.program.global(*id);
                if global.is_const {
                    global.value.clone()
                } else {
                    None
                }
            }
            ExprKind::Unary(op, operand) => match self.evaluate(operand)? {
                Some(value) => unary(*op, value, expr.ty)?,
                None => None,
            },
            ExprKind::Binary(BinaryOp::Add, ..) | ExprKind::Chain(..)
                if expr.ty == Type::String =>
            {
                self.joined(expr)?
            }
            ExprKind::Binary(op, left, right) => {
                match (self.evaluate(left)?, self.evaluate(right)?) {
                    (Some(left), Some(right)) => binary(*op, left, right, expr.ty)?,
                    _ => None,
                }
            }
            ExprKind::Compare(op, left, right) => {
                match (self.evaluate(left)?, self.evaluate(right)?) {
                    (Some(left), Some(right)) => self.compare(*op, &left, &right)?,
                    _ => None,
                }
            }
            ExprKind::And(left, right) => match (self.evaluate(left)?, self.evaluate(right)?) {
                (Some(Literal::Boolean(a)), Some(Literal::Boolean(b))) => {
                    Some(Literal::Boolean(a && b))
                }
                _ => None,
            },
            ExprKind::Or(left, right) => match (self.evaluate(left)?, self.evaluate(right)?) {
                (Some(Literal::Boolean(a)), Some(Literal::Boolean(b))) => {
                    Some(Literal::Boolean(a || b))
                }
                _ => None,
            },
            ExprKind::Chain(first, links) => {
                let mut value = self.evaluate(first)?;
                for link in links {
                    value = match (value, self.evaluate(&link.operand)?) {
                        (Some(left), Some(right)) => match link.op {
                            LinkOp::Compare(op) => self.compare(op, &left, &right)?,
                            op => linked(op, left, right, expr.ty)?,
                        },
                        _ => return Ok(None),
                    };
                }
                value
            }
            ExprKind::Conditional(condition, then, otherwise) => match self.evaluate(condition)? {
                Some(Literal::Boolean(true)) => self.evaluate(then)?,
                Some(Literal::Boolean(false)) => self.evaluate(otherwise)?,
                _ => None,
            },
            ExprKind::Convert(Conversion::Widen | Conversion::Cast, operand) => {
                match self.evaluate(operand)? {
                    Some(value) => self.cast_constant(&value, expr.ty)?,
                    None => None,
                }
            }
            _ => None,
        };
        Ok(value)
    }

    /// `a + b + c …` of strings, at once: the parts on the way are nobody's.
    fn joined(&mut self, expr: &Expr) -> Result<Option<Literal>, Fault> {
        let (mut parts, mut first) = (Vec::new(), expr);
        loop {
            first = match &first.kind {
                ExprKind::Binary(BinaryOp::Add, left, right) => {
                    parts.push(&**right);
                    left
                }
                ExprKind::Chain(left, links) => {
                    parts.extend(links.iter().rev().map(|link| &link.operand));
                    left
                }
                _ => break,
            };
        }
        let mut text = String::new();
        for part in std::iter::once(first).chain(parts.into_iter().rev()) {
            let Some(Literal::String(part)) = self.evaluate(part)? else {
                return Ok(None);
            };
            self.take_text(part.len())?;
            text.push_str(&part);
        }
        Ok(Some(Literal::String(text.into())))
    }

    fn take_text(&mut self, bytes: usize) -> Result<(), Fault> {
        self.text_bytes = self.text_bytes.saturating_add(bytes);
        if self.text_bytes > TEXT_BYTES_MAX {
            return Err(TOO_LONG);
        }
        Ok(())
    }

    fn cast_constant(&self, value: &Literal, to: Type) -> Result<Option<Literal>, Fault> {
        if let Type::Enum(id) = to {
            let Literal::Integer(number) = *value else {
                return Ok(None);
            };
            let variants = &self.program.enumeration(id).variants;
            let position = variants
                .iter()
                .zip(0u32..)
                .find(|(variant, _)| i128::from(variant.value) == number);
            return match position {
                Some((_, position)) => Ok(Some(Literal::Enum(id, position))),
                None => Err("the enumeration has no such value"),
            };
        }
        let value = match *value {
            Literal::Enum(id, position) => Literal::Integer(self.number_of(id, position).into()),
            Literal::Char(c) if to.is_integer() => Literal::Integer(u32::from(c).into()),
            ref other => other.clone(),
        };
        cast(value, to)
    }

    fn compare(
        &mut self,
        op: Comparison,
        a: &Literal,
        b: &Literal,
    ) -> Result<Option<Literal>, Fault> {
        if let (Literal::String(a), Literal::String(b)) = (a, b) {
            self.take_text(a.len().min(b.len()))?;
        }
        let number = |literal: &Literal| match *literal {
            Literal::Enum(id, position) => Literal::Integer(self.number_of(id, position).into()),
            ref other => other.clone(),
        };
        Ok(compare(op, &number(a), &number(b)))
    }

    /// What stands behind `=` in an enumeration, or follows from it.
    fn number_of(&self, id: EnumId, position: u32) -> i64 {
        let variants = &self.program.enumeration(id).variants;
        variants.get(position as usize).map_or(0, |v| v.value)
    }

    /// The value of an expression that must be constant; reports if it is not.
    pub fn constant(&mut self, expr: &Expr, what: &str) -> Option<Literal> {
        if expr.ty == Type::Poison {
            return None;
        }
        let value = self.evaluate(expr);
        let value = value.and_then(|value| match value {
            Some(Literal::String(text)) => {
                self.take_text(text.len())?;
                Ok(Some(Literal::String(text)))
            }
            value => Ok(value),
        });
        match value {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let message = format!("{what} must be constant");
                self.report(
                    Diagnostic::new(types::NOT_CONSTANT, expr.span, message)
                        .help("use literals, constants and operators"),
                );
                None
            }
            Err(fault) => {
                self.report(faulty(expr.span, fault));
                None
            }
        }
    }
}

/// What is reported of an expression that has no value.
pub(super) fn faulty(span: Span, fault: Fault) -> Diagnostic {
    let diagnostic = Diagnostic::new(types::CONSTANT_FAULT, span, fault);
    if fault == TOO_LONG {
        return diagnostic.help("join texts in a function, and compare long ones with `==`");
    }
    diagnostic
}

fn in_range(number: i128, ty: Type) -> Result<Option<Literal>, Fault> {
    match ty.integer_range() {
        Some((least, greatest)) if least <= number && number <= greatest => {
            Ok(Some(Literal::Integer(number)))
        }
        _ => Err(OVERFLOW),
    }
}

fn float(number: f64, ty: Type) -> Literal {
    if ty == Type::Float {
        Literal::Float(f64::from(number as f32))
    } else {
        Literal::Float(number)
    }
}

fn cast(value: Literal, to: Type) -> Result<Option<Literal>, Fault> {
    match value {
        Literal::Integer(number) if to.is_integer() => in_range(number, to),
        Literal::Integer(number) if to.is_number() => Ok(Some(float(number as f64, to))),
        Literal::Integer(number) if to == Type::Char => {
            let scalar = u32::try_from(number).ok().and_then(char::from_u32);
            scalar.map(|c| Some(Literal::Char(c))).ok_or(OVERFLOW)
        }
        Literal::Float(number) if to.is_integer() => {
            if number.is_nan() || number.abs() >= 1e30 {
                return Err(OVERFLOW);
            }
            in_range(number.trunc() as i128, to)
        }
        Literal::Float(number) => Ok(Some(float(number, to))),
        other => Ok(Some(other)),
    }
}

fn unary(op: UnaryOp, value: Literal, ty: Type) -> Result<Option<Literal>, Fault> {
    match (op, value) {
        (UnaryOp::Negate, Literal::Integer(number)) => in_range(-number, ty),
        (UnaryOp::Negate, Literal::Float(number)) => Ok(Some(Literal::Float(-number))),
        (UnaryOp::Not, Literal::Boolean(value)) => Ok(Some(Literal::Boolean(!value))),
        (UnaryOp::Complement, Literal::Integer(number)) => match ty.integer_range() {
            Some((0, greatest)) => Ok(Some(Literal::Integer(greatest - number))),
            _ => in_range(!number, ty),
        },
        _ => Ok(None),
    }
}

fn binary(op: BinaryOp, a: Literal, b: Literal, ty: Type) -> Result<Option<Literal>, Fault> {
    match (a, b) {
        (Literal::Integer(a), Literal::Integer(b)) => integers(op, a, b, ty),
        (Literal::Float(a), Literal::Float(b)) => Ok(floats(op, a, b).map(|n| float(n, ty))),
        (Literal::Boolean(a), Literal::Boolean(b)) => Ok(match op {
            BinaryOp::BitAnd => Some(Literal::Boolean(a & b)),
            BinaryOp::BitOr => Some(Literal::Boolean(a | b)),
            BinaryOp::BitXor => Some(Literal::Boolean(a ^ b)),
            _ => None,
        }),
        _ => Ok(None),
    }
}

fn linked(op: LinkOp, a: Literal, b: Literal, ty: Type) -> Result<Option<Literal>, Fault> {
    Ok(match (op, a, b) {
        (LinkOp::Compute(op), a, b) => binary(op, a, b, ty)?,
        (LinkOp::And, Literal::Boolean(a), Literal::Boolean(b)) => Some(Literal::Boolean(a && b)),
        (LinkOp::Or, Literal::Boolean(a), Literal::Boolean(b)) => Some(Literal::Boolean(a || b)),
        (LinkOp::Compare(_) | LinkOp::And | LinkOp::Or, ..) => None,
    })
}

fn integers(op: BinaryOp, a: i128, b: i128, ty: Type) -> Result<Option<Literal>, Fault> {
    let shift = |b: i128| -> Result<u32, Fault> {
        let width = match ty {
            Type::Octet => 8,
            Type::Short | Type::UnsignedShort => 16,
            Type::Int | Type::UnsignedInt => 32,
            _ => 64,
        };
        u32::try_from(b)
            .ok()
            .filter(|&by| by < width)
            .ok_or("the shift is as wide as the type or wider")
    };
    let value = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => Some(a.checked_div(b).ok_or("a division by zero")?),
        BinaryOp::Remainder => Some(a.checked_rem(b).ok_or("a division by zero")?),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        // What a shift to the left pushes out is the run time's rule; it is left to it.
        BinaryOp::ShiftLeft => {
            let shifted = a << shift(b)?;
            return Ok(in_range(shifted, ty).ok().flatten());
        }
        BinaryOp::ShiftRight => Some(a >> shift(b)?),
    };
    in_range(value.ok_or(OVERFLOW)?, ty)
}

fn floats(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    match op {
        BinaryOp::Add => Some(a + b),
        BinaryOp::Subtract => Some(a - b),
        BinaryOp::Multiply => Some(a * b),
        BinaryOp::Divide => Some(a / b),
        _ => None,
    }
}

fn compare(op: Comparison, a: &Literal, b: &Literal) -> Option<Literal> {
    let order = match (a, b) {
        (Literal::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
        (Literal::Float(a), Literal::Float(b)) => a.partial_cmp(b),
        (Literal::Char(a), Literal::Char(b)) => Some(a.cmp(b)),
        (Literal::String(a), Literal::String(b)) => Some(a.cmp(b)),
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        _ => return None,
    };
    use std::cmp::Ordering::{Equal, Greater, Less};
    Some(Literal::Boolean(match op {
        Comparison::Equal => order == Some(Equal),
        Comparison::NotEqual => order != Some(Equal),
        Comparison::Less => order == Some(Less),
        Comparison::LessOrEqual => matches!(order, Some(Less | Equal)),
        Comparison::Greater => order == Some(Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Greater | Equal)),
    }))
}
