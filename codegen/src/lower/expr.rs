//! Expressions.

use std::sync::Arc;

use cmsl_parser::{Diagnostic, Span, ast};

use super::convert::no_value;
use super::{Lower, poison, typed};
use crate::check::types;
use crate::ir::{Conversion, Expr, ExprKind, Literal, StepOp, Type, UnaryOp};

impl<'a> Lower<'_, 'a> {
    /// An expression, with or without a value.
    pub fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Literal(literal) => self.literal(literal, span),
            ast::ExprKind::This => self.this(span),
            ast::ExprKind::Path(path) => self.path(path, span),
            ast::ExprKind::Unary(op, operand) => self.unary(*op, operand, span),
            ast::ExprKind::Step {
                op,
                fixity,
                operand,
            } => self.step(*op, *fixity, operand, span),
            ast::ExprKind::Binary { .. } => self.chain(expr),
            ast::ExprKind::Chain { .. } => self.long_chain(expr),
            ast::ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise, span),
            ast::ExprKind::Cast { ty, operand } => {
                let to = self.checker.value_type(ty, self.scope);
                let operand = self.value(operand);
                self.cast(operand, to, span)
            }
            ast::ExprKind::Call {
                function,
                arguments,
            } => self.call(function, arguments, span),
            ast::ExprKind::MethodCall {
                object,
                access,
                method,
                arguments,
            } => {
                let object = self.object(object);
                self.method_call(object, *access, method, arguments, span)
            }
            ast::ExprKind::Field {
                object,
                access,
                field,
            } => {
                let object = self.object(object);
                self.field(object, *access, field, span)
            }
            ast::ExprKind::Index { object, index } => self.index(object, index, span),
            ast::ExprKind::Find { class, arguments } => self.find(class, arguments, span),
            ast::ExprKind::New(new) => self.new_object(new, span),
            ast::ExprKind::Server(server) => self.server(server, span),
            ast::ExprKind::Invoke(call) => self.invoke(call, span),
            ast::ExprKind::Accept(accept) => self.accept(accept, span),
            ast::ExprKind::Error => poison(span),
        }
    }

    /// An expression that has a value.
    pub fn value(&mut self, expr: &'a ast::Expr) -> Expr {
        let value = self.expr(expr);
        if value.ty == Type::Void {
            self.report(no_value(value.span));
            return poison(value.span);
        }
        value
    }

    /// An expression of a type; the note says what it is for.
    pub fn expect(&mut self, expr: &'a ast::Expr, ty: Type, note: &str) -> Expr {
        let value = self.value(expr);
        self.convert(value, ty, note)
    }

    /// A condition.
    pub fn condition(&mut self, expr: &'a ast::Expr) -> Expr {
        let value = self.value(expr);
        self.boolean(value, "a condition")
    }

    /// A value that must be boolean.
    pub fn boolean(&mut self, value: Expr, what: &str) -> Expr {
        if matches!(value.ty, Type::Boolean | Type::Poison) {
            return value;
        }
        let found = self.show(value.ty);
        let message = format!("{what} must be `boolean`, not `{found}`");
        let help = match value.ty {
            ty if ty.is_number() => "compare it: `… != 0`",
            Type::Class(_) => "compare it: `… != null`",
            _ => "compare it with something",
        };
        self.report(Diagnostic::new(types::NOT_BOOLEAN, value.span, message).help(help));
        poison(value.span)
    }

    fn literal(&mut self, literal: &ast::Literal, span: Span) -> Expr {
        let (value, ty) = match literal {
            ast::Literal::Integer(number) => {
                let number = i128::from(*number);
                (Literal::Integer(number), integer_type(number))
            }
            ast::Literal::Real(number) => (Literal::Float(*number), Type::Double),
            ast::Literal::Char(c) => (Literal::Char(*c), Type::Char),
            ast::Literal::String(text) => (Literal::String(Arc::clone(text)), Type::String),
            ast::Literal::Boolean(value) => (Literal::Boolean(*value), Type::Boolean),
            ast::Literal::Null => (Literal::Null, Type::Null),
        };
        typed(ExprKind::Literal(value), ty, span)
    }

    /// `op operand`
    pub fn unary(&mut self, op: ast::UnaryOp, operand: &'a ast::Expr, span: Span) -> Expr {
        if let (ast::UnaryOp::Minus, ast::ExprKind::Literal(ast::Literal::Integer(number))) =
            (op, &operand.kind)
        {
            let number = -i128::from(*number);
            let ty = integer_type(number);
            if ty == Type::UnsignedLong {
                let message = "the number does not fit any integer type";
                self.report(Diagnostic::new(types::OUT_OF_RANGE, span, message));
                return poison(span);
            }
            return typed(ExprKind::Literal(Literal::Integer(number)), ty, span);
        }
        if let (ast::UnaryOp::Minus, ast::ExprKind::Literal(ast::Literal::Real(number))) =
            (op, &operand.kind)
        {
            let number = Literal::Float(-number);
            return typed(ExprKind::Literal(number), Type::Double, span);
        }
        let value = self.value(operand);
        self.unary_of(op, value, span)
    }

    /// `op operand` of an operand that is no literal.
    pub fn unary_of(&mut self, op: ast::UnaryOp, value: Expr, span: Span) -> Expr {
        let ty = value.ty;
        if ty == Type::Poison {
            return poison(span);
        }
        let unsigned = ty.is_unsigned();
        let op = match op {
            ast::UnaryOp::Not => {
                let value = self.boolean(value, "the operand of `!`");
                return match value.ty {
                    Type::Poison => poison(span),
                    ty => typed(ExprKind::Unary(UnaryOp::Not, Box::new(value)), ty, span),
                };
            }
            ast::UnaryOp::Plus if ty.is_number() => return value,
            ast::UnaryOp::Minus if (ty.is_number() && !unsigned) || ty == Type::Interval => {
                UnaryOp::Negate
            }
            ast::UnaryOp::Complement if ty.is_integer() => UnaryOp::Complement,
            _ => {
                let message = format!("`{}` does not work on `{}`", op.symbol(), self.show(ty));
                let mut diagnostic = Diagnostic::new(types::BAD_OPERANDS, span, message);
                if ty == Type::Char {
                    diagnostic.code = types::CHAR_ARITHMETIC;
                    diagnostic = diagnostic.help("cast it first: `(int) …`");
                } else if unsigned {
                    diagnostic = diagnostic.help("cast it to a signed type first");
                }
                self.report(diagnostic);
                return poison(span);
            }
        };
        typed(ExprKind::Unary(op, Box::new(value)), ty, span)
    }

    fn step(
        &mut self,
        op: ast::StepOp,
        fixity: ast::Fixity,
        operand: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let value = self.value(operand);
        let ty = value.ty;
        if ty != Type::Poison && !ty.is_number() {
            let message = format!("`++` and `--` do not work on `{}`", self.show(ty));
            let code = if ty == Type::Char {
                types::CHAR_ARITHMETIC
            } else {
                types::BAD_OPERANDS
            };
            self.report(Diagnostic::new(code, span, message));
            return poison(span);
        }
        let Some(place) = self.place(value) else {
            return poison(span);
        };
        let op = match (op, fixity) {
            (ast::StepOp::Increment, ast::Fixity::Prefix) => StepOp::IncrementBefore,
            (ast::StepOp::Increment, ast::Fixity::Postfix) => StepOp::IncrementAfter,
            (ast::StepOp::Decrement, ast::Fixity::Prefix) => StepOp::DecrementBefore,
            (ast::StepOp::Decrement, ast::Fixity::Postfix) => StepOp::DecrementAfter,
        };
        typed(ExprKind::Step(op, Box::new(place)), ty, span)
    }

    fn conditional(
        &mut self,
        condition: &'a ast::Expr,
        then: &'a ast::Expr,
        otherwise: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let condition = self.condition(condition);
        let (then, otherwise) = (self.value(then), self.value(otherwise));
        let Some((then, otherwise)) = self.unify(then, otherwise, span) else {
            return poison(span);
        };
        let ty = then.ty;
        if condition.ty == Type::Poison {
            return typed(poison(span).kind, ty, span);
        }
        let kind = ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise));
        typed(kind, ty, span)
    }

    /// Two values as values of one type: what `?:` and comparisons need.
    pub fn unify(&mut self, a: Expr, b: Expr, span: Span) -> Option<(Expr, Expr)> {
        if a.ty == Type::Poison || b.ty == Type::Poison {
            return None;
        }
        if self.same(a.ty, b.ty) {
            return Some((a, b));
        }
        if a.ty.is_number() && b.ty.is_number() {
            return self.meet_numbers(a, b, span);
        }
        if self.fit(&b, a.ty).is_some() {
            let ty = a.ty;
            let b = self.convert(b, ty, "");
            return Some((a, b));
        }
        if self.fit(&a, b.ty).is_some() {
            let ty = b.ty;
            let a = self.convert(a, ty, "");
            return Some((a, b));
        }
        let message = format!(
            "`{}` and `{}` have nothing in common",
            self.show(a.ty),
            self.show(b.ty)
        );
        self.report(Diagnostic::new(types::MISMATCH, span, message));
        None
    }

    /// A cast that is written in the source.
    pub fn cast(&mut self, value: Expr, to: Type, span: Span) -> Expr {
        let from = value.ty;
        if from == Type::Poison || to == Type::Poison {
            return typed(poison(span).kind, to, span);
        }
        if self.same(from, to) {
            return value;
        }
        let integer_like = |ty: Type| ty.is_integer() || matches!(ty, Type::Char | Type::Enum(_));
        let how = if super::convert::widens(from, to) {
            Conversion::Widen
        } else if (from.is_number() && to.is_number())
            || (integer_like(from) && to.is_integer())
            || (from.is_integer() && integer_like(to))
        {
            Conversion::Cast
        } else if let (Type::Class(from), Type::Class(to)) = (from, to)
            && self.checker.program.derives_from(to, from)
        {
            Conversion::Downcast
        } else if self.fit(&value, to).is_some() {
            return self.convert(value, to, "");
        } else {
            let message = format!(
                "`{}` cannot be cast to `{}`",
                self.show(from),
                self.show(to)
            );
            let diagnostic = Diagnostic::new(types::BAD_CAST, span, message);
            self.report(if to == Type::String {
                diagnostic.help("write `format (\"{}\", …)`")
            } else {
                diagnostic
            });
            return typed(poison(span).kind, to, span);
        };
        typed(ExprKind::Convert(how, Box::new(value)), to, span)
    }

    fn index(&mut self, object: &'a ast::Expr, index: &'a ast::Expr, span: Span) -> Expr {
        let object = self.value(object);
        let types = &self.checker.program.types;
        let (ty, key) = match object.ty {
            Type::List(id) | Type::Array(id) => (types.at(id), None),
            Type::String => (Type::Char, None),
            Type::Class(_) => (object.ty, None),
            Type::Map(key, value) => (types.at(value), Some(types.at(key))),
            ty => {
                self.value(index);
                if ty != Type::Poison {
                    let message = format!("`{}` has no elements to take", self.show(ty));
                    let help = match ty {
                        Type::Set(_) | Type::Bag(_) => "go through it: `for (T x : c)`",
                        _ => "lists, arrays, strings, maps and groups of objects have",
                    };
                    self.report(
                        Diagnostic::new(types::NOT_INDEXABLE, object.span, message).help(help),
                    );
                }
                return poison(span);
            }
        };
        let kind = match key {
            Some(key) => {
                let key = self.expect(index, key, "the key of the map");
                ExprKind::MapGet(Box::new(object), Box::new(key))
            }
            None => {
                let index = self.expect(index, Type::Long, "an index");
                ExprKind::Index(Box::new(object), Box::new(index))
            }
        };
        typed(kind, ty, span)
    }
}

/// The type of a literal: `int`, `long` if it needs to be, and `unsigned long` beyond that.
fn integer_type(number: i128) -> Type {
    [Type::Int, Type::Long]
        .into_iter()
        .find(|ty| {
            ty.integer_range()
                .is_some_and(|(least, greatest)| least <= number && number <= greatest)
        })
        .unwrap_or(Type::UnsignedLong)
}
