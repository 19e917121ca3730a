//! Expressions: operands from left to right.

use cmsl_parser::Span;
use cmsl_parser::ast::{BinaryOp, Expr, ExprKind, Fixity, Literal, StepOp, UnaryOp};

use super::value::{Ty, Value, Width};
use super::{Frame, Interpreter, Step, abandon, number};

/// The longest string that a program makes.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// Whether an expression is made of literals only, which take the type that is needed.
pub(super) fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Unary(_, inner) => is_constant(inner),
        ExprKind::Binary { left, right, .. } => is_constant(left) && is_constant(right),
        _ => false,
    }
}

impl<'a> Interpreter<'a> {
    pub(super) fn eval(&mut self, expr: &'a Expr, frame: &mut Frame<'a>) -> Step<Value> {
        self.tick()?;
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(self.literal(literal)),
            ExprKind::This => match frame.this {
                Some(this) => Ok(Value::one(super::value::Item::Object(this))),
                None => abandon("`this` without an object"),
            },
            ExprKind::Path(path) if path.single().is_none() => {
                match self.world.enum_value(path, &frame.module) {
                    Some((id, number)) => Ok(Value::Enum(id, number)),
                    None => {
                        let place = self.place(expr, frame)?;
                        self.read(&place, frame, expr.span)
                    }
                }
            }
            ExprKind::Path(path) => self.name(path.name.as_str(), expr, frame),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, frame, expr.span),
            ExprKind::Step {
                op,
                fixity,
                operand,
            } => self.step(*op, *fixity, operand, frame, expr.span),
            ExprKind::Binary {
                op, left, right, ..
            } => self.binary(*op, left, right, frame, expr.span),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let ty = self.ty_of(expr, frame);
                let holds = self.holds(condition, frame)?;
                let value = self.eval(if holds { then } else { otherwise }, frame)?;
                self.converted(value, &ty)
            }
            ExprKind::Cast { ty, operand } => {
                let ty = self.world.ty(ty, &frame.module);
                let value = self.eval(operand, frame)?;
                self.cast(value, &ty, expr.span)
            }
            ExprKind::Call {
                function,
                arguments,
            } => self.call(function, arguments, frame, expr.span),
            ExprKind::MethodCall {
                object,
                method,
                arguments,
                ..
            } => self.method_call(object, method.as_str(), arguments, frame, expr.span),
            ExprKind::Field { object, field, .. } => {
                let value = self.eval(object, frame)?;
                self.field(&value, field.as_str(), expr.span)
            }
            ExprKind::Index { object, index } => {
                let value = self.eval(object, frame)?;
                let index = self.eval(index, frame)?;
                let index = match self.ty_of(object, frame) {
                    Ty::Map(key, _) => self.converted(index, &key)?,
                    _ => index,
                };
                self.element(&value, &index, expr.span)
            }
            ExprKind::New(new) => self.new_objects(new, frame, expr.span),
            ExprKind::Server(server) => self.new_servers(server, frame, expr.span),
            ExprKind::Invoke(call) => self.invoke(call, frame),
            ExprKind::Accept(accept) => self.accept(accept, frame, expr.span),
            ExprKind::Chain { .. } => abandon("a chain of very many operators"),
            ExprKind::Find { .. } => abandon("names of servers"),
            ExprKind::Error => abandon("a mistake"),
        }
    }

    fn literal(&self, literal: &Literal) -> Value {
        match literal {
            Literal::Integer(n) => {
                let n = i128::from(*n);
                let mut widths = [Width::Int, Width::Long].into_iter();
                let width = widths.find(|width| width.holds(n));
                Value::Integer(width.unwrap_or(Width::UnsignedLong), n)
            }
            Literal::Real(x) => Value::Double(*x),
            Literal::Char(c) => Value::Char(*c),
            Literal::String(text) => Value::text(text),
            Literal::Boolean(b) => Value::Boolean(*b),
            Literal::Null => Value::null(),
        }
    }

    fn name(&mut self, name: &str, expr: &'a Expr, frame: &mut Frame<'a>) -> Step<Value> {
        if let Some(local) = frame.local(name) {
            return Ok(frame.locals[local].2.clone());
        }
        if let Some((this, field)) = self.own_field(name, frame) {
            return Ok(self.heap[this].fields[field].clone());
        }
        let ExprKind::Path(path) = &expr.kind else {
            return abandon("no name");
        };
        if let Some(global) = self.world.global(path, &frame.module) {
            return match self.globals.get(global) {
                Some(value) => Ok(value.clone()),
                None => abandon("a variable before it is initialised"),
            };
        }
        match self.world.enum_value(path, &frame.module) {
            Some((id, number)) => Ok(Value::Enum(id, number)),
            None if name == "ok" => Ok(Ty::Error.zero()),
            None => abandon("an unknown name"),
        }
    }

    /// A condition.
    pub(super) fn holds(&mut self, expr: &'a Expr, frame: &mut Frame<'a>) -> Step<bool> {
        match self.eval(expr, frame)? {
            Value::Boolean(holds) => Ok(holds),
            _ => abandon("a condition is not boolean"),
        }
    }

    fn unary(
        &mut self,
        op: UnaryOp,
        operand: &'a Expr,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let value = self.eval(operand, frame)?;
        Ok(match (op, value) {
            (UnaryOp::Plus, value) => value,
            (UnaryOp::Not, Value::Boolean(b)) => Value::Boolean(!b),
            (UnaryOp::Minus, Value::Float(x)) => Value::Float(-x),
            (UnaryOp::Minus, Value::Double(x)) => Value::Double(-x),
            // The sign belongs to the literal.
            (UnaryOp::Minus, Value::Integer(_, n)) if is_constant(operand) => {
                let mut widths = [Width::Int, Width::Long].into_iter();
                match widths.find(|width| width.holds(-n)) {
                    Some(width) => Value::Integer(width, -n),
                    None => return Err(self.raise("arithmetic_error", "", span)),
                }
            }
            (UnaryOp::Minus, Value::Integer(width, n)) if width.holds(-n) => {
                Value::Integer(width, -n)
            }
            (UnaryOp::Minus, _) => return Err(self.raise("arithmetic_error", "", span)),
            (UnaryOp::Complement, Value::Integer(width, n)) => {
                Value::Integer(width, number::cut(!n, width))
            }
            _ => return abandon("an operator does not fit"),
        })
    }

    fn step(
        &mut self,
        op: StepOp,
        fixity: Fixity,
        operand: &'a Expr,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let place = self.place(operand, frame)?;
        let before = self.read(&place, frame, span)?;
        let by = match op {
            StepOp::Increment => BinaryOp::Add,
            StepOp::Decrement => BinaryOp::Subtract,
        };
        let one = number::as_type(&Value::int(1), &place.ty).unwrap_or_else(|| Value::int(1));
        let after = self.operate(by, &before, &one, true, span)?;
        self.write(&place, after.clone(), frame, span)?;
        Ok(match fixity {
            Fixity::Prefix => after,
            Fixity::Postfix => before,
        })
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: &'a Expr,
        right: &'a Expr,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let first = self.holds(left, frame)?;
            if first == (op == BinaryOp::Or) {
                return Ok(Value::Boolean(first));
            }
            return Ok(Value::Boolean(self.holds(right, frame)?));
        }
        let a = self.eval(left, frame)?;
        let b = self.eval(right, frame)?;
        self.operate(op, &a, &b, is_constant(right), span)
    }

    /// An operator on values; `right` says whether the right one is a constant, which takes the left one's type if
    /// nothing else fits.
    pub(super) fn operate(
        &mut self,
        op: BinaryOp,
        a: &Value,
        b: &Value,
        right: bool,
        span: Span,
    ) -> Step<Value> {
        let (left_ty, right_ty) = (a.ty(), b.ty());
        let is_shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        let (mut a, mut b) = (a.clone(), b.clone());
        if left_ty.is_number() && right_ty.is_number() && !is_shift {
            let ty = match number::meet(&left_ty, &right_ty) {
                Some(ty) => ty,
                None if right => left_ty,
                None => right_ty,
            };
            a = self.converted(a, &ty)?;
            b = self.converted(b, &ty)?;
        }
        let order = || a.order(&b);
        Ok(Value::Boolean(match op {
            BinaryOp::Equal => a.equals(&b),
            BinaryOp::NotEqual => !a.equals(&b),
            BinaryOp::Less => order().is_some_and(std::cmp::Ordering::is_lt),
            BinaryOp::LessEqual => order().is_some_and(std::cmp::Ordering::is_le),
            BinaryOp::Greater => order().is_some_and(std::cmp::Ordering::is_gt),
            BinaryOp::GreaterEqual => order().is_some_and(std::cmp::Ordering::is_ge),
            _ => return self.compute(op, &a, &b, span),
        }))
    }

    /// A string that the program has put together.
    pub(super) fn made(&mut self, text: &str, span: Span) -> Step<Value> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(self.raise("resource_exhausted", "", span));
        }
        Ok(Value::text(text))
    }

    fn compute(&mut self, op: BinaryOp, a: &Value, b: &Value, span: Span) -> Step<Value> {
        match (a, b) {
            (Value::Text(a), Value::Text(b)) => self.made(&format!("{a}{b}"), span),
            (Value::Boolean(a), Value::Boolean(b)) => Ok(Value::Boolean(match op {
                BinaryOp::BitAnd => *a && *b,
                BinaryOp::BitOr => *a || *b,
                _ => a != b,
            })),
            _ => match number::compute(op, a, b) {
                Some(value) => Ok(value),
                None => Err(self.raise("arithmetic_error", "", span)),
            },
        }
    }

    /// `(T) value`
    pub(super) fn cast(&mut self, value: Value, ty: &Ty, span: Span) -> Step<Value> {
        let numbers: Vec<i64> = match ty {
            Ty::Class(class) => return self.cast_reference(value, *class, span),
            Ty::Text | Ty::Boolean | Ty::Null => return Ok(value),
            Ty::Enum(id) => {
                let values = &self.world.enums[*id].values;
                values.iter().map(|(_, number)| *number).collect()
            }
            _ => Vec::new(),
        };
        match number::cast(&value, ty, &numbers) {
            Some(value) => Ok(value),
            None => Err(self.raise("arithmetic_error", "", span)),
        }
    }

    fn cast_reference(&mut self, value: Value, class: usize, span: Span) -> Step<Value> {
        let value = self.converted(value, &Ty::Class(class))?;
        let Value::Reference(items) = &value else {
            return abandon("a cast of what is no reference");
        };
        for item in items.iter() {
            if let super::value::Item::Object(id) | super::value::Item::Server(id) = item
                && !self.world.derives(self.heap[*id].class, class)
            {
                return Err(self.raise("bad_cast", "", span));
            }
        }
        Ok(value)
    }

    fn field(&mut self, value: &Value, name: &str, span: Span) -> Step<Value> {
        match value {
            Value::Error(code, _) if name == "code" => Ok(Value::int(*code)),
            Value::Error(_, message) => Ok(Value::Text(message.clone())),
            Value::Future(_) => self.result(value, span),
            Value::Reference(_) => {
                let object = self.object(value, span)?;
                match self.world.attribute(self.heap[object].class, name) {
                    Some(field) => Ok(self.heap[object].fields[field].clone()),
                    None => abandon("an unknown attribute"),
                }
            }
            _ => abandon("what has no attributes"),
        }
    }
}
