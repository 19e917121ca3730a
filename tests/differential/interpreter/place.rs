//! Variables of all kinds: declared, converted to, read and changed.

use std::rc::Rc;

use cmsl_parser::Span;
use cmsl_parser::ast::{Declarator, Expr, ExprKind};

use super::value::{Item, Ty, Value};
use super::{Frame, Interpreter, Step, abandon, collection, number};

/// Where a value stands.
pub(super) struct Place {
    root: Root,
    steps: Vec<Part>,
    pub ty: Ty,
}

enum Root {
    Local(usize),
    Global(usize),
    /// An attribute of what a reference names.
    Field(Value, String),
}

enum Part {
    Index(Value),
    Code,
    Message,
}

impl<'a> Interpreter<'a> {
    /// What a variable of the type holds at first.
    pub(super) fn zero(&self, ty: &Ty) -> Value {
        match ty {
            Ty::Enum(id) => {
                let first = self.world.enums[*id].values.first();
                Value::Enum(*id, first.map_or(0, |(_, number)| *number))
            }
            other => other.zero(),
        }
    }

    /// The first value of a variable.
    pub(super) fn initial(
        &mut self,
        ty: &Ty,
        declared: &'a Declarator,
        frame: &mut Frame<'a>,
    ) -> Step<Value> {
        let mut value = self.zero(ty);
        if let Some(size) = &declared.size {
            let Value::Integer(_, length) = self.eval(size, frame)? else {
                return abandon("the length of an array is no number");
            };
            let Ok(length) = usize::try_from(length) else {
                return Err(self.raise("index_out_of_range", "", size.span));
            };
            value = Value::Array(Rc::new(vec![self.zero(&ty.element()); length]));
        }
        match &declared.value {
            Some(init) => {
                let given = self.eval(init, frame)?;
                self.fitted(given, ty, &value, init.span)
            }
            None => Ok(value),
        }
    }

    /// A value as one of the type that is needed, in the place of another.
    pub(super) fn fitted(&mut self, value: Value, ty: &Ty, old: &Value, span: Span) -> Step<Value> {
        let value = self.converted(value, ty)?;
        if let (Value::Array(new), Value::Array(old)) = (&value, old)
            && new.len() != old.len()
        {
            return Err(self.raise("index_out_of_range", "", span));
        }
        Ok(value)
    }

    /// A value as one of the type that is needed.
    pub(super) fn converted(&mut self, value: Value, ty: &Ty) -> Step<Value> {
        match (&value, ty) {
            (Value::Integer(..) | Value::Float(_) | Value::Double(_), ty) if ty.is_number() => {
                match number::as_type(&value, ty) {
                    Some(value) => Ok(value),
                    None => abandon("a number is not of its type"),
                }
            }
            (Value::Array(all), Ty::Class(_)) => {
                let mut items = Vec::new();
                for one in all.iter() {
                    if let Value::Reference(of) = one {
                        items.extend(of.first());
                    }
                }
                Ok(Value::Reference(items.into()))
            }
            (Value::Reference(items), Ty::Array(_)) => {
                let all = items.iter().map(|item| Value::one(*item)).collect();
                Ok(Value::Array(Rc::new(all)))
            }
            _ => Ok(value),
        }
    }

    /// The place that an expression reads.
    pub(super) fn place(&mut self, expr: &'a Expr, frame: &mut Frame<'a>) -> Step<Place> {
        let (root, ty) = match &expr.kind {
            ExprKind::Path(path) => {
                let name = path.name.as_str();
                let local = path.single().and_then(|name| frame.local(name.as_str()));
                if let Some(local) = local {
                    (Root::Local(local), frame.locals[local].1.clone())
                } else if let Some((this, field)) = self.own_field(name, frame) {
                    let ty = self.field_ty(this, field);
                    let this = Value::one(Item::Object(this));
                    (Root::Field(this, name.to_owned()), ty)
                } else if let Some(global) = self.world.global(path, &frame.module) {
                    (Root::Global(global), self.world.globals[global].ty.clone())
                } else {
                    return abandon("an unknown name is assigned to");
                }
            }
            ExprKind::Field { object, field, .. } => {
                if self.ty_of(object, frame) == Ty::Error {
                    let mut place = self.place(object, frame)?;
                    let code = field.as_str() == "code";
                    place
                        .steps
                        .push(if code { Part::Code } else { Part::Message });
                    let int = Value::int(0).ty();
                    place.ty = if code { int } else { Ty::Text };
                    return Ok(place);
                }
                let ty = self.ty_of(expr, frame);
                let object = self.eval(object, frame)?;
                (Root::Field(object, field.as_str().to_owned()), ty)
            }
            ExprKind::Index { object, index } => {
                let mut place = self.place(object, frame)?;
                let index = self.eval(index, frame)?;
                let index = match &place.ty {
                    Ty::Map(key, _) => self.converted(index, &key.clone())?,
                    _ => index,
                };
                place.steps.push(Part::Index(index));
                place.ty = place.ty.element();
                return Ok(place);
            }
            _ => return abandon("what is no variable is assigned to"),
        };
        let steps = Vec::new();
        Ok(Place { root, steps, ty })
    }

