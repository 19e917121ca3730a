//! Predefined functions, and methods of predefined types.

use std::rc::Rc;

use cmsl_parser::Span;
use cmsl_parser::ast::{Expr, ExprKind, Literal};

use super::collection::{self, Change};
use super::expr::is_constant;
use super::value::{Ty, Value};
use super::{Frame, Interpreter, Step, abandon, number};

impl<'a> Interpreter<'a> {
    /// A call of a predefined function.
    pub(super) fn predefined(
        &mut self,
        name: &str,
        arguments: &'a [Expr],
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        if let "print" | "println" | "format" = name {
            let text = self.template(arguments, frame)?;
            match name {
                "print" => self.print(&text),
                "println" => self.print(&(text + "\n")),
                _ => return self.made(&text, span),
            }
            return Ok(Value::Void);
        }
        let values = self.values(arguments, frame)?;
        match (name, &values[..]) {
            ("length", [value]) => self.length(value, span),
            ("to_string", [value]) => Ok(Value::text(&self.show(value))),
            ("abs", [value]) => match value.order(&value.ty().zero()) {
                Some(std::cmp::Ordering::Less) => self.negated(value, span),
                _ => Ok(match value {
                    Value::Double(x) => Value::Double(x.abs()),
                    Value::Float(x) => Value::Float(x.abs()),
                    other => other.clone(),
                }),
            },
            ("min" | "max", [a, b]) => self.extreme(name == "max", a, b, arguments),
            ("error", [Value::Integer(_, code), Value::Text(text)]) => {
                Ok(Value::Error(*code, text.clone()))
            }
            ("is_nan", [value]) => match number::as_type(value, &Ty::Double) {
                Some(Value::Double(x)) => Ok(Value::Boolean(x.is_nan())),
                _ => abandon("no number"),
            },
            ("parse_int", [Value::Text(text)]) => match text.trim().parse::<i64>() {
                Ok(n) => Ok(Value::Integer(super::value::Width::Long, n.into())),
                Err(_) => Err(self.raise("arithmetic_error", "", span)),
            },
            ("parse_double", [Value::Text(text)]) => match text.trim().parse() {
                Ok(x) => Ok(Value::Double(x)),
                Err(_) => Err(self.raise("arithmetic_error", "", span)),
            },
            ("args", []) => {
                let words = self.args.iter().map(|word| Value::text(word)).collect();
                Ok(Value::List(Rc::new(words)))
            }
            (name, values) => real_function(name, values),
        }
    }

    fn negated(&mut self, value: &Value, span: Span) -> Step<Value> {
        match value {
            Value::Double(x) => Ok(Value::Double(-x)),
            Value::Float(x) => Ok(Value::Float(-x)),
            Value::Integer(width, n) if width.holds(-n) => Ok(Value::Integer(*width, -n)),
            _ => Err(self.raise("arithmetic_error", "", span)),
        }
    }

    /// `min (a, b)`, `max (a, b)`: of a number and a NaN, the number.
    fn extreme(&mut self, greater: bool, a: &Value, b: &Value, of: &[Expr]) -> Step<Value> {
        let (mut a, mut b) = (a.clone(), b.clone());
        if a.ty().is_number() && b.ty().is_number() {
            let ty = match number::meet(&a.ty(), &b.ty()) {
                Some(ty) => ty,
                None if of.last().is_some_and(is_constant) => a.ty(),
                None => b.ty(),
            };
            a = self.converted(a, &ty)?;
            b = self.converted(b, &ty)?;
        }
        let is_nan = a.order(&a).is_none();
        let second = match a.order(&b) {
            Some(order) if greater => order.is_lt(),
            Some(order) => order.is_gt(),
            None => is_nan,
        };
        Ok(if second { b } else { a })
    }

    fn length(&mut self, value: &Value, span: Span) -> Step<Value> {
        Ok(Value::int(match value {
            Value::Text(text) => text.chars().count(),
            Value::List(all) | Value::Set(all) | Value::Bag(all) | Value::Array(all) => all.len(),
            Value::Map(all) => all.len(),
            Value::Reference(_) if value.is_null() => {
                return Err(self.raise("null_reference", "", span));
            }
            Value::Reference(items) => items.len(),
            _ => return abandon("the length of what has none"),
        } as i128))
    }

    /// A template with its `{}` filled in.
    fn template(&mut self, arguments: &'a [Expr], frame: &mut Frame<'a>) -> Step<String> {
        let Some((template, values)) = arguments.split_first() else {
            return abandon("no template");
        };
        let ExprKind::Literal(Literal::String(template)) = &template.kind else {
            return abandon("a template is no literal");
        };
        let values = self.values(values, frame)?;
        let mut values = values.iter();
        let mut text = String::new();
        let mut chars = template.chars().peekable();
        while let Some(char) = chars.next() {
            match (char, chars.peek()) {
                ('{', Some('{')) | ('}', Some('}')) => {
                    text.push(char);
                    chars.next();
                }
                ('{', Some('}')) => {
                    chars.next();
                    if let Some(value) = values.next() {
                        text += &self.show(value);
                    }
                }
                _ => text.push(char),
            }
        }
        Ok(text)
    }

    /// A value as `{}` writes it.
    fn show(&self, value: &Value) -> String {
        match value {
            Value::Boolean(b) => b.to_string(),
            Value::Char(c) => c.to_string(),
            Value::Integer(_, n) => n.to_string(),
            Value::Float(x) => show_float(f64::from(*x), &format!("{x:e}")),
            Value::Double(x) => show_float(*x, &format!("{x:e}")),
            Value::Text(text) => text.to_string(),
            Value::Enum(id, number) => {
                let values = &self.world.enums[*id].values;
                let named = values.iter().find(|(_, known)| known == number);
                named.map_or("", |(name, _)| *name).to_owned()
            }
            _ => "?".to_owned(),
        }
    }

