//! Expressions. Each is printed either as an owned value or as a *place*: a variable, or a state variable inside the
//! heap, that can be looked at without copying it.

use super::body::BodyEmitter;
use super::code::{Code, Cx, Level};
use super::ty::is_copy;
use crate::format::{Token, Tokens, character, number, rust, string};
use crate::ir::{
    BinaryOp, Comparison, Conversion, Expr, ExprKind, FieldId, Literal, Type, UnaryOp,
};
use crate::planted::{Mutant, is};

impl BodyEmitter<'_> {
    /// The expression as a value of its own.
    pub(super) fn owned(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Local(_) | ExprKind::This | ExprKind::Field(..) => {
                let place = self.place(expr);
                if is_copy(expr.ty) {
                    return place.borrowing(false);
                }
                let cx = place.cx;
                let receiver = match expr.kind {
                    ExprKind::This => rust!(this),
                    _ => place.receiver(),
                };
                Code::atom(rust!(#receiver.clone()), cx)
            }
            ExprKind::ErrorCode(error) => {
                let error = self.place(error);
                let (cx, receiver) = (error.cx, error.receiver());
                Code::atom(rust!(#receiver.code), cx)
            }
            ExprKind::ErrorMessage(error) => {
                let error = self.place(error);
                let (cx, receiver) = (error.cx, error.receiver());
                Code::atom(rust!(#receiver.message.clone()), cx)
            }
            ExprKind::Literal(literal) => self.literal(literal, expr.ty),
            ExprKind::Global(id) => self.global(*id),
            ExprKind::Index(of, index) => self.index(of, index),
            ExprKind::MapGet(map, key) => {
                let key = self.borrowed(key);
                let map = self.place_before(map, key.cx);
                let cx = map.cx.max(key.cx);
                let (map, key) = (map.receiver(), key.value());
                Code::fallible(rust!(#map.get(#key)), cx)
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::Binary(op, left, right) => {
                let (a, b) = (self.owned(left), self.owned(right));
                self.binary(*op, (a, left.ty), (b, right.ty))
            }
            ExprKind::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            ExprKind::And(left, right) => {
                self.logical(left, right, const { &Token::sign("&&") }, Level::And)
            }
            ExprKind::Or(left, right) => {
                self.logical(left, right, const { &Token::sign("||") }, Level::Or)
            }
            ExprKind::Chain(first, links) => self.chain(first, links, expr.ty),
            ExprKind::Conditional(condition, then, otherwise) => {
                let condition = self.owned(condition);
                let (then, otherwise) = (self.owned(then), self.owned(otherwise));
                let cx = condition.cx.max(then.cx).max(otherwise.cx);
                let (condition, then, otherwise) =
                    (condition.value(), then.value(), otherwise.value());
                if is(Mutant::BothBranchesEvaluated) {
                    let both = rust!({
                        let (then, otherwise) = (#then, #otherwise);
                        if #condition { then } else { otherwise }
                    });
                    return Code::new(both, Level::Block, cx);
                }
                Code::new(
                    rust!(if #condition { #then } else { #otherwise }),
                    Level::Block,
                    cx,
                )
            }
            ExprKind::Convert(conversion, inner) => self.convert(*conversion, inner, expr.ty),
            ExprKind::Step(op, place) => self.step_value(*op, place),
            ExprKind::Call(..) | ExprKind::CallMethod { .. } | ExprKind::New { .. } => {
                self.call(expr)
            }
            ExprKind::Builtin(builtin, arguments) => self.builtin(*builtin, arguments),
            ExprKind::Template(template, pieces, arguments) => {
                self.template(*template, pieces, arguments)
            }
            ExprKind::Server(_)
            | ExprKind::Find(..)
            | ExprKind::Invoke { .. }
            | ExprKind::Accept(_)
            | ExprKind::FutureResult(_) => self.communication(expr),
        }
    }

    /// The expression to look at: a place if it is one, else an owned value.
    pub(super) fn place(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Local(id) => {
                let name = &self.locals[id.index()];
                Code::atom(rust!(#name), Cx::Unused)
            }
            ExprKind::This => Code::new(rust!(*this), Level::Unary, Cx::Unused),
            ExprKind::Field(object, field) => self.field(object, *field),
            _ => self.owned(expr),
        }
    }

    /// The expression to look at while later operands do `later` with the context.
    pub(super) fn place_before(&mut self, expr: &Expr, later: Cx) -> Code {
        let place = self.place(expr);
        if place.borrows && later == Cx::Writes {
            self.owned(expr)
        } else {
            place
        }
    }

    /// The expression as a shared reference.
    pub(super) fn borrowed(&mut self, expr: &Expr) -> Code {
        if matches!(expr.kind, ExprKind::This) {
            return Code::atom(rust!(this), Cx::Unused);
        }
        let place = self.place(expr);
        let (cx, borrows) = (place.cx, place.borrows);
        Code::new(place.reference(), Level::Unary, cx).borrowing(borrows)
    }

    /// The expression as a shared reference to something that is not inside the heap: an argument before `cx`.
    pub(super) fn borrowed_from_outside(&mut self, expr: &Expr) -> Code {
        let borrowed = self.borrowed(expr);
        if !borrowed.borrows {
            return borrowed;
        }
        let owned = self.owned(expr);
        let cx = owned.cx;
        Code::new(owned.reference(), Level::Unary, cx)
    }

    /// Owned expressions in order, with commas, and what all of them do with the context.
    pub(super) fn arguments(&mut self, arguments: &[Expr]) -> (Vec<Tokens>, Cx) {
        let mut cx = Cx::Unused;
        let tokens = arguments
            .iter()
            .map(|argument| {
                let code = self.owned(argument);
                cx = cx.max(code.cx);
                code.value()
            })
            .collect();
        (tokens, cx)
    }

    fn field(&mut self, object: &Expr, field: FieldId) -> Code {
        let declared = self.program().field(field);
        let read = match &object.kind {
            ExprKind::This => Code::atom(rust!(this), Cx::Unused),
            _ => self.place(object),
        };
        let cx = read.cx.max(Cx::Reads);
        let receiver = read.receiver();
        let bases = self.bases_between(object.ty, declared.class);
        let name = &self.emitter.names.fields[field.index()];
        Code::atom(rust!(#receiver.read(cx)?.#bases #name), cx).borrowing(true)
    }

    /// `base.base.` from the struct of a static class to that of the class which declares a member.
    fn bases_between(&self, from: Type, to: crate::ir::ClassId) -> Tokens {
        let Type::Class(class) = from else {
            return rust!();
        };
        let steps = self.program().ancestry(class).position(|id| id == to);
        (0..steps.unwrap_or(0)).map(|_| rust!(base.)).collect()
    }

    pub(super) fn literal(&self, literal: &Literal, ty: Type) -> Code {
        let tokens = match literal {
            Literal::Boolean(value) => Tokens::from_iter([*value]),
            Literal::Char(value) => character(*value),
            Literal::Integer(value) => return integer(*value, ty),
            Literal::Float(value) => return float(*value, ty),
            Literal::String(text) => {
                let text = string(text);
                rust!(Text::from(#text))
            }
            Literal::Enum(id, variant) => {
                let path = self.emitter.enum_path(*id, self.here);
                let variant = &self.emitter.names.variants[id.index()][*variant as usize];
                rust!(#path::#variant)
            }
            Literal::Null => match ty {
                Type::Class(id) if self.emitter.is_external(id) => rust!(Extern::null()),
                _ => rust!(Ref::null()),
            },
            Literal::Ok => rust!(Error::ok()),
        };
        Code::atom(tokens, Cx::Unused)
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Code {
        let is_group = matches!(of.ty, Type::Class(_));
        let index = self.owned(index);
        let of = self.place_before(of, index.cx);
        let cx = of.cx.max(index.cx);
        let (receiver, mut index) = (of.receiver(), index.value());
        if is_group && is(Mutant::GroupIndexIsFirst) {
            index = rust!(0);
        }
        Code::fallible(rust!(#receiver.at(#index)), cx)
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Code {
        let code = self.owned(operand);
        let cx = code.cx;
        match op {
            UnaryOp::Negate if operand.ty.is_integer() => {
                let operand = code.value();
                Code::fallible(rust!(int::neg(#operand)), cx)
            }
            UnaryOp::Negate if operand.ty == Type::Interval => {
                let receiver = code.receiver();
                Code::fallible(rust!(#receiver.negated()), cx)
            }
            UnaryOp::Negate => {
                // `--` would look like a decrement.
                let operand = code.at_least(Level::Atom);
                Code::new(rust!(-#operand), Level::Unary, cx)
            }
            UnaryOp::Not | UnaryOp::Complement => {
                let operand = code.at_least(Level::Unary);
                Code::new(rust!(!#operand), Level::Unary, cx)
            }
        }
    }

    /// `a op b` of values of the given types.
    pub(super) fn binary(&self, op: BinaryOp, a: (Code, Type), b: (Code, Type)) -> Code {
        let ((a, left), (b, right)) = (a, b);
        let cx = a.cx.max(b.cx);
        if left == Type::String {
            let (receiver, part) = (a.receiver(), b.reference());
            return Code::fallible(rust!(#receiver.join(#part)), cx);
        }
        if matches!(
            left,
            Type::Timestamp | Type::Interval | Type::Date | Type::Time
        ) {
            let method = match (op, right) {
                (BinaryOp::Add, _) => rust!(plus),
                (BinaryOp::Subtract, Type::Interval) => rust!(minus),
                (BinaryOp::Subtract, _) => rust!(since),
                (BinaryOp::Multiply, _) => rust!(times),
                _ => rust!(divided),
            };
            let (receiver, operand) = (a.receiver(), b.value());
            return Code::fallible(rust!(#receiver.#method(#operand)), cx);
        }
        if left.is_integer()
            && let Some(function) = checked(op)
        {
            let (a, b) = (a.value(), b.value());
            let wrong = self.wrong(op, left, (&a, &b));
            let computed = wrong.unwrap_or_else(|| rust!(int::#function(#a, #b)));
            return Code::fallible(computed, cx);
        }
        // The right operand binds tighter: all these operators associate to the left.
        let (sign, level, tighter) = sign(op);
        let (a, b) = (a.at_least(level), b.at_least(tighter));
        Code::new(rust!(#a #sign #b), level, cx)
    }

    /// `!expr`; of two integers the opposite comparison.
    pub(super) fn negated(&mut self, expr: &Expr) -> Tokens {
        if let ExprKind::Compare(comparison, left, right) = &expr.kind
            && (left.ty.is_integer() || is_equality(*comparison))
        {
            return self.compare(comparison.opposite(), left, right).value();
        }
        let operand = self.owned(expr).at_least(Level::Unary);
        rust!(!#operand)
    }

    fn compare(&mut self, comparison: Comparison, left: &Expr, right: &Expr) -> Code {
        let sign = comparison_sign(comparison);
        let null = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(Literal::Null));
        if null(right) && is_equality(comparison) {
            let place = match left.kind {
                ExprKind::This => Code::atom(rust!(this), Cx::Unused),
                _ => self.place(left),
            };
            let (cx, receiver) = (place.cx, place.receiver());
            if is(Mutant::NullNeverFound) {
                let never = rust!({
                    let _ = #receiver.is_null();
                    false
                });
                return Code::new(never, Level::Block, cx);
            }
            return if comparison == Comparison::Equal {
                Code::atom(rust!(#receiver.is_null()), cx)
            } else {
                Code::new(rust!(!#receiver.is_null()), Level::Unary, cx)
            };
        }
        let b = self.place(right);
        let a = self.place_before(left, b.cx);
        let cx = a.cx.max(b.cx);
        let is_state = matches!(left.kind, ExprKind::Field(..) | ExprKind::Global(_));
        if is_state && b.cx == Cx::Writes && is_compared_in_place(left.ty) {
            // An operator borrows what it compares, even if it could be copied.
            let (a, b) = (a.value(), b.at_least(Level::BitOr));
            let compared = rust!({
                let left = #a;
                left #sign #b
            });
            return Code::new(compared, Level::Block, cx);
        }
        let (a, b) = (a.at_least(Level::BitOr), b.at_least(Level::BitOr));
        let is_less = comparison == Comparison::Less;
        let sign = if is_less && is(Mutant::LessTakesEqual) {
            const { &Token::sign("<=") }
        } else {
            sign
        };
        let is_equal = comparison == Comparison::Equal && left.ty == Type::Double;
        if is_equal && is(Mutant::NanEqualsItself) {
            let bits = rust!(f64::to_bits(#a) #sign f64::to_bits(#b));
            return Code::new(bits, Level::Compare, cx);
        }
        Code::new(rust!(#a #sign #b), Level::Compare, cx)
    }

    fn logical(&mut self, left: &Expr, right: &Expr, sign: &'static Token, level: Level) -> Code {
        let (a, b) = (self.owned(left), self.owned(right));
        let cx = a.cx.max(b.cx);
        // `a && b && c` as it was written; a mixture gets its parentheses.
        let (a, b) = (a.at_least(level), b.at_least(Level::Compare));
        if is(Mutant::ShortCircuitLost) {
            let both = rust!({
                let (left, right) = (#a, #b);
                left #sign right
            });
            return Code::new(both, Level::Block, cx);
        }
        Code::new(rust!(#a #sign #b), level, cx)
    }

    fn convert(&mut self, conversion: Conversion, inner: &Expr, to: Type) -> Code {
        if let (Conversion::Widen, ExprKind::Literal(literal)) = (conversion, &inner.kind) {
            match literal {
                Literal::Integer(value) if to.is_integer() => return integer(*value, to),
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "the language rounds a widened integer to the nearest float"
                )]
                Literal::Integer(value) => return float(*value as f64, to),
                Literal::Float(value) => return float(*value, to),
                _ => {}
            }
        }
        let code = match conversion {
            Conversion::Upcast | Conversion::ArrayToGroup | Conversion::ArrayUpcast => {
                self.place(inner)
            }
            Conversion::Downcast | Conversion::GroupToArray => self.borrowed_from_outside(inner),
            Conversion::Widen | Conversion::Cast | Conversion::ListOfOne => self.owned(inner),
        };
        let cx = code.cx;
        match conversion {
            Conversion::Widen if lossless(inner.ty, to) => {
                let (target, mut value) = (self.ty(to), code.value());
                if inner.ty.is_integer() && is(Mutant::WideningKeepsLowBits) {
                    let from = self.ty(inner.ty);
                    value = rust!(std::ops::BitAnd::<#from>::bitand(#value, 127));
                }
                Code::atom(rust!(#target::from(#value)), cx)
            }
            Conversion::Widen => {
                let (target, operand) = (self.ty(to), code.at_least(Level::Atom));
                Code::new(rust!(#operand as #target), Level::Block, cx)
            }
            Conversion::Cast => {
                let (target, value) = (self.ty(to), code.value());
                let numbers = inner.ty.is_number() && to.is_integer();
                if numbers && is(Mutant::CastUnchecked) {
                    let cut = rust!({
                        let wide = #value;
                        wide as #target
                    });
                    return Code::new(cut, Level::Block, cx);
                }
                Code::fallible(rust!(cast::<#target>(#value)), cx)
            }
            Conversion::Upcast => {
                let (base, receiver) = (self.class_of(to), code.receiver());
                Code::atom(rust!(#receiver.upcast::<#base>()), cx)
            }
            Conversion::Downcast => {
                let derived = self.class_of(to);
                let receiver = match inner.kind {
                    ExprKind::This => rust!(this),
                    _ => self.owned(inner).receiver(),
                };
                Code::fallible(rust!(#receiver.downcast::<#derived>(cx)), Cx::Reads.max(cx))
            }
            Conversion::ArrayToGroup => {
                let receiver = code.receiver();
                Code::atom(rust!(#receiver.group()), cx)
            }
            Conversion::GroupToArray => {
                let value = code.value();
                Code::atom(rust!(Array::of_group(#value)), cx)
            }
            Conversion::ArrayUpcast => {
                let receiver = code.receiver();
                Code::atom(rust!(#receiver.upcast()), cx)
            }
            Conversion::ListOfOne => {
                let value = code.value();
                Code::atom(rust!(List::from_iter([#value])), cx)
            }
        }
    }
}

/// Whether values are copied and yet compared where they stand: those whose comparison is not Rust's own.
fn is_compared_in_place(ty: Type) -> bool {
    is_copy(ty) && !ty.is_number() && !matches!(ty, Type::Boolean | Type::Char)
}

/// The operator.
pub(super) fn comparison_sign(comparison: Comparison) -> &'static Token {
    match comparison {
        Comparison::Equal => const { &Token::sign("==") },
        Comparison::NotEqual => const { &Token::sign("!=") },
        Comparison::Less => const { &Token::sign("<") },
        Comparison::LessOrEqual => const { &Token::sign("<=") },
        Comparison::Greater => const { &Token::sign(">") },
        Comparison::GreaterOrEqual => const { &Token::sign(">=") },
    }
}

fn is_equality(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Equal | Comparison::NotEqual)
}

/// The function of the prelude's `int` that computes with integers and raises if the result does not fit.
pub(super) fn checked(op: BinaryOp) -> Option<Tokens> {
    Some(match op {
        BinaryOp::Add => rust!(add),
        BinaryOp::Subtract => rust!(sub),
        BinaryOp::Multiply => rust!(mul),
        BinaryOp::Divide => rust!(div),
        BinaryOp::Remainder => rust!(rem),
        BinaryOp::ShiftLeft => rust!(shl),
        BinaryOp::ShiftRight => rust!(shr),
        BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => return None,
    })
}

/// The operator, its level, and the level that its right operand has at least.
fn sign(op: BinaryOp) -> (&'static Token, Level, Level) {
    match op {
        BinaryOp::Add => (const { &Token::sign("+") }, Level::Add, Level::Multiply),
        BinaryOp::Subtract => (const { &Token::sign("-") }, Level::Add, Level::Multiply),
        BinaryOp::Multiply => (const { &Token::sign("*") }, Level::Multiply, Level::Unary),
        BinaryOp::Divide => (const { &Token::sign("/") }, Level::Multiply, Level::Unary),
        BinaryOp::Remainder => (const { &Token::sign("%") }, Level::Multiply, Level::Unary),
        BinaryOp::BitAnd => (const { &Token::sign("&") }, Level::BitAnd, Level::Atom),
        BinaryOp::BitOr => (const { &Token::sign("|") }, Level::BitOr, Level::Atom),
        BinaryOp::BitXor => (const { &Token::sign("^") }, Level::BitXor, Level::Atom),
        BinaryOp::ShiftLeft => (const { &Token::sign("<<") }, Level::Block, Level::Atom),
        BinaryOp::ShiftRight => (const { &Token::sign(">>") }, Level::Block, Level::Atom),
    }
}

/// Whether Rust's `From` leads from one number type to the other.
fn lossless(from: Type, to: Type) -> bool {
    match to {
        Type::Double => {
            matches!(
                from,
                Type::Octet
                    | Type::Short
                    | Type::Int
                    | Type::UnsignedShort
                    | Type::UnsignedInt
                    | Type::Float
            )
        }
        Type::Float => matches!(from, Type::Octet | Type::Short | Type::UnsignedShort),
        _ => from.is_integer() && to.is_integer(),
    }
}

/// An integer literal, with its type unless it is `i32`.
pub(super) fn integer(value: i128, ty: Type) -> Code {
    let suffix = match ty {
        Type::Octet => "_u8",
        Type::Short => "_i16",
        Type::Long => "_i64",
        Type::UnsignedShort => "_u16",
        Type::UnsignedInt => "_u32",
        Type::UnsignedLong => "_u64",
        _ => "",
    };
    signed(&format!("{}{suffix}", value.unsigned_abs()), value < 0)
}

fn float(value: f64, ty: Type) -> Code {
    let name = if ty == Type::Float {
        rust!(f32)
    } else {
        rust!(f64)
    };
    if value.is_nan() {
        return Code::atom(rust!(#name::NAN), Cx::Unused);
    }
    if value.is_infinite() {
        return if value > 0.0 {
            Code::atom(rust!(#name::INFINITY), Cx::Unused)
        } else {
            Code::atom(rust!(#name::NEG_INFINITY), Cx::Unused)
        };
    }
    let suffix = if ty == Type::Float { "_f32" } else { "" };
    signed(
        &format!("{:?}{suffix}", value.abs()),
        value.is_sign_negative(),
    )
}

fn signed(digits: &str, is_negative: bool) -> Code {
    let digits = number(digits);
    if is_negative {
        Code::new(rust!(-#digits), Level::Unary, Cx::Unused)
    } else {
        Code::atom(digits, Cx::Unused)
    }
}
