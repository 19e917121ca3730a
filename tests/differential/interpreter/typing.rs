//! The type that an expression has before it is evaluated: what overloads and `?:` go by.

use cmsl_parser::ast::{BinaryOp, Expr, ExprKind, Literal, Path, UnaryOp};
use std::rc::Rc;

use super::expr::is_constant;
use super::value::{Ty, Width};
use super::world::Routine;
use super::{Frame, Interpreter, number};

const INT: Ty = Ty::Integer(Width::Int);

impl<'a> Interpreter<'a> {
    pub(super) fn ty_of(&self, expr: &Expr, frame: &Frame<'a>) -> Ty {
        match &expr.kind {
            ExprKind::Literal(literal) => of_literal(literal, 1),
            ExprKind::This => frame.class.map_or(Ty::Other, Ty::Class),
            ExprKind::Path(path) => self.ty_of_name(path, frame),
            ExprKind::Unary(UnaryOp::Not, _) => Ty::Boolean,
            ExprKind::Unary(UnaryOp::Minus, operand) => match &operand.kind {
                ExprKind::Literal(literal) => of_literal(literal, -1),
                _ => self.ty_of(operand, frame),
            },
            ExprKind::Unary(_, operand) | ExprKind::Step { operand, .. } => {
                self.ty_of(operand, frame)
            }
            ExprKind::Binary {
                op, left, right, ..
            } => self.ty_of_binary(*op, left, right, frame),
            ExprKind::Conditional {
                then, otherwise, ..
            } => self.unified(then, otherwise, frame),
            ExprKind::Cast { ty, .. } => self.world.ty(ty, &frame.module),
            ExprKind::Call {
                function,
                arguments,
            } => self.ty_of_call(function, arguments, frame),
            ExprKind::MethodCall {
                object,
                method,
                arguments,
                ..
            } => match self.ty_of(object, frame) {
                Ty::Class(class) => {
                    let methods = self.world.methods(class, method.as_str());
                    self.result_of(&methods, arguments, frame)
                }
                ty => of_value_method(&ty, method.as_str()),
            },
            ExprKind::Field { object, field, .. } => match self.ty_of(object, frame) {
                Ty::Class(class) => match self.world.attribute(class, field.as_str()) {
                    Some(index) => self.world.classes[class].attributes[index].ty.clone(),
                    None => Ty::Other,
                },
                Ty::Error if field.as_str() == "code" => INT,
                Ty::Error => Ty::Text,
                _ => Ty::Other,
            },
            ExprKind::Index { object, .. } => self.ty_of(object, frame).element(),
            ExprKind::New(new) => self.named(&new.class, frame),
            ExprKind::Server(server) => self.named(&server.class, frame),
            ExprKind::Invoke(_) => Ty::Future,
            ExprKind::Accept(_) => INT,
            ExprKind::Find { class, .. } => self.world.ty(class, &frame.module),
            ExprKind::Chain { .. } | ExprKind::Error => Ty::Other,
        }
    }

    fn named(&self, path: &Path, frame: &Frame<'a>) -> Ty {
        self.world
            .ty_named(path, &frame.module)
            .unwrap_or(Ty::Other)
    }

    fn ty_of_name(&self, path: &Path, frame: &Frame<'a>) -> Ty {
        let name = path.name.as_str();
        if path.single().is_some()
            && let Some(local) = frame.local(name)
        {
            return frame.locals[local].1.clone();
        }
        if let Some(class) = frame.class
            && let Some(field) = self.world.attribute(class, name)
        {
            return self.world.classes[class].attributes[field].ty.clone();
        }
        if let Some(global) = self.world.global(path, &frame.module) {
            return self.world.globals[global].ty.clone();
        }
        match self.world.enum_value(path, &frame.module) {
            Some((id, _)) => Ty::Enum(id),
            None => Ty::Error,
        }
    }

    fn ty_of_binary(&self, op: BinaryOp, left: &Expr, right: &Expr, frame: &Frame<'a>) -> Ty {
        match op {
            BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::And
            | BinaryOp::Or => Ty::Boolean,
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => self.ty_of(left, frame),
            _ => self.unified(left, right, frame),
        }
    }

    /// The type of two values of which one is meant.
    fn unified(&self, a: &Expr, b: &Expr, frame: &Frame<'a>) -> Ty {
        let (first, second) = (self.ty_of(a, frame), self.ty_of(b, frame));
        if first.is_number() && second.is_number() {
            return match number::meet(&first, &second) {
                Some(ty) => ty,
                None if is_constant(b) => first,
                None => second,
            };
        }
        match (&first, &second) {
            (Ty::Null, _) => second,
            (Ty::Class(a), Ty::Class(b)) if self.world.derives(*a, *b) => second,
            _ => first,
        }
    }

    fn result_of(&self, all: &[&Routine<'a>], arguments: &[Expr], frame: &Frame<'a>) -> Ty {
        let chosen = self.choose(all, arguments, frame);
        chosen.map_or(Ty::Other, |routine| routine.result)
    }

    fn ty_of_call(&self, path: &Path, arguments: &[Expr], frame: &Frame<'a>) -> Ty {
        let name = path.name.as_str();
        if let Some(class) = frame.class {
            let owner = match path.qualifiers.last() {
                Some(owner) => self.world.class_named(owner.as_str(), &frame.module),
                None => Some(class),
            };
            let methods = owner.map_or(Vec::new(), |owner| self.world.methods(owner, name));
            if !methods.is_empty() {
                return self.result_of(&methods, arguments, frame);
            }
        }
        if let Some(functions) = self.world.functions(path, &frame.module) {
            let functions: Vec<&Routine> = functions.iter().collect();
            return self.result_of(&functions, arguments, frame);
        }
        if let Some(ty) = self.world.ty_named(path, &frame.module) {
            return ty;
        }
        match (name, arguments) {
            ("format" | "to_string", _) => Ty::Text,
            ("length", _) => INT,
            ("parse_int", _) => Ty::Integer(Width::Long),
            ("error", _) => Ty::Error,
            ("is_nan", _) => Ty::Boolean,
            ("args", _) => Ty::List(Rc::new(Ty::Text)),
            ("print" | "println" | "sleep", _) => Ty::Void,
            ("abs", [one]) => self.ty_of(one, frame),
            ("min" | "max", [a, b]) => self.unified(a, b, frame),
            _ => Ty::Double,
        }
    }
}

fn of_literal(literal: &Literal, sign: i128) -> Ty {
    match literal {
        Literal::Integer(n) => {
            let n = i128::from(*n) * sign;
            let mut widths = [Width::Int, Width::Long].into_iter();
            let found = widths.find(|width| width.holds(n));
            Ty::Integer(found.unwrap_or(Width::UnsignedLong))
        }
        Literal::Real(_) => Ty::Double,
        Literal::Char(_) => Ty::Char,
        Literal::String(_) => Ty::Text,
        Literal::Boolean(_) => Ty::Boolean,
        Literal::Null => Ty::Null,
    }
}

fn of_value_method(ty: &Ty, name: &str) -> Ty {
    match (ty, name) {
        (_, "contains" | "starts_with" | "ends_with") => Ty::Boolean,
        (Ty::Text, "find") => INT,
        (Ty::Text, "split") => Ty::List(Rc::new(Ty::Text)),
        (Ty::Text, _) => Ty::Text,
        (Ty::Map(key, _), "keys") => Ty::List(key.clone()),
        (Ty::Map(_, value), "values") => Ty::List(value.clone()),
        (ty, "get" | "first" | "last") => ty.element(),
        _ => Ty::Other,
    }
}
