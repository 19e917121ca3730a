//! What the collections share: edits, keys, and the lineage that tells the collector who shares nodes.

use super::{List, Value};
use crate::object::{Encoder, Future, Outcome, Ref};
use std::cmp::Ordering;
use std::sync::Arc;

/// A change of a collection in place, as it is performed and logged.
pub trait Edit<T> {
    /// Performs it; an edit that raises has changed nothing.
    ///
    /// # Errors
    /// `index_out_of_range` for an index that is not there.
    #[track_caller]
    fn perform(&self, value: &mut T) -> Outcome<()>;

    /// Appends it for [`Value::perform_logged`].
    fn log(&self, out: &mut Encoder);
}

/// Marks collections that may share nodes: all copies of one collection have its lineage, and its
/// count says how many of them there are. Collections that hold no references need none.
#[derive(Debug, Clone, Default)]
pub struct Lineage(pub(crate) Option<Arc<()>>);

impl Lineage {
    /// Called before the first reference comes in.
    pub(crate) fn begin<T: Value>(&mut self) {
        if T::REFERENCES && self.0.is_none() {
            self.0 = Some(Arc::new(()));
        }
    }
}

/// What a set or bag can contain and a map can have as keys.
pub trait Key: Value {
    /// Whether they come in the order of insertion; others come in their own ascending order.
    const PLACED: bool = false;

    /// An order that finds them: two are equal in it if they are by `==`, or if neither of them is equal to itself.
    fn order(&self, other: &Self) -> Ordering;
}

/// The order of two sequences by that of their elements.
pub(crate) fn lexicographic<'a, T: 'a>(
    one: impl IntoIterator<Item = &'a T>,
    other: impl IntoIterator<Item = &'a T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    let mut others = other.into_iter();
    for item in one {
        let found = others
            .next()
            .map_or(Ordering::Greater, |other| order(item, other));
        if found.is_ne() {
            return found;
        }
    }
    others.next().map_or(Ordering::Equal, |_| Ordering::Less)
}

macro_rules! ordered_keys {
    ($($ty:ty),*) => {$(
        impl Key for $ty {
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
        }
    )*};
}

ordered_keys!(
    u8,
    i16,
    i32,
    i64,
    u16,
    u32,
    u64,
    bool,
    char,
    super::Text,
    super::Date,
    super::Time,
    super::Timestamp,
    super::Interval,
    crate::object::Host
);

impl<T: super::Enumeration> Key for T {
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

/// Both zeros are one; a NaN comes last.
macro_rules! floating_keys {
    ($($ty:ty),*) => {$(
        impl Key for $ty {
            fn order(&self, other: &Self) -> Ordering {
                let by_nan = || self.is_nan().cmp(&other.is_nan());
                self.partial_cmp(other).unwrap_or_else(by_nan)
            }
        }
    )*};
}

floating_keys!(f32, f64);

/// Found by their own order, which the language does not have.
macro_rules! placed_keys {
    ($($ty:ty),*) => {$(
        impl Key for $ty {
            const PLACED: bool = true;

            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
        }
    )*};
}

placed_keys!((), super::Error);

impl<T: 'static> Key for Ref<T> {
    const PLACED: bool = true;

    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl<T: Clone + Send + 'static> Key for Future<T> {
    const PLACED: bool = true;

    fn order(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl<T: Key> Key for List<T> {
    const PLACED: bool = true;

    fn order(&self, other: &Self) -> Ordering {
        lexicographic(self.iter(), other.iter(), T::order)
    }
}
