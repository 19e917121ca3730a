//! `map<K, V>`: keys in ascending order; keys that are references count by identity and come in the order of
//! insertion. Copies share their nodes until one changes.

use super::{Edit, Key, Lineage, List, SET, Value};
use crate::object::{Damaged, Decoder, Encoder, Identity, Outcome, Raised, Tracer};
use imbl::OrdMap;
use std::cmp::Ordering;

/// A key with its place in the order of insertion; the place is 0 for keys that have an order of their own.
#[derive(Debug, Clone)]
struct Placed<K> {
    place: u64,
    key: K,
}

impl<K: Key> PartialEq for Placed<K> {
    fn eq(&self, other: &Placed<K>) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<K: Key> Eq for Placed<K> {}

impl<K: Key> PartialOrd for Placed<K> {
    fn partial_cmp(&self, other: &Placed<K>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Key> Ord for Placed<K> {
    fn cmp(&self, other: &Placed<K>) -> Ordering {
        self.place
            .cmp(&other.place)
            .then_with(|| self.key.order(&other.key))
    }
}

/// A map of the language.
#[derive(Clone)]
pub struct Map<K: Clone, V: Clone> {
    entries: OrdMap<Placed<K>, V>,
    places: OrdMap<Vec<Identity>, u64>,
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
        let place = match key.identity() {
            Some(identity) => *self.places.get(&identity)?,
            None => 0,
        };
        Some(Placed {
            place,
            key: key.clone(),
        })
    }

    /// The value of a key, if it is there.
    #[must_use]
    pub fn value(&self, key: &K) -> Option<&V> {
        self.entries.get(&self.placed(key)?)
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
        let place = match key.identity() {
            None => 0,
            Some(identity) => {
                let next_place = &mut self.next_place;
                *self.places.entry(identity).or_insert_with(|| {
                    *next_place += 1;
                    *next_place
                })
            }
        };
        self.entries.insert(Placed { place, key }, value);
    }

    /// Removes a key; nothing if it is absent.
    pub fn remove(&mut self, key: &K) {
        if let Some(placed) = self.placed(key) {
            self.entries.remove(&placed);
            if let Some(identity) = key.identity() {
                self.places.remove(&identity);
            }
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
            .map(|placed| placed.key.clone())
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
            .map(|(placed, value)| (&placed.key, value))
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
                .all(|(key, value)| other.value(key) == Some(value))
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

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if Self::REFERENCES {
            tracer.collection(&self.lineage, |tracer| {
                for (key, value) in self.iter() {
                    key.trace(tracer);
                    value.trace(tracer);
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
