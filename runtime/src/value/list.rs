//! `list<T>`: elements in the order of insertion. Copies share their nodes until one changes.

use super::{Described, Edit, Lineage, SET, Value, listed};
use crate::object::{Damaged, Decoder, Encoder, Outcome, Raised, Tracer};
use imbl::Vector;
use std::fmt;

/// A list of the language.
#[derive(Debug, Clone)]
pub struct List<T: Clone> {
    items: Vector<T>,
    lineage: Lineage,
}

impl<T: Value> List<T> {
    /// The empty list.
    #[must_use]
    pub fn new() -> List<T> {
        List::default()
    }

    /// How many elements it has.
    #[must_use]
    pub fn length(&self) -> i32 {
        i32::try_from(self.items.len()).unwrap_or(i32::MAX)
    }

    #[track_caller]
    fn position(&self, index: i64, limit: usize) -> Outcome<usize> {
        match usize::try_from(index) {
            Ok(position) if position < limit => Ok(position),
            _ => Err(Raised::index(index, self.items.len() as i64)),
        }
    }

    /// The element at `index`, from 0.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn at(&self, index: i64) -> Outcome<T> {
        match usize::try_from(index)
            .ok()
            .and_then(|position| self.items.get(position))
        {
            Some(item) => Ok(item.clone()),
            None => Err(Raised::index(index, self.items.len() as i64)),
        }
    }

    /// The first element.
    ///
    /// # Errors
    /// `no_such_element` if there is none.
    #[track_caller]
    pub fn first(&self) -> Outcome<T> {
        match self.items.front() {
            Some(item) => Ok(item.clone()),
            None => Err(Raised::no_such_element("first () of an empty list")),
        }
    }

    /// The last element.
    ///
    /// # Errors
    /// `no_such_element` if there is none.
    #[track_caller]
    pub fn last(&self) -> Outcome<T> {
        match self.items.back() {
            Some(item) => Ok(item.clone()),
            None => Err(Raised::no_such_element("last () of an empty list")),
        }
    }

    /// Whether an element equals `item`.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool {
        self.items.iter().any(|other| other == item)
    }

    /// Adds an element at the end.
    pub fn append(&mut self, item: T) {
        self.lineage.begin::<T>();
        self.items.push_back(item);
    }

    /// Adds an element before `index`; at the length, appends.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn insert(&mut self, index: i64, item: T) -> Outcome<()> {
        let position = self.position(index, self.items.len() + 1)?;
        self.lineage.begin::<T>();
        self.items.insert(position, item);
        Ok(())
    }

    /// Removes the element at `index`.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn remove(&mut self, index: i64) -> Outcome<()> {
        let position = self.position(index, self.items.len())?;
        self.items.remove(position);
        Ok(())
    }

    /// Puts another element in the place of the one at `index`.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn put(&mut self, index: i64, item: T) -> Outcome<()> {
        let position = self.position(index, self.items.len())?;
        self.lineage.begin::<T>();
        self.items.set(position, item);
        Ok(())
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        *self = List::new();
    }

    /// The elements in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
}

impl<T: Clone> Default for List<T> {
    fn default() -> List<T> {
        List {
            items: Vector::new(),
            lineage: Lineage::default(),
        }
    }
}

impl<T: Value> PartialEq for List<T> {
    fn eq(&self, other: &List<T>) -> bool {
        self.items == other.items
    }
}

impl<T: Value> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> List<T> {
        let mut list = List::new();
        for item in items {
            list.append(item);
        }
        list
    }
}

impl<T: Value> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = imbl::vector::ConsumingIter<T, imbl::shared_ptr::DefaultSharedPtr>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<T: Value> Value for List<T> {
    const REFERENCES: bool = T::REFERENCES;

    fn write(&self, out: &mut Encoder) {
        out.out().length(self.items.len());
        for item in &self.items {
            item.write(out);
        }
    }

    fn read(from: &mut Decoder<'_>) -> Result<List<T>, Damaged> {
        let count = from.reader().count(1)?;
        let mut list = List::new();
        for _ in 0..count {
            list.append(T::read(from)?);
        }
        Ok(list)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        listed(
            f,
            ['[', ']'],
            self.items.len(),
            self.items.iter().map(Described),
        )
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if T::REFERENCES {
            tracer.collection(&self.lineage, |tracer| {
                for item in &self.items {
                    item.trace(tracer);
                }
            });
        }
    }

    fn perform_logged(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        let edit = match from.reader().u8()? {
            SET => {
                *self = List::read(from)?;
                return Ok(());
            }
            1 => ListEdit::Append(T::read(from)?),
            2 => ListEdit::Insert(from.reader().i64()?, T::read(from)?),
            3 => ListEdit::Remove(from.reader().i64()?),
            4 => ListEdit::Put(from.reader().i64()?, T::read(from)?),
            5 => ListEdit::Clear,
            _ => return Err(Damaged::new("an unknown edit of a list")),
        };
        edit.perform(self)
            .map_err(|_| Damaged::new("an edit of a list beyond its end"))
    }
}

/// A change of a list in place.
#[derive(Debug, Clone, PartialEq)]
pub enum ListEdit<T> {
    /// At the end.
    Append(T),
    /// Before an index.
    Insert(i64, T),
    /// At an index.
    Remove(i64),
    /// In the place of the element at an index.
    Put(i64, T),
    /// All.
    Clear,
}

impl<T: Value> Edit<List<T>> for ListEdit<T> {
    #[track_caller]
    fn perform(&self, list: &mut List<T>) -> Outcome<()> {
        match self {
            ListEdit::Append(item) => list.append(item.clone()),
            ListEdit::Insert(index, item) => list.insert(*index, item.clone())?,
            ListEdit::Remove(index) => list.remove(*index)?,
            ListEdit::Put(index, item) => list.put(*index, item.clone())?,
            ListEdit::Clear => list.clear(),
        }
        Ok(())
    }

    fn log(&self, out: &mut Encoder) {
        match self {
            ListEdit::Append(item) => {
                out.out().u8(1);
                item.write(out);
            }
            ListEdit::Insert(index, item) => {
                out.out().u8(2);
                out.out().i64(*index);
                item.write(out);
            }
            ListEdit::Remove(index) => {
                out.out().u8(3);
                out.out().i64(*index);
            }
            ListEdit::Put(index, item) => {
                out.out().u8(4);
                out.out().i64(*index);
                item.write(out);
            }
            ListEdit::Clear => out.out().u8(5),
        }
    }
}
