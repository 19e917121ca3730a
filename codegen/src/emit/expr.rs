//! Expressions. Each is printed either as an owned value or as a *place*: a variable, or a state variable inside the
//! heap, that can be looked at without copying it.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use super::body::BodyEmitter;
use super::code::{Code, Cx, Level};
use super::ty::is_copy;
use crate::ir::{
    BinaryOp, Comparison, Conversion, Expr, ExprKind, FieldId, Literal, Type, UnaryOp,
};

impl BodyEmitter<'_> {
    /// The expression as a value of its own.
    pub(super) fn owned(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Local(_) | ExprKind::This | ExprKind::Field(..) => {
                let place = self.place(expr);
                if is_copy(expr.ty) {
                    return Code {
                        borrows: false,
                        ..place
                    };
                }
                let receiver = match expr.kind {
                    ExprKind::This => quote!(this),
                    _ => place.receiver(),
                };
                Code::atom(quote!(#receiver.clone()), place.cx)
            }
            ExprKind::ErrorCode(error) => {
                let error = self.place(error);
                let receiver = error.receiver();
                Code::atom(quote!(#receiver.code), error.cx)
            }
            ExprKind::ErrorMessage(error) => {
                let error = self.place(error);
                let receiver = error.receiver();
                Code::atom(quote!(#receiver.message.clone()), error.cx)
            }
            ExprKind::Literal(literal) => self.literal(literal, expr.ty),
            ExprKind::Global(id) => self.global(*id),
            ExprKind::Index(of, index) => self.index(of, index),
            ExprKind::MapGet(map, key) => {
                let key = self.borrowed(key);
                let map = self.place_before(map, key.cx);
                let (receiver, tokens) = (map.receiver(), key.tokens);
                Code::fallible(quote!(#receiver.get(#tokens)), map.cx.max(key.cx))
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::Binary(op, left, right) => {
                let (a, b) = (self.owned(left), self.owned(right));
                self.binary(*op, (a, left.ty), (b, right.ty))
            }
            ExprKind::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            ExprKind::And(left, right) => self.logical(left, right, &quote!(&&), Level::And),
            ExprKind::Or(left, right) => self.logical(left, right, &quote!(||), Level::Or),
            ExprKind::Conditional(condition, then, otherwise) => {
                let condition = self.owned(condition);
                let (then, otherwise) = (self.owned(then), self.owned(otherwise));
                let cx = condition.cx.max(then.cx).max(otherwise.cx);
                let (condition, then, otherwise) =
                    (condition.tokens, then.tokens, otherwise.tokens);
                Code::new(
                    quote!(if #condition { #then } else { #otherwise }),
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
                Code::atom(quote!(#name), Cx::Unused)
            }
            ExprKind::This => Code::new(quote!(*this), Level::Unary, Cx::Unused),
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
            return Code::atom(quote!(this), Cx::Unused);
        }
        let place = self.place(expr);
        Code {
            tokens: place.reference(),
            level: Level::Unary,
            outcome: None,
            ..place
        }
    }

    /// The expression as a shared reference to something that is not inside the heap: an argument before `cx`.
    pub(super) fn borrowed_from_outside(&mut self, expr: &Expr) -> Code {
        let borrowed = self.borrowed(expr);
        if !borrowed.borrows {
            return borrowed;
        }
        let owned = self.owned(expr);
        Code::new(owned.reference(), Level::Unary, owned.cx)
    }

    /// Owned expressions in order, with commas, and what all of them do with the context.
    pub(super) fn arguments(&mut self, arguments: &[Expr]) -> (Vec<TokenStream>, Cx) {
        let mut cx = Cx::Unused;
        let tokens = arguments
            .iter()
            .map(|argument| {
                let code = self.owned(argument);
                cx = cx.max(code.cx);
                code.tokens
            })
            .collect();
        (tokens, cx)
    }

    fn field(&mut self, object: &Expr, field: FieldId) -> Code {
        let declared = self.program().field(field);
        let read = match &object.kind {
            ExprKind::This => Code::atom(quote!(this), Cx::Unused),
            _ => self.place(object),
        };
        let receiver = read.receiver();
        let bases = self.bases_between(object.ty, declared.class);
        let name = &self.emitter.names.fields[field.index()];
        Code {
            tokens: quote!(#receiver.read(cx)?.#(#bases.)*#name),
            level: Level::Atom,
            cx: read.cx.max(Cx::Reads),
            borrows: true,
            outcome: None,
        }
    }

    /// `base.base.` from the struct of a static class to that of the class which declares a member.
    fn bases_between(&self, from: Type, to: crate::ir::ClassId) -> Vec<TokenStream> {
        let Type::Class(class) = from else {
            return Vec::new();
        };
        let steps = self.program().ancestry(class).position(|id| id == to);
        (0..steps.unwrap_or(0)).map(|_| quote!(base)).collect()
    }

    pub(super) fn literal(&self, literal: &Literal, ty: Type) -> Code {
        let tokens = match literal {
            Literal::Boolean(value) => quote!(#value),
            Literal::Char(value) => quote!(#value),
            Literal::Integer(value) => return integer(*value, ty),
            Literal::Float(value) => return float(*value, ty),
            Literal::String(text) => quote!(Text::from(#text)),
            Literal::Enum(id, variant) => {
                let path = self.emitter.enum_path(*id, self.here);
                let variant = &self.emitter.names.variants[id.index()][*variant as usize];
                quote!(#path::#variant)
            }
            Literal::Null => match ty {
                Type::Class(id) if self.emitter.is_external(id) => quote!(Extern::null()),
                _ => quote!(Ref::null()),
            },
            Literal::Ok => quote!(Error::ok()),
        };
        Code::atom(tokens, Cx::Unused)
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Code {
        let index = self.owned(index);
        let of = self.place_before(of, index.cx);
        let receiver = of.receiver();
        let tokens = index.tokens;
        Code::fallible(quote!(#receiver.at(#tokens)), of.cx.max(index.cx))
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Code {
        let code = self.owned(operand);
        match op {
            UnaryOp::Negate if operand.ty.is_integer() => {
                let tokens = code.tokens;
                Code::fallible(quote!(int::neg(#tokens)), code.cx)
            }
            UnaryOp::Negate if operand.ty == Type::Interval => {
                let receiver = code.receiver();
                Code::fallible(quote!(#receiver.negated()), code.cx)
            }
            UnaryOp::Negate => {
                let operand = code.at_least(Level::Unary);
                Code::new(quote!(-#operand), Level::Unary, code.cx)
            }
            UnaryOp::Not | UnaryOp::Complement => {
                let operand = code.at_least(Level::Unary);
                Code::new(quote!(!#operand), Level::Unary, code.cx)
            }
        }
    }

    /// `a op b` of values of the given types.
    pub(super) fn binary(&self, op: BinaryOp, a: (Code, Type), b: (Code, Type)) -> Code {
        let ((a, left), (b, right)) = (a, b);
        let cx = a.cx.max(b.cx);
        if left == Type::String {
            let (receiver, part) = (a.receiver(), b.reference());
            return Code::atom(quote!(#receiver.join(#part)), cx);
        }
        if matches!(
            left,
            Type::Timestamp | Type::Interval | Type::Date | Type::Time
        ) {
            let method = match (op, right) {
                (BinaryOp::Add, _) => quote!(plus),
                (BinaryOp::Subtract, Type::Interval) => quote!(minus),
                (BinaryOp::Subtract, _) => quote!(since),
                (BinaryOp::Multiply, _) => quote!(times),
                _ => quote!(divided),
            };
            let (receiver, operand) = (a.receiver(), b.tokens);
            return Code::fallible(quote!(#receiver.#method(#operand)), cx);
        }
        let (sign, level) = match op {
            BinaryOp::Add => (quote!(+), Level::Add),
            BinaryOp::Subtract => (quote!(-), Level::Add),
            BinaryOp::Multiply => (quote!(*), Level::Multiply),
            BinaryOp::Divide => (quote!(/), Level::Multiply),
            BinaryOp::Remainder => (quote!(%), Level::Multiply),
            BinaryOp::BitAnd => (quote!(&), Level::BitAnd),
            BinaryOp::BitOr => (quote!(|), Level::BitOr),
            BinaryOp::BitXor => (quote!(^), Level::BitXor),
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => (quote!(<<), Level::Block),
        };
        let checked = match op {
            BinaryOp::Add => quote!(add),
            BinaryOp::Subtract => quote!(sub),
            BinaryOp::Multiply => quote!(mul),
            BinaryOp::Divide => quote!(div),
            BinaryOp::Remainder => quote!(rem),
            BinaryOp::ShiftLeft => quote!(shl),
            BinaryOp::ShiftRight => quote!(shr),
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => TokenStream::new(),
        };
        if left.is_integer() && !checked.is_empty() {
            let (a, b) = (a.tokens, b.tokens);
            return Code::fallible(quote!(int::#checked(#a, #b)), cx);
        }
        // The right operand binds tighter: all these operators associate to the left.
        let tighter = match level {
            Level::Add => Level::Multiply,
            Level::Multiply => Level::Unary,
            _ => Level::Atom,
        };
        let (a, b) = (a.at_least(level), b.at_least(tighter));
        Code::new(quote!(#a #sign #b), level, cx)
    }

    fn compare(&mut self, comparison: Comparison, left: &Expr, right: &Expr) -> Code {
        let sign = match comparison {
            Comparison::Equal => quote!(==),
            Comparison::NotEqual => quote!(!=),
            Comparison::Less => quote!(<),
            Comparison::LessOrEqual => quote!(<=),
            Comparison::Greater => quote!(>),
            Comparison::GreaterOrEqual => quote!(>=),
        };
        let null = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(Literal::Null));
        if null(right) && matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            let place = match left.kind {
                ExprKind::This => Code::atom(quote!(this), Cx::Unused),
                _ => self.place(left),
            };
            let receiver = place.receiver();
            return if comparison == Comparison::Equal {
                Code::atom(quote!(#receiver.is_null()), place.cx)
            } else {
                Code::new(quote!(!#receiver.is_null()), Level::Unary, place.cx)
            };
        }
        let b = self.place(right);
        let a = self.place_before(left, b.cx);
        let cx = a.cx.max(b.cx);
        let (a, b) = (a.at_least(Level::BitOr), b.at_least(Level::BitOr));
        Code::new(quote!(#a #sign #b), Level::Compare, cx)
    }

    fn logical(&mut self, left: &Expr, right: &Expr, sign: &TokenStream, level: Level) -> Code {
        let (a, b) = (self.owned(left), self.owned(right));
        let cx = a.cx.max(b.cx);
        // `a && b && c` as it was written; a mixture gets its parentheses.
        let (a, b) = (a.at_least(level), b.at_least(Level::Compare));
        Code::new(quote!(#a #sign #b), level, cx)
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
        let receiver = code.receiver();
        let tokens = &code.tokens;
        let target = self.ty(to);
        match conversion {
            Conversion::Widen if lossless(inner.ty, to) => {
                Code::atom(quote!(#target::from(#tokens)), code.cx)
            }
            Conversion::Widen => {
                let operand = code.at_least(Level::Atom);
                Code::new(quote!(#operand as #target), Level::Block, code.cx)
            }
            Conversion::Cast => Code::fallible(quote!(cast::<#target>(#tokens)), code.cx),
            Conversion::Upcast => {
                let base = self.class_of(to);
                Code::atom(quote!(#receiver.upcast::<#base>()), code.cx)
            }
            Conversion::Downcast => {
                let derived = self.class_of(to);
                let receiver = match inner.kind {
                    ExprKind::This => quote!(this),
                    _ => self.owned(inner).receiver(),
                };
                Code::fallible(
                    quote!(#receiver.downcast::<#derived>(cx)),
                    Cx::Reads.max(code.cx),
                )
            }
            Conversion::ArrayToGroup => Code::atom(quote!(#receiver.group()), code.cx),
            Conversion::GroupToArray => Code::atom(quote!(Array::of_group(#tokens)), code.cx),
            Conversion::ArrayUpcast => Code::atom(quote!(#receiver.upcast()), code.cx),
            Conversion::ListOfOne => Code::atom(quote!(List::from_iter([#tokens])), code.cx),
        }
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
    number(&format!("{}{suffix}", value.unsigned_abs()), value < 0)
}

fn float(value: f64, ty: Type) -> Code {
    let name = if ty == Type::Float {
        quote!(f32)
    } else {
        quote!(f64)
    };
    if value.is_nan() {
        return Code::atom(quote!(#name::NAN), Cx::Unused);
    }
    if value.is_infinite() {
        return if value > 0.0 {
            Code::atom(quote!(#name::INFINITY), Cx::Unused)
        } else {
            Code::atom(quote!(#name::NEG_INFINITY), Cx::Unused)
        };
    }
    let suffix = if ty == Type::Float { "_f32" } else { "" };
    number(
        &format!("{:?}{suffix}", value.abs()),
        value.is_sign_negative(),
    )
}

fn number(digits: &str, negative: bool) -> Code {
    let token: TokenStream = digits
        .parse::<Token>()
        .map_or_else(|_| quote!(0), |token| quote!(#token));
    if negative {
        Code::new(quote!(-#token), Level::Unary, Cx::Unused)
    } else {
        Code::atom(token, Cx::Unused)
    }
}
