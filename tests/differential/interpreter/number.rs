//! Numbers: how they meet, what operators make of them, casts, and their text.

use cmsl_parser::ast::BinaryOp;

use super::value::{Ty, Value, Width};

const BY_SIZE: [Width; 7] = [
    Width::Octet,
    Width::Short,
    Width::UnsignedShort,
    Width::Int,
    Width::UnsignedInt,
    Width::Long,
    Width::UnsignedLong,
];

/// How many bits a number of the type takes at most, in the fraction of a floating-point number.
fn exact_in(bits: i128, width: Width) -> bool {
    let (least, greatest) = width.range();
    -least <= 1 << bits && greatest <= 1 << bits
}

/// Whether all values of one number type are values of another.
pub fn widens(from: &Ty, to: &Ty) -> bool {
    match (from, to) {
        (Ty::Integer(from), Ty::Integer(to)) => {
            let (least, greatest) = from.range();
            to.holds(least) && to.holds(greatest)
        }
        (Ty::Integer(from), Ty::Float) => exact_in(24, *from),
        (Ty::Integer(from), Ty::Double) => exact_in(53, *from),
        (Ty::Float, Ty::Float | Ty::Double) | (Ty::Double, Ty::Double) => true,
        _ => false,
    }
}

/// The smallest type that holds all values of both.
pub fn meet(a: &Ty, b: &Ty) -> Option<Ty> {
    let integers = BY_SIZE.map(Ty::Integer);
    let all = integers.into_iter().chain([Ty::Float, Ty::Double]);
    let mut holding = all.filter(|ty| widens(a, ty) && widens(b, ty));
    holding.next()
}

/// A number as one of another type, if that type has it.
pub fn as_type(value: &Value, to: &Ty) -> Option<Value> {
    Some(match (value, to) {
        (Value::Integer(_, n), Ty::Integer(width)) if width.holds(*n) => Value::Integer(*width, *n),
        (Value::Integer(_, n), Ty::Float) => Value::Float(*n as f32),
        (Value::Integer(_, n), Ty::Double) => Value::Double(*n as f64),
        (Value::Float(x), Ty::Float) => Value::Float(*x),
        (Value::Float(x), Ty::Double) => Value::Double(f64::from(*x)),
        (Value::Double(x), Ty::Float) => Value::Float(*x as f32),
        (Value::Double(x), Ty::Double) => Value::Double(*x),
        _ => return None,
    })
}

/// An operator on two numbers of one type; none raises `arithmetic_error`.
pub fn compute(op: BinaryOp, a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Integer(width, a), Value::Integer(_, b)) => {
            let value = whole(op, *width, *a, *b)?;
            width.holds(value).then_some(Value::Integer(*width, value))
        }
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Subtract => a - b,
            BinaryOp::Multiply => a * b,
            BinaryOp::Divide => a / b,
            _ => a % b,
        })),
        (Value::Double(a), Value::Double(b)) => Some(Value::Double(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Subtract => a - b,
            BinaryOp::Multiply => a * b,
            BinaryOp::Divide => a / b,
            _ => a % b,
        })),
        _ => None,
    }
}

fn whole(op: BinaryOp, width: Width, a: i128, b: i128) -> Option<i128> {
    Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide if b != 0 => a / b,
        // The quotient must exist for the remainder to.
        BinaryOp::Remainder if b != 0 && width.holds(a / b) => a % b,
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        BinaryOp::ShiftLeft if (0..width.bits()).contains(&b) => cut(a << b, width),
        BinaryOp::ShiftRight if (0..width.bits()).contains(&b) => a >> b,
        _ => return None,
    })
}

/// The low bits of a number, as one of the type.
pub fn cut(value: i128, width: Width) -> i128 {
    let modulus = 1_i128 << width.bits();
    let rest = value.rem_euclid(modulus);
    let (_, greatest) = width.range();
    if rest > greatest {
        rest - modulus
    } else {
        rest
    }
}

/// A cast between numbers, chars and enumerations of so many values; none raises `arithmetic_error`.
pub fn cast(value: &Value, to: &Ty, numbers: &[i64]) -> Option<Value> {
    let whole = match value {
        Value::Integer(_, n) => *n,
        Value::Char(c) => i128::from(u32::from(*c)),
        Value::Enum(_, number) => i128::from(*number),
        Value::Float(_) | Value::Double(_) => match to {
            Ty::Float | Ty::Double => return as_type(value, to),
            _ => truncated(value)?,
        },
        _ => return None,
    };
    match to {
        Ty::Integer(width) => width.holds(whole).then_some(Value::Integer(*width, whole)),
        Ty::Float => Some(Value::Float(whole as f32)),
        Ty::Double => Some(Value::Double(whole as f64)),
        Ty::Char => Some(Value::Char(char::from_u32(u32::try_from(whole).ok()?)?)),
        Ty::Enum(id) => {
            let number = i64::try_from(whole).ok()?;
            numbers
                .contains(&number)
                .then_some(Value::Enum(*id, number))
        }
        _ => None,
    }
}

fn truncated(value: &Value) -> Option<i128> {
    let real = match value {
        Value::Float(x) => f64::from(*x),
        Value::Double(x) => *x,
        _ => return None,
    };
    (real.is_finite() && real.abs() < 2e19).then(|| real.trunc() as i128)
}

/// The shortest text that reads back the same.
pub fn show_real(digits: &str) -> String {
    // `digits` is scientific, `-1.25e-7`: what Rust prints with the fewest digits.
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((digits, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let all: String = mantissa.chars().filter(|c| *c != '.').collect();
    if !(-5..16).contains(&exponent) {
        return format!("{sign}{mantissa}e{exponent}");
    }
    let count = all.len() as i32;
    let text = if exponent < 0 {
        format!("0.{}{all}", "0".repeat((-exponent - 1) as usize))
    } else if count <= exponent + 1 {
        format!("{all}{}", "0".repeat((exponent + 1 - count) as usize))
    } else {
        let (whole, fraction) = all.split_at((exponent + 1) as usize);
        format!("{whole}.{fraction}")
    };
    format!("{sign}{text}")
}
