//! Types and values as the interpreter sees them.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use super::Raised;

/// An integer type, in the order of size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Octet,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,
    Long,
    UnsignedLong,
}

impl Width {
    /// The least and the greatest value.
    pub fn range(self) -> (i128, i128) {
        let signed = |bits: u32| (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1);
        match self {
            Width::Octet => (0, 255),
            Width::UnsignedShort => (0, 65_535),
            Width::UnsignedInt => (0, 4_294_967_295),
            Width::UnsignedLong => (0, 18_446_744_073_709_551_615),
            Width::Short => signed(16),
            Width::Int => signed(32),
            Width::Long => signed(64),
        }
    }

    pub fn holds(self, value: i128) -> bool {
        let (least, greatest) = self.range();
        (least..=greatest).contains(&value)
    }

    pub fn bits(self) -> i128 {
        match self {
            Width::Octet => 8,
            Width::Short | Width::UnsignedShort => 16,
            Width::Int | Width::UnsignedInt => 32,
            Width::Long | Width::UnsignedLong => 64,
        }
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Void,
    Boolean,
    Char,
    Integer(Width),
    Float,
    Double,
    Text,
    Error,
    Enum(usize),
    Class(usize),
    Null,
    List(Rc<Ty>),
    Set(Rc<Ty>),
    Bag(Rc<Ty>),
    Map(Rc<Ty>, Rc<Ty>),
    Array(Rc<Ty>),
    Future,
    /// Dates, hosts and what embedding code provides: not interpreted.
    Other,
}

impl Ty {
    pub fn is_number(&self) -> bool {
        matches!(self, Ty::Integer(_) | Ty::Float | Ty::Double)
    }

    /// What elements of a collection, or values of a map, are.
    pub fn element(&self) -> Ty {
        match self {
            Ty::List(of) | Ty::Set(of) | Ty::Bag(of) | Ty::Map(_, of) | Ty::Array(of) => {
                (**of).clone()
            }
            Ty::Text => Ty::Char,
            other => other.clone(),
        }
    }

    /// What a loop over a collection gives.
    pub fn key(&self) -> Ty {
        match self {
            Ty::Map(key, _) => (**key).clone(),
            other => other.element(),
        }
    }

    /// What a variable of the type holds at first.
    pub fn zero(&self) -> Value {
        match self {
            Ty::Boolean => Value::Boolean(false),
            Ty::Char => Value::Char('\0'),
            Ty::Integer(width) => Value::Integer(*width, 0),
            Ty::Float => Value::Float(0.0),
            Ty::Double => Value::Double(0.0),
            Ty::Text => Value::text(""),
            Ty::Error => Value::Error(0, "".into()),
            Ty::Enum(id) => Value::Enum(*id, 0),
            Ty::Class(_) | Ty::Null => Value::null(),
            Ty::List(_) => Value::List(Rc::default()),
            Ty::Set(_) => Value::Set(Rc::default()),
            Ty::Bag(_) => Value::Bag(Rc::default()),
            Ty::Map(..) => Value::Map(Rc::default()),
            Ty::Array(_) => Value::Array(Rc::default()),
            Ty::Future => Value::Future(None),
            Ty::Void | Ty::Other => Value::Void,
        }
    }
}

/// One of those that a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    Null,
    /// An object, by its place in the heap.
    Object(usize),
    /// An object that runs as a server.
    Server(usize),
}

/// What `invoke` gave.
#[derive(Debug)]
pub struct Ticket {
    pub reply: Result<Value, Raised>,
    pub accepted: bool,
}

/// A value. It knows its type, as far as that decides what an operator does.
#[derive(Clone, Debug)]
pub enum Value {
    Void,
    Boolean(bool),
    Char(char),
    Integer(Width, i128),
    Float(f32),
    Double(f64),
    Text(Rc<str>),
    Error(i128, Rc<str>),
    /// Of which enumeration, and the position of the name in it.
    Enum(usize, i64),
    Reference(Rc<[Item]>),
    List(Rc<Vec<Value>>),
    Set(Rc<Vec<Value>>),
    Bag(Rc<Vec<Value>>),
    Map(Rc<Vec<(Value, Value)>>),
    Array(Rc<Vec<Value>>),
    Future(Option<Rc<RefCell<Ticket>>>),
}

impl Value {
    pub fn null() -> Value {
        Value::one(Item::Null)
    }

    pub fn one(item: Item) -> Value {
        Value::Reference(Rc::new([item]))
    }

    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    pub fn int(value: i128) -> Value {
        Value::Integer(Width::Int, value)
    }

    /// What the value is, where it shows: an empty list does not know of what.
    pub fn ty(&self) -> Ty {
        match self {
            Value::Boolean(_) => Ty::Boolean,
            Value::Char(_) => Ty::Char,
            Value::Integer(width, _) => Ty::Integer(*width),
            Value::Float(_) => Ty::Float,
            Value::Double(_) => Ty::Double,
            Value::Text(_) => Ty::Text,
            Value::Error(..) => Ty::Error,
            Value::Enum(id, _) => Ty::Enum(*id),
            Value::Future(_) => Ty::Future,
            Value::Reference(_) => Ty::Null,
            _ => Ty::Other,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Reference(items) if **items == [Item::Null])
    }

    pub fn is_nan(&self) -> bool {
        match self {
            Value::Float(value) => value.is_nan(),
            Value::Double(value) => value.is_nan(),
            _ => false,
        }
    }

    /// `==`
    pub fn equals(&self, other: &Value) -> bool {
        let all = |a: &[Value], b: &[Value]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
        };
        match (self, other) {
            (Value::Reference(a), Value::Reference(b)) => a == b,
            (Value::Error(a, b), Value::Error(c, d)) => a == c && b == d,
            (Value::List(a), Value::List(b)) | (Value::Array(a), Value::Array(b)) => all(a, b),
            (Value::Set(a), Value::Set(b)) | (Value::Bag(a), Value::Bag(b)) => {
                a.len() == b.len()
                    && a.iter().all(|one| {
                        let count = |all: &[Value]| all.iter().filter(|v| v.equals(one)).count();
                        count(a) > 0 && count(a) == count(b)
                    })
            }
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, value)| b.iter().any(|(k, v)| k.equals(key) && v.equals(value)))
            }
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// `<`: none for a NaN and for what has no order.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
            (Value::Char(a), Value::Char(b)) => Some(a.cmp(b)),
            (Value::Integer(_, a), Value::Integer(_, b)) => Some(a.cmp(b)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
            (Value::Text(a), Value::Text(b)) => Some(a.chars().cmp(b.chars())),
            (Value::Enum(_, a), Value::Enum(_, b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}
