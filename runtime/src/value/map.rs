//! `map<K, V>`: keys in ascending order; keys that have none (references, which count by identity, and what else a bag
//! may hold) come in the order of insertion. Copies share their nodes until one changes.

use super::collection::lexicographic;
use super::{Edit, Key, Lineage, List, SET, Value, listed};
use crate::object::{Damaged, Decoder, Encoder, Outcome, Raised, Tracer};
use imbl::OrdMap;
use std::cmp::Ordering;
use std::fmt;

/// A key as it is found.
#[derive(Debug, Clone)]
struct Sought<K>(K);

/// A key as it comes: by its place in the order of insertion, which is 0 for keys that have an order of their own.
#[derive(Debug, Clone)]
struct Placed<K> {
    place: u64,
    key: Sought<K>,
}

impl<K: Key> Ord for Sought<K> {
    fn cmp(&self, other: &Sought<K>) -> Ordering {
        self.0.order(&other.0)
    }
}

impl<K: Key> Ord for Placed<K> {
    fn cmp(&self, other: &Placed<K>) -> Ordering {
        let places = self.place.cmp(&other.place);
        places.then_with(|| self.key.cmp(&other.key))
    }
}

macro_rules! compared_by_order {
    ($($name:ident),*) => {$(
        impl<K: Key> PartialEq for $name<K> {
            fn eq(&self, other: &$name<K>) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl<K: Key> Eq for $name<K> {}

        impl<K: Key> PartialOrd for $name<K> {
            fn partial_cmp(&self, other: &$name<K>) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )*};
}

compared_by_order!(Sought, Placed);

/// A map of the language.
#[derive(Clone)]
pub struct Map<K: Clone, V: Clone> {
    entries: OrdMap<Placed<K>, V>,
    /// The places of the keys that have no order.
    places: OrdMap<Sought<K>, u64>,
    next_place: u64,
    lineage: Lineage,
}

impl<K: Key, V: Value> Map<K, V> {
    /// The empty map.
    #[must_use]
    pub fn new() -> Map<K, V> {
        Map::default()
    }

    /// How many keys it has.
    #[must_use]
    pub fn length(&self) -> i32 {
        i32::try_from(self.entries.len()).unwrap_or(i32::MAX)
    }

    fn placed(&self, key: &K) -> Option<Placed<K>> {
        let key = Sought(key.clone());
        let place = if K::PLACED {
            *self.places.get(&key)?
        } else {
            0
        };
        Some(Placed { place, key })
    }

    /// A key as it came first, and its value, if it is there.
    #[must_use]
    pub(super) fn entry(&self, key: &K) -> Option<(&K, &V)> {
        let (placed, value) = self.entries.get_key_value(&self.placed(key)?)?;
        Some((&placed.key.0, value))
    }

    /// The value of a key, if it is there.
    #[must_use]
    pub fn value(&self, key: &K) -> Option<&V> {
        Some(self.entry(key)?.1)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// `no_such_element` if it is absent.
    #[track_caller]
    pub fn get(&self, key: &K) -> Outcome<V> {
        match self.value(key) {
            Some(value) => Ok(value.clone()),
            None => Err(Raised::no_such_element("a key that is not in the map")),
        }
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.value(key).is_some()
    }

    /// Gives a key its value.
    pub fn set(&mut self, key: K, value: V) {
        self.lineage.begin::<K>();
        self.lineage.begin::<V>();
        let key = Sought(key);
        let place = if K::PLACED { self.place_of(&key) } else { 0 };
        self.entries.insert(Placed { place, key }, value);
    }

    fn place_of(&mut self, key: &Sought<K>) -> u64 {
        let next_place = self.next_place + 1;
        if !equal(&key.0, &key.0) {
            // Nothing finds it.
            self.next_place = next_place;
            return next_place;
        }
        let place = *self.places.entry(key.clone()).or_insert(next_place);
        self.next_place = self.next_place.max(place);
        place
    }

    /// Removes a key; nothing if it is absent.
    pub fn remove(&mut self, key: &K) {
        if let Some(placed) = self.placed(key) {
            self.entries.remove(&placed);
            self.places.remove(&placed.key);
        }
    }

    /// Removes all keys.
    pub fn clear(&mut self) {
        *self = Map::new();
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(&self) -> List<K> {
        self.entries
            .keys()
            .map(|placed| placed.key.0.clone())
            .collect()
    }

    /// The values in the order of their keys.
    #[must_use]
    pub fn values(&self) -> List<V> {
        self.entries.values().cloned().collect()
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries
            .iter()
            .map(|(placed, value)| (&placed.key.0, value))
    }
}

impl<K: Clone, V: Clone> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map {
            entries: OrdMap::new(),
            places: OrdMap::new(),
            next_place: 0,
            lineage: Lineage::default(),
        }
    }
}

/// Equal if they have the same keys with equal values, in whatever order they came.
impl<K: Key, V: Value> PartialEq for Map<K, V> {
    fn eq(&self, other: &Map<K, V>) -> bool {
        self.entries.len() == other.entries.len()
            && self
                .iter()
                .all(|(key, value)| other.entry(key).is_some_and(|found| found == (key, value)))
    }
}

fn equal<K: Key>(key: &K, other: &K) -> bool {
    key == other
}

/// By keys and values, in the order that finds the keys: equal maps may have got them in another one.
impl<K: Key, V: Key> Key for Map<K, V> {
    const PLACED: bool = true;

    fn order(&self, other: &Map<K, V>) -> Ordering {
        let sorted = |map: &Map<K, V>| {
            let mut all: Vec<(K, V)> = map
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            if K::PLACED {
                all.sort_by(|(one, _), (other, _)| one.order(other));
            }
            all
        };
        lexicographic(
            &sorted(self),
            &sorted(other),
            |(key, value), (other_key, other_value)| {
                key.order(other_key).then_with(|| value.order(other_value))
            },
        )
    }
}

impl<K: Key, V: Value> Value for Map<K, V> {
    const REFERENCES: bool = K::REFERENCES || V::REFERENCES;

    fn write(&self, out: &mut Encoder) {
        out.out().length(self.entries.len());
        for (key, value) in self.iter() {
            key.write(out);
            value.write(out);
        }
    }

    fn read(from: &mut Decoder<'_>) -> Result<Map<K, V>, Damaged> {
        let count = from.reader().count(1)?;
        let mut map = Map::new();
        for _ in 0..count {
            let key = K::read(from)?;
            map.set(key, V::read(from)?);
        }
        Ok(map)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = |(key, value)| {
            fmt::from_fn(move |f| {
                Value::describe(key, f)?;
                f.write_str(": ")?;
                Value::describe(value, f)
            })
        };
        listed(f, ['{', '}'], self.entries.len(), self.iter().map(entry))
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if Self::REFERENCES {
            tracer.collection(&self.lineage, |tracer| {
                for (key, value) in self.iter() {
                    key.trace(tracer);
                    value.trace(tracer);
                }
                for key in self.places.keys() {
                    key.0.trace(tracer);
                }
            });
        }
    }

    fn perform_logged(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        match from.reader().u8()? {
            SET => *self = Map::read(from)?,
            1 => {
                let key = K::read(from)?;
                self.set(key, V::read(from)?);
            }
            2 => self.remove(&K::read(from)?),
            3 => self.clear(),
            _ => return Err(Damaged::new("an unknown edit of a map")),
        }
        Ok(())
    }
}

/// A change of a map in place.
#[derive(Debug, Clone, PartialEq)]
pub enum MapEdit<K, V> {
    /// A key gets a value.
    Set(K, V),
    /// A key goes.
    Remove(K),
    /// All go.
    Clear,
}

impl<K: Key, V: Value> Edit<Map<K, V>> for MapEdit<K, V> {
    fn perform(&self, map: &mut Map<K, V>) -> Outcome<()> {
        match self {
            MapEdit::Set(key, value) => map.set(key.clone(), value.clone()),
            MapEdit::Remove(key) => map.remove(key),
            MapEdit::Clear => map.clear(),
        }
        Ok(())
    }

    fn log(&self, out: &mut Encoder) {
        match self {
            MapEdit::Set(key, value) => {
                out.out().u8(1);
                key.write(out);
                value.write(out);
            }
            MapEdit::Remove(key) => {
                out.out().u8(2);
                key.write(out);
            }
            MapEdit::Clear => out.out().u8(3),
        }
    }
}
