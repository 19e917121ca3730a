//! What a `for (T x : collection)` takes, one after the other.

use super::{Array, Bag, Key, List, Map, Set, Text, Value};

/// Something with elements in an order.
pub trait Each {
    /// An element.
    type Item;

    /// The elements in order.
    fn elements_in_order(self) -> impl Iterator<Item = Self::Item>;
}

/// The elements of `collection` in order: a map gives its keys, a string its chars.
pub fn each<C: Each>(collection: C) -> impl Iterator<Item = C::Item> {
    collection.elements_in_order()
}

impl<T: Value> Each for List<T> {
    type Item = T;

    fn elements_in_order(self) -> impl Iterator<Item = T> {
        self.into_iter()
    }
}

impl<T: Value> Each for Array<T> {
    type Item = T;

    fn elements_in_order(self) -> impl Iterator<Item = T> {
        self.elements().into_iter()
    }
}

impl<T: Key> Each for Set<T> {
    type Item = T;

    fn elements_in_order(self) -> impl Iterator<Item = T> {
        self.elements().into_iter()
    }
}

impl<T: Key> Each for Bag<T> {
    type Item = T;

    fn elements_in_order(self) -> impl Iterator<Item = T> {
        self.elements().into_iter()
    }
}

impl<K: Key, V: Value> Each for Map<K, V> {
    type Item = K;

    fn elements_in_order(self) -> impl Iterator<Item = K> {
        self.keys().into_iter()
    }
}

impl Each for Text {
    type Item = char;

    fn elements_in_order(self) -> impl Iterator<Item = char> {
        self.chars().collect::<Vec<_>>().into_iter()
    }
}