    /// An attribute of `this`.
    pub(super) fn own_field(&self, name: &str, frame: &Frame<'a>) -> Option<(usize, usize)> {
        let this = frame.this?;
        let field = self.world.attribute(self.heap[this].class, name)?;
        Some((this, field))
    }

    pub(super) fn field_ty(&self, object: usize, field: usize) -> Ty {
        self.world.classes[self.heap[object].class].attributes[field]
            .ty
            .clone()
    }

    /// The object that a reference means where one is used.
    pub(super) fn object(&mut self, reference: &Value, span: Span) -> Step<usize> {
        let Value::Reference(items) = reference else {
            return abandon("what is no reference is used as one");
        };
        match items.first() {
            Some(Item::Object(id)) => Ok(*id),
            Some(Item::Server(_)) => abandon("an attribute of a server"),
            Some(Item::Null) | None => Err(self.raise("null_reference", "", span)),
        }
    }

    fn root(&mut self, place: &Place, frame: &Frame<'a>, span: Span) -> Step<Value> {
        Ok(match &place.root {
            Root::Local(local) => frame.locals[*local].2.clone(),
            Root::Global(global) => self.globals[*global].clone(),
            Root::Field(reference, name) => {
                let object = self.object(reference, span)?;
                let Some(field) = self.world.attribute(self.heap[object].class, name) else {
                    return abandon("an unknown attribute");
                };
                self.heap[object].fields[field].clone()
            }
        })
    }

    pub(super) fn read(&mut self, place: &Place, frame: &Frame<'a>, span: Span) -> Step<Value> {
        let mut value = self.root(place, frame, span)?;
        for part in &place.steps {
            value = self.part(&value, part, span)?;
        }
        Ok(value)
    }

    fn part(&mut self, value: &Value, part: &Part, span: Span) -> Step<Value> {
        match (part, value) {
            (Part::Code, Value::Error(code, _)) => Ok(Value::int(*code)),
            (Part::Message, Value::Error(_, message)) => Ok(Value::Text(message.clone())),
            (Part::Index(index), value) => self.element(value, index, span),
            _ => abandon("no such part of a value"),
        }
    }

    /// `value[index]`
    pub(super) fn element(&mut self, value: &Value, index: &Value, span: Span) -> Step<Value> {
        let found = match value {
            Value::List(all) | Value::Array(all) => collection::at(all, index),
            Value::Map(all) => {
                return match collection::get(all, index) {
                    Some(value) => Ok(value),
                    None => Err(self.raise("no_such_element", "", span)),
                };
            }
            Value::Text(text) => {
                let chars: Vec<Value> = text.chars().map(Value::Char).collect();
                collection::at(&chars, index)
            }
            Value::Reference(_) if value.is_null() => {
                return Err(self.raise("null_reference", "", span));
            }
            Value::Reference(items) => {
                let all: Vec<Value> = items.iter().map(|item| Value::one(*item)).collect();
                collection::at(&all, index)
            }
            _ => return abandon("what has no elements is indexed"),
        };
        match found {
            Some(value) => Ok(value),
            None => Err(self.raise("index_out_of_range", "", span)),
        }
    }

    pub(super) fn write(
        &mut self,
        place: &Place,
        value: Value,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<()> {
        let old = self.root(place, frame, span)?;
        let whole = self.replaced(&old, &place.steps, value, span)?;
        match &place.root {
            Root::Local(local) => frame.locals[*local].2 = whole,
            Root::Global(global) => self.globals[*global] = whole,
            Root::Field(reference, name) => {
                let object = self.object(reference, span)?;
                if let Some(field) = self.world.attribute(self.heap[object].class, name) {
                    self.set_field(object, field, whole)?;
                }
            }
        }
        Ok(())
    }

    /// A value in which a part is another.
    fn replaced(&mut self, whole: &Value, parts: &[Part], new: Value, span: Span) -> Step<Value> {
        let Some((part, rest)) = parts.split_first() else {
            return Ok(new);
        };
        // The key of a map need not be there, if its value is what changes.
        let new = if let (Value::Map(_), true) = (whole, rest.is_empty()) {
            new
        } else {
            let inner = self.part(whole, part, span)?;
            self.replaced(&inner, rest, new, span)?
        };
        Ok(match (whole, part, new) {
            (Value::Error(_, message), Part::Code, Value::Integer(_, code)) => {
                Value::Error(code, message.clone())
            }
            (Value::Error(code, _), Part::Message, Value::Text(text)) => Value::Error(*code, text),
            (Value::Map(all), Part::Index(key), new) => {
                Value::Map(collection::with_key(all, key, &new))
            }
            (Value::List(all), Part::Index(index), new) => {
                Value::List(collection::with_index(all, index, new).unwrap_or_default())
            }
            (Value::Array(all), Part::Index(index), new) => {
                Value::Array(collection::with_index(all, index, new).unwrap_or_default())
            }
            _ => return abandon("no such part of a value"),
        })
    }
}
