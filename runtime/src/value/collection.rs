//! What the collections share: edits, keys, and the lineage that tells the collector who shares nodes.

use super::Value;
use crate::object::{Encoder, Identity, Item, Outcome, Ref};
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

/// What a set can contain and a map can have as keys.
pub trait Key: Value {
    /// The key's identity, if it counts by identity and comes in the order of insertion; keys without come in
    /// their own ascending order.
    fn identity(&self) -> Option<Vec<Identity>> {
        None
    }

    /// Compares two keys without identity.
    fn order(&self, other: &Self) -> Ordering;
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
    super::Error,
    crate::object::Host
);

impl<T: super::Enumeration> Key for T {
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

impl Key for f64 {
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl Key for f32 {
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl<T: 'static> Key for Ref<T> {
    fn identity(&self) -> Option<Vec<Identity>> {
        Some(self.items().iter().map(Item::identity).collect())
    }

    fn order(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}