    /// A method that changes the collection in a place.
    pub(super) fn change(
        &mut self,
        object: &'a Expr,
        method: &str,
        arguments: &'a [Expr],
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<()> {
        let place = self.place(object, frame)?;
        let values = self.values(arguments, frame)?;
        let mut fitted = Vec::new();
        let last = values.len();
        for (position, value) in (1..).zip(values) {
            let ty = match (method, &place.ty) {
                // The index of a list.
                ("insert", Ty::List(_)) if position < last => None,
                ("remove", Ty::List(_)) => None,
                ("set", map) if position == last => Some(map.element()),
                (_, ty) => Some(ty.key()),
            };
            fitted.push(match ty {
                Some(ty) => self.converted(value, &ty)?,
                None => value,
            });
        }
        let before = self.read(&place, frame, span)?;
        match collection::change(&before, method, &fitted) {
            Some(Change::Done(after)) => self.write(&place, after, frame, span),
            Some(Change::Index) => Err(self.raise("index_out_of_range", "", span)),
            None => abandon("an unknown method"),
        }
    }

    /// A method of a predefined type that changes nothing.
    pub(super) fn value_method(
        &mut self,
        value: &Value,
        name: &str,
        arguments: &[Value],
        span: Span,
    ) -> Step<Value> {
        let has = |all: &[Value], one: &Value| {
            let ty = all.first().map_or(one.ty(), Value::ty);
            let one = number::as_type(one, &ty).unwrap_or_else(|| one.clone());
            Value::Boolean(all.iter().any(|known| known.equals(&one)))
        };
        Ok(match (value, name, arguments) {
            (Value::List(all), "first" | "last", []) => {
                let found = if name == "first" {
                    all.first()
                } else {
                    all.last()
                };
                match found {
                    Some(value) => value.clone(),
                    None => return Err(self.raise("no_such_element", "", span)),
                }
            }
            (Value::List(all) | Value::Set(all) | Value::Bag(all), "contains", [one]) => {
                has(all, one)
            }
            (Value::Map(all), "contains", [key]) => {
                let keys: Vec<Value> = all.iter().map(|(key, _)| key.clone()).collect();
                has(&keys, key)
            }
            (Value::Map(_), "get", [key]) => return self.element(value, key, span),
            (Value::Map(all), "keys", []) => {
                Value::List(Rc::new(all.iter().map(|(key, _)| key.clone()).collect()))
            }
            (Value::Map(all), "values", []) => Value::List(Rc::new(
                all.iter().map(|(_, value)| value.clone()).collect(),
            )),
            (Value::Text(text), name, arguments) => {
                return self.text_method(text, name, arguments, span);
            }
            _ => return abandon("an unknown method"),
        })
    }

    fn text_method(
        &mut self,
        text: &str,
        name: &str,
        arguments: &[Value],
        span: Span,
    ) -> Step<Value> {
        let chars: Vec<char> = text.chars().collect();
        let of = |chars: &[char]| Value::text(&chars.iter().collect::<String>());
        Ok(match (name, arguments) {
            ("contains", [Value::Text(part)]) => Value::Boolean(text.contains(&**part)),
            ("starts_with", [Value::Text(part)]) => Value::Boolean(text.starts_with(&**part)),
            ("ends_with", [Value::Text(part)]) => Value::Boolean(text.ends_with(&**part)),
            ("substring", [Value::Integer(_, from), Value::Integer(_, count)]) => {
                let range = usize::try_from(*from)
                    .ok()
                    .zip(usize::try_from(*count).ok())
                    .and_then(|(from, count)| chars.get(from..from.checked_add(count)?));
                match range {
                    Some(part) => of(part),
                    None => return Err(self.raise("index_out_of_range", "", span)),
                }
            }
            ("find", [Value::Text(part)]) => {
                let part: Vec<char> = part.chars().collect();
                let at = (0..=chars.len()).find(|&at| chars[at..].starts_with(&part));
                Value::int(at.map_or(-1, |at| at as i128))
            }
            ("split", [Value::Text(separator)]) => {
                let parts: Vec<Value> = if separator.is_empty() {
                    chars.iter().map(|c| of(&[*c])).collect()
                } else {
                    text.split(&**separator).map(Value::text).collect()
                };
                Value::List(Rc::new(parts))
            }
            ("trim", []) => Value::text(text.trim()),
            ("upper", []) => Value::text(&text.to_uppercase()),
            ("lower", []) => Value::text(&text.to_lowercase()),
            _ => return abandon("an unknown method of strings"),
        })
    }
}

fn show_float(x: f64, digits: &str) -> String {
    match x {
        _ if x.is_nan() => "nan".to_owned(),
        f64::INFINITY => "inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        _ => number::show_real(digits),
    }
}

/// Functions of real numbers whose result IEEE 754 determines.
fn real_function(name: &str, values: &[Value]) -> Step<Value> {
    let reals: Vec<f64> = values
        .iter()
        .filter_map(|value| match number::as_type(value, &Ty::Double)? {
            Value::Double(x) => Some(x),
            _ => None,
        })
        .collect();
    Ok(Value::Double(match (name, &reals[..]) {
        ("sqrt", [x]) => x.sqrt(),
        ("floor", [x]) => x.floor(),
        ("ceil", [x]) => x.ceil(),
        ("round", [x]) => x.round(),
        ("trunc", [x]) => x.trunc(),
        ("fmod", [x, y]) => x % y,
        _ => return abandon(&format!("the function {name}")),
    }))
}
