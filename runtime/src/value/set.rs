//! `set<T>` and `bag<T>`: each is a map from its elements.

use super::{Edit, Key, List, Map, SET, Value};
use crate::object::{Damaged, Decoder, Encoder, Outcome, Tracer};
use std::cmp::Ordering;
use std::fmt;

/// A set of the language.
#[derive(Clone)]
pub struct Set<T: Clone> {
    items: Map<T, ()>,
}

/// A bag of the language: a set that counts.
#[derive(Clone)]
pub struct Bag<T: Clone> {
    counts: Map<T, u32>,
    length: i32,
}

impl<T: Key> Set<T> {
    /// The empty set.
    #[must_use]
    pub fn new() -> Set<T> {
        Set::default()
    }

    /// How many elements it has.
    #[must_use]
    pub fn length(&self) -> i32 {
        self.items.length()
    }

    /// Whether the element is there.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool {
        self.items.contains(item)
    }

    /// Adds an element; one that is there stays where it is.
    pub fn insert(&mut self, item: T) {
        if !self.contains(&item) {
            self.items.set(item, ());
        }
    }

    /// Removes an element; nothing if it is absent.
    pub fn remove(&mut self, item: &T) {
        self.items.remove(item);
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// The elements in order.
    #[must_use]
    pub fn elements(&self) -> List<T> {
        self.items.keys()
    }
}

impl<T: Key> Bag<T> {
    /// The empty bag.
    #[must_use]
    pub fn new() -> Bag<T> {
        Bag::default()
    }

    /// How many elements it has, repetitions counted.
    #[must_use]
    pub fn length(&self) -> i32 {
        self.length
    }

    /// An element as it came first, and how often it is there; a NaN, which equals nothing, is not.
    fn entry(&self, item: &T) -> Option<(&T, u32)> {
        let (known, count) = self.counts.entry(item)?;
        (known == item).then_some((known, *count))
    }

    /// Whether the element is there.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool {
        self.entry(item).is_some()
    }

    /// Adds an element; of equal ones it keeps the first and counts.
    pub fn insert(&mut self, item: T) {
        let (item, count) = match self.counts.entry(&item) {
            Some((known, count)) => (known.clone(), *count),
            None => (item, 0),
        };
        self.counts.set(item, count.saturating_add(1));
        self.length = self.length.saturating_add(1);
    }

    /// Removes one occurrence of an element; nothing if it is absent.
    pub fn remove(&mut self, item: &T) {
        match self.entry(item) {
            None => return,
            Some((_, 1)) => self.counts.remove(item),
            Some((known, count)) => self.counts.set(known.clone(), count - 1),
        }
        self.length -= 1;
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        *self = Bag::new();
    }

    /// The elements in order, each as often as it is there.
    #[must_use]
    pub fn elements(&self) -> List<T> {
        self.counts
            .iter()
            .flat_map(|(item, count)| (0..*count).map(|_| item.clone()))
            .collect()
    }
}

impl<T: Clone> Default for Set<T> {
    fn default() -> Set<T> {
        Set {
            items: Map::default(),
        }
    }
}

impl<T: Clone> Default for Bag<T> {
    fn default() -> Bag<T> {
        Bag {
            counts: Map::default(),
            length: 0,
        }
    }
}

impl<T: Key> PartialEq for Set<T> {
    fn eq(&self, other: &Set<T>) -> bool {
        self.items == other.items
    }
}

impl<T: Key> PartialEq for Bag<T> {
    fn eq(&self, other: &Bag<T>) -> bool {
        self.counts == other.counts
    }
}

impl<T: Key> Key for Set<T> {
    const PLACED: bool = true;

    fn order(&self, other: &Set<T>) -> Ordering {
        self.items.order(&other.items)
    }
}

impl<T: Key> Key for Bag<T> {
    const PLACED: bool = true;

    fn order(&self, other: &Bag<T>) -> Ordering {
        self.counts.order(&other.counts)
    }
}

impl<T: Key> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Set<T> {
        let mut set = Set::new();
        for item in items {
            set.insert(item);
        }
        set
    }
}

impl<T: Key> FromIterator<T> for Bag<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Bag<T> {
        let mut bag = Bag::new();
        for item in items {
            bag.insert(item);
        }
        bag
    }
}

macro_rules! collection_of_elements {
    ($name:ident, $edit:ident, $field:ident, $what:literal) => {
        impl<T: Key> Value for $name<T> {
            const REFERENCES: bool = T::REFERENCES;

            fn write(&self, out: &mut Encoder) {
                self.elements().write(out);
            }

            fn read(from: &mut Decoder<'_>) -> Result<$name<T>, Damaged> {
                Ok(List::read(from)?.into_iter().collect())
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.elements().describe(f)
            }

            fn trace(&self, tracer: &mut Tracer<'_>) {
                self.$field.trace(tracer);
            }

            fn perform_logged(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
                match from.reader().u8()? {
                    SET => *self = $name::read(from)?,
                    1 => self.insert(T::read(from)?),
                    2 => self.remove(&T::read(from)?),
                    3 => self.clear(),
                    _ => return Err(Damaged::new(concat!("an unknown edit of a ", $what))),
                }
                Ok(())
            }
        }

        #[doc = concat!("A change of a ", $what, " in place.")]
        #[derive(Debug, Clone, PartialEq)]
        pub enum $edit<T> {
            /// An element comes.
            Insert(T),
            /// An element goes.
            Remove(T),
            /// All go.
            Clear,
        }

        impl<T: Key> Edit<$name<T>> for $edit<T> {
            fn perform(&self, value: &mut $name<T>) -> Outcome<()> {
                match self {
                    $edit::Insert(item) => value.insert(item.clone()),
                    $edit::Remove(item) => value.remove(item),
                    $edit::Clear => value.clear(),
                }
                Ok(())
            }

            fn log(&self, out: &mut Encoder) {
                match self {
                    $edit::Insert(item) => {
                        out.out().u8(1);
                        item.write(out);
                    }
                    $edit::Remove(item) => {
                        out.out().u8(2);
                        item.write(out);
                    }
                    $edit::Clear => out.out().u8(3),
                }
            }
        }
    };
}

collection_of_elements!(Set, SetEdit, items, "set");
collection_of_elements!(Bag, BagEdit, counts, "bag");
