//! Objects: their state, how relations are kept, what is undone, copies by value.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::value::{Item, Value};
use super::{Interpreter, Step, Stop};

/// An object.
pub struct Object {
    pub class: usize,
    pub fields: Vec<Value>,
    /// Whether it was a server that is no more.
    pub deleted: bool,
    /// Whether it is a server: in messages it is never copied, but named.
    pub is_server: bool,
}

/// The objects of a message: what they were copied to, and those whose state is not copied yet.
#[derive(Default)]
struct Message {
    /// The server that it goes to; none for main, and for a server that is not made yet.
    to: Option<usize>,
    has_future: bool,
    copies: BTreeMap<usize, usize>,
    pending: Vec<(usize, usize)>,
}

/// The objects that one side of a relation holds.
fn members(value: &Value) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut add = |value: &Value| {
        if let Value::Reference(items) = value {
            for item in items.iter() {
                if let Item::Object(id) = item {
                    found.insert(*id);
                }
            }
        }
    };
    match value {
        Value::List(all) | Value::Set(all) | Value::Bag(all) => all.iter().for_each(add),
        other => add(other),
    }
    found
}

/// One side of a relation with an object more.
fn with(value: &Value, member: usize) -> Value {
    let one = Value::one(Item::Object(member));
    let more = |all: &Rc<Vec<Value>>| {
        let mut all = (**all).clone();
        if !all.iter().any(|known| known.equals(&one)) {
            all.push(one.clone());
        }
        Rc::new(all)
    };
    match value {
        Value::List(all) => Value::List(more(all)),
        Value::Set(all) => Value::Set(more(all)),
        Value::Bag(all) => Value::Bag(more(all)),
        _ => one,
    }
}

/// One side of a relation with an object less.
fn without(value: &Value, member: usize) -> Value {
    let one = Value::one(Item::Object(member));
    let less = |all: &Rc<Vec<Value>>| {
        let mut all = (**all).clone();
        if let Some(position) = all.iter().position(|known| known.equals(&one)) {
            all.remove(position);
        }
        Rc::new(all)
    };
    match value {
        Value::List(all) => Value::List(less(all)),
        Value::Set(all) => Value::Set(less(all)),
        Value::Bag(all) => Value::Bag(less(all)),
        other if other.equals(&one) => Value::null(),
        other => other.clone(),
    }
}

impl Interpreter<'_> {
    /// A new object with nothing in it.
    pub(super) fn allocate(&mut self, class: usize) -> usize {
        let attributes = &self.world.classes[class].attributes;
        let fields = attributes
            .iter()
            .map(|attribute| self.zero(&attribute.ty))
            .collect();
        self.heap.push(Object {
            class,
            fields,
            deleted: false,
            is_server: std::mem::take(&mut self.expects_server),
        });
        self.heap.len() - 1
    }

    /// Changes an attribute, in a way that can be undone.
    fn put(&mut self, object: usize, field: usize, value: Value) {
        let before = std::mem::replace(&mut self.heap[object].fields[field], value);
        if let Some(log) = self.undo.last_mut() {
            log.push((object, field, before));
        }
    }

    /// Takes back what the command that runs has changed.
    pub(super) fn roll_back(&mut self) {
        for (object, field, before) in self.undo.pop().into_iter().flatten().rev() {
            self.heap[object].fields[field] = before;
        }
    }

    /// Changes an attribute, and the other sides of a relation.
    pub(super) fn set_field(
        &mut self,
        object: usize,
        field: usize,
        value: Value,
    ) -> Result<(), Stop> {
        let class = self.heap[object].class;
        let attribute = &self.world.classes[class].attributes[field];
        let Some((other, inverse)) = attribute.inverse else {
            self.put(object, field, value);
            return Ok(());
        };
        let Some(inverse) = self.world.attribute(other, inverse) else {
            return super::abandon("an inverse without a class");
        };
        let before = members(&self.heap[object].fields[field]);
        let after = members(&value);
        self.put(object, field, value);
        for &member in before.difference(&after) {
            let side = without(&self.heap[member].fields[inverse], object);
            self.put(member, inverse, side);
        }
        for &member in after.difference(&before) {
            let side = self.heap[member].fields[inverse].clone();
            // Who can be with one only leaves the one it was with.
            if let Value::Reference(_) = side {
                for former in members(&side) {
                    if former != object {
                        let rest = without(&self.heap[former].fields[field], member);
                        self.put(former, field, rest);
                    }
                }
            }
            let side = with(&side, object);
            self.put(member, inverse, side);
        }
        Ok(())
    }

    /// Copies of values with all objects that they lead to, which share what the originals share. A server is not copied.
    pub(super) fn copies(&mut self, values: &[Value], to: Option<usize>) -> Step<Vec<Value>> {
        let mut message = Message {
            to,
            ..Message::default()
        };
        let copies = values
            .iter()
            .map(|value| self.copy(value, &mut message))
            .collect();
        // Objects wait here, so that a chain of them is not descended into.
        while let Some((original, copy)) = message.pending.pop() {
            for field in 0..self.heap[original].fields.len() {
                let value = self.heap[original].fields[field].clone();
                self.heap[copy].fields[field] = self.copy(&value, &mut message);
            }
        }
        if message.has_future {
            return super::abandon("a future in a message");
        }
        Ok(copies)
    }

    /// A copy of an object and of all that it leads to.
    pub(super) fn copy_of_object(&mut self, id: usize, to: Option<usize>) -> Step<usize> {
        let copies = self.copies(&[Value::one(Item::Object(id))], to)?;
        Ok(match copies.first() {
            Some(Value::Reference(items)) => match items.first() {
                Some(Item::Object(copy)) => *copy,
                _ => id,
            },
            _ => id,
        })
    }

    fn copy(&mut self, value: &Value, message: &mut Message) -> Value {
        let mut all = |values: &[Value]| -> Rc<Vec<Value>> {
            Rc::new(
                values
                    .iter()
                    .map(|value| self.copy(value, message))
                    .collect(),
            )
        };
        match value {
            Value::List(values) => Value::List(all(values)),
            Value::Set(values) => Value::Set(all(values)),
            Value::Bag(values) => Value::Bag(all(values)),
            Value::Array(values) => Value::Array(all(values)),
            Value::Map(entries) => {
                let keys: Vec<Value> = entries.iter().map(|(key, _)| key.clone()).collect();
                let values: Vec<Value> = entries.iter().map(|(_, value)| value.clone()).collect();
                let (keys, values) = (all(&keys), all(&values));
                Value::Map(Rc::new(
                    keys.iter().cloned().zip(values.iter().cloned()).collect(),
                ))
            }
            Value::Reference(items) => {
                let copied: Vec<Item> = items
                    .iter()
                    .map(|item| match item {
                        Item::Object(id) if self.heap[*id].is_server => Item::Server(*id),
                        Item::Object(id) => Item::Object(self.copy_object(*id, message)),
                        Item::Server(id) if message.to == Some(*id) => Item::Object(*id),
                        other => *other,
                    })
                    .collect();
                Value::Reference(copied.into())
            }
            Value::Future(Some(_)) => {
                message.has_future = true;
                value.clone()
            }
            other => other.clone(),
        }
    }

    fn copy_object(&mut self, id: usize, message: &mut Message) -> usize {
        if let Some(copy) = message.copies.get(&id) {
            return *copy;
        }
        let copy = self.allocate(self.heap[id].class);
        message.copies.insert(id, copy);
        message.pending.push((id, copy));
        copy
    }
}
