//! `T name[n]`: a variable that holds n elements itself. Assigning copies it.

use super::{Edit, List, ListEdit, Value};
use crate::object::{Damaged, Decoder, Encoder, Item, Outcome, Raised, Ref, Tracer};
use std::fmt;

/// The largest array: beyond it `resource_exhausted`, instead of the process.
pub const ARRAY_LENGTH_MAX: i64 = 1 << 26;

/// An array variable of the language. Its length never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Array<T: Value> {
    items: List<T>,
}

impl<T: Value> Array<T> {
    /// An array of `length` zeros, empties or nulls.
    ///
    /// # Errors
    /// `index_out_of_range` if the length is negative, `resource_exhausted` if it is beyond all bounds.
    #[track_caller]
    pub fn new(length: i64) -> Outcome<Array<T>> {
        if length < 0 {
            return Err(Raised::index(length, 0));
        }
        if length > ARRAY_LENGTH_MAX {
            return Err(Raised::resource_exhausted(format!(
                "an array of {length} elements; at most {ARRAY_LENGTH_MAX}"
            )));
        }
        Ok(Array {
            items: (0..length).map(|_| T::default()).collect(),
        })
    }

    /// How many elements it has.
    #[must_use]
    pub fn length(&self) -> i32 {
        self.items.length()
    }

    /// The element at `index`.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn at(&self, index: i64) -> Outcome<T> {
        self.items.at(index)
    }

    /// Puts an element in the place of the one at `index`.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn put(&mut self, index: i64, item: T) -> Outcome<()> {
        self.items.put(index, item)
    }

    /// The elements in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// The elements as a list.
    #[must_use]
    pub fn elements(&self) -> List<T> {
        self.items.clone()
    }

    /// This array's elements replaced by those of `other`.
    ///
    /// # Errors
    /// `index_out_of_range` if the lengths differ.
    #[track_caller]
    pub fn assigned(&self, other: Array<T>) -> Outcome<Array<T>> {
        if self.length() == other.length() {
            Ok(other)
        } else {
            Err(Raised::index(other.length().into(), self.length().into()))
        }
    }
}

impl<T: 'static> Array<Ref<T>> {
    /// All references as one, nulls kept.
    #[must_use]
    pub fn group(&self) -> Ref<T> {
        Ref::group(self.items.iter().map(|item| item.first().clone()).collect())
    }

    /// The objects of a group, each in a place of its own.
    #[must_use]
    pub fn of_group(group: &Ref<T>) -> Array<Ref<T>> {
        let single = |item: &Item| Ref::group(vec![item.clone()]);
        Array {
            items: group.items().iter().map(single).collect(),
        }
    }

    /// The same references, seen as a base class.
    #[must_use]
    pub fn upcast<B: crate::object::Class>(&self) -> Array<Ref<B>> {
        Array {
            items: self.items.iter().map(Ref::upcast).collect(),
        }
    }
}

impl<T: Value> Default for Array<T> {
    fn default() -> Array<T> {
        Array { items: List::new() }
    }
}

impl<T: Value> Value for Array<T> {
    const REFERENCES: bool = T::REFERENCES;

    fn write(&self, out: &mut Encoder) {
        self.items.write(out);
    }

    fn read(from: &mut Decoder<'_>) -> Result<Array<T>, Damaged> {
        Ok(Array {
            items: List::read(from)?,
        })
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.describe(f)
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.trace(tracer);
    }

    fn perform_logged(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        self.items.perform_logged(from)
    }
}

impl<T: Value> Edit<Array<T>> for ListEdit<T> {
    #[track_caller]
    fn perform(&self, array: &mut Array<T>) -> Outcome<()> {
        self.perform(&mut array.items)
    }

    fn log(&self, out: &mut Encoder) {
        Edit::<List<T>>::log(self, out);
    }
}
