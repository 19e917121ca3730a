//! Collections: what their methods do to them.

use std::cmp::Ordering;
use std::rc::Rc;

use super::value::Value;

/// How a method of a collection ends.
pub enum Change {
    Done(Value),
    /// There is no element at the index.
    Index,
}

/// Where an element is or belongs: in ascending order, a NaN last, and at the end if it has no order.
fn place<T>(all: &[T], key: &Value, of: impl Fn(&T) -> &Value) -> Result<usize, usize> {
    if let Some(found) = all.iter().position(|one| of(one).equals(key)) {
        return Ok(found);
    }
    let greater = |one: &T| match of(one).order(key) {
        Some(order) => order == Ordering::Greater,
        None => of(one).is_nan() && !key.is_nan(),
    };
    Err(all.iter().position(greater).unwrap_or(all.len()))
}

fn index(of: &Value, length: usize) -> Option<usize> {
    let Value::Integer(_, index) = of else {
        return None;
    };
    usize::try_from(*index).ok().filter(|index| *index < length)
}

/// A method that changes a collection; none if it has no such method.
pub fn change(collection: &Value, method: &str, arguments: &[Value]) -> Option<Change> {
    let first = arguments.first();
    Some(Change::Done(match (collection, method) {
        (Value::List(_), "clear") => Value::List(Rc::default()),
        (Value::Set(_), "clear") => Value::Set(Rc::default()),
        (Value::Bag(_), "clear") => Value::Bag(Rc::default()),
        (Value::Map(_), "clear") => Value::Map(Rc::default()),
        (Value::List(all), "append") => {
            let mut all = (**all).clone();
            all.push(first?.clone());
            Value::List(Rc::new(all))
        }
        (Value::List(all), "insert") => {
            let mut all = (**all).clone();
            let Some(at) = index(first?, all.len() + 1) else {
                return Some(Change::Index);
            };
            all.insert(at, arguments.get(1)?.clone());
            Value::List(Rc::new(all))
        }
        (Value::List(all), "remove") => {
            let mut all = (**all).clone();
            let Some(at) = index(first?, all.len()) else {
                return Some(Change::Index);
            };
            all.remove(at);
            Value::List(Rc::new(all))
        }
        (Value::Set(all), _) => Value::Set(element(all, method, first?, false)?),
        (Value::Bag(all), _) => Value::Bag(element(all, method, first?, true)?),
        (Value::Map(all), "set") => Value::Map(with_key(all, first?, arguments.get(1)?)),
        (Value::Map(all), "remove") => {
            let mut all = (**all).clone();
            if let Ok(at) = place(&all, first?, |(key, _)| key) {
                all.remove(at);
            }
            Value::Map(Rc::new(all))
        }
        _ => return None,
    }))
}

/// A set or bag with an element more or less.
fn element(
    all: &Rc<Vec<Value>>,
    method: &str,
    element: &Value,
    again: bool,
) -> Option<Rc<Vec<Value>>> {
    let mut all = (**all).clone();
    match (method, place(&all, element, |one| one)) {
        ("insert", Err(at)) => all.insert(at, element.clone()),
        ("insert", Ok(at)) if again => all.insert(at, all[at].clone()),
        ("remove", Ok(at)) => {
            all.remove(at);
        }
        ("insert" | "remove", _) => {}
        _ => return None,
    }
    Some(Rc::new(all))
}

/// A map in which a key has a value.
pub fn with_key(
    all: &Rc<Vec<(Value, Value)>>,
    key: &Value,
    value: &Value,
) -> Rc<Vec<(Value, Value)>> {
    let mut all = (**all).clone();
    match place(&all, key, |(key, _)| key) {
        Ok(at) => all[at].1 = value.clone(),
        Err(at) => all.insert(at, (key.clone(), value.clone())),
    }
    Rc::new(all)
}

/// The value of a key.
pub fn get(all: &[(Value, Value)], key: &Value) -> Option<Value> {
    let (_, value) = all.iter().find(|(known, _)| known.equals(key))?;
    Some(value.clone())
}

/// A list, array or group's element.
pub fn at(all: &[Value], at: &Value) -> Option<Value> {
    all.get(index(at, all.len())?).cloned()
}

/// A list or array with another element at an index.
pub fn with_index(all: &Rc<Vec<Value>>, at: &Value, value: Value) -> Option<Rc<Vec<Value>>> {
    let mut all = (**all).clone();
    let at = index(at, all.len())?;
    all[at] = value;
    Some(Rc::new(all))
}
