//! Walks the references inside values, for the collector.

use super::reference::{Handle, Item, Ref, Target};
use crate::value::Lineage;
use std::sync::Arc;

/// What the walk meets.
pub(crate) enum Met<'a> {
    /// A handle, stored at this address: shared nodes show the same one twice.
    Handle {
        handle: &'a Handle,
        stored_at: usize,
    },
    /// A collection of this lineage begins; what it holds follows.
    Enter {
        lineage: usize,
        holders: usize,
        stored_at: usize,
    },
    /// The collection ends.
    Leave,
}

/// Passed through values; generated code only hands it on.
pub struct Tracer<'a> {
    visit: &'a mut dyn FnMut(Met<'_>),
}

fn address<T: ?Sized>(of: &T) -> usize {
    std::ptr::from_ref(of).cast::<()>().addr()
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(visit: &'a mut dyn FnMut(Met<'_>)) -> Tracer<'a> {
        Tracer { visit }
    }

    /// Shows a reference.
    pub fn reference<T>(&mut self, reference: &Ref<T>) {
        match &reference.target {
            Target::One(item) => self.item(item),
            Target::Many(items) => {
                (self.visit)(Met::Enter {
                    lineage: address(&**items),
                    holders: Arc::strong_count(items),
                    stored_at: address(reference),
                });
                for item in items.iter() {
                    self.item(item);
                }
                (self.visit)(Met::Leave);
            }
        }
    }

    fn item(&mut self, item: &Item) {
        if let Item::Local(handle) = item {
            (self.visit)(Met::Handle {
                handle,
                stored_at: address(handle),
            });
        }
    }

    /// Shows a collection; `contents` shows what it holds.
    pub fn collection(&mut self, lineage: &Lineage, contents: impl FnOnce(&mut Tracer<'_>)) {
        let Some(shared) = &lineage.0 else {
            return;
        };
        (self.visit)(Met::Enter {
            lineage: address(&**shared),
            holders: Arc::strong_count(shared),
            stored_at: address(lineage),
        });
        contents(self);
        (self.visit)(Met::Leave);
    }
}
