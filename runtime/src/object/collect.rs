//! Garbage collection by trial deletion: exact, cycles included, whatever Rust locals hold.
//!
//! An object is held from outside the heap if its handle is counted more often than the heap's own
//! objects account for. Those objects are the roots; what they do not reach is dropped. Collections may
//! share nodes with copies that are not in the heap; a [`Lineage`](crate::value::Lineage) tells how many copies there are,
//! and as long as some are outside, what the collection holds counts as held.

use super::heap::Heap;
use super::tracer::{Met, Tracer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Fewer new objects than this never cause a collection.
pub(crate) const OBJECTS_MIN: usize = 4096;

#[derive(Default)]
struct Count {
    /// Handles inside the heap, by slot.
    handles: BTreeMap<u32, usize>,
    /// Collections inside the heap, by lineage, and how many of the lineage there are at all.
    lineages: BTreeMap<usize, (usize, usize)>,
    seen: BTreeSet<usize>,
}

impl Heap {
    /// Collects if enough objects were made since the last time.
    pub(crate) fn collect_if_due(&mut self) {
        if self.made >= self.collect_at {
            self.collect();
        }
    }

    /// Drops every object that neither the outside nor the root reaches.
    pub fn collect(&mut self) {
        let roots = self.roots(&self.internal());
        let reached = self.reached(roots);
        for slot in 0..self.slots.len() {
            let number = u32::try_from(slot).unwrap_or(u32::MAX);
            let there = matches!(self.slots.get(slot), Some(Some(_)));
            if there && !reached.contains(&number) {
                drop(self.release(number));
            }
        }
        self.made = 0;
        self.collect_at = OBJECTS_MIN.max(self.count());
    }

    fn walk(&self, visit: &mut dyn FnMut(Met<'_>)) {
        for slot in 0..self.slots.len() {
            self.walk_one(slot, visit);
        }
    }

    fn walk_one(&self, slot: usize, visit: &mut dyn FnMut(Met<'_>)) {
        if let Some(Some(slot)) = self.slots.get(slot)
            && let Some(object) = &slot.object
        {
            let mut tracer = Tracer::new(visit);
            object.all(&mut |attribute| attribute.trace(&mut tracer));
        }
    }

    fn internal(&self) -> Count {
        let mut count = Count::default();
        self.walk(&mut |met| match met {
            Met::Handle { handle, stored_at } => {
                if count.seen.insert(stored_at) {
                    *count.handles.entry(handle.slot).or_default() += 1;
                }
            }
            Met::Enter {
                lineage,
                holders,
                stored_at,
            } => {
                if count.seen.insert(stored_at) {
                    let entry = count.lineages.entry(lineage).or_insert((0, holders));
                    entry.0 += 1;
                }
            }
            Met::Leave => {}
        });
        count
    }

    fn roots(&self, count: &Count) -> BTreeSet<u32> {
        let mut roots = BTreeSet::new();
        for (number, slot) in (0u32..).zip(&self.slots) {
            let Some(slot) = slot else { continue };
            // The heap's table holds one of the counted handles.
            let inside = 1 + count.handles.get(&number).copied().unwrap_or(0);
            if Arc::strong_count(&slot.handle) > inside {
                roots.insert(number);
            }
        }
        let mut open: Vec<bool> = Vec::new();
        self.walk(&mut |met| match met {
            Met::Handle { handle, .. } => {
                if open.contains(&true) {
                    roots.insert(handle.slot);
                }
            }
            Met::Enter { lineage, .. } => {
                let (inside, holders) = count.lineages.get(&lineage).copied().unwrap_or((0, 1));
                open.push(holders > inside);
            }
            Met::Leave => {
                open.pop();
            }
        });
        roots
    }

    fn reached(&self, mut reached: BTreeSet<u32>) -> BTreeSet<u32> {
        let mut waiting: Vec<u32> = reached.iter().copied().collect();
        while let Some(slot) = waiting.pop() {
            self.walk_one(slot as usize, &mut |met| {
                if let Met::Handle { handle, .. } = met
                    && reached.insert(handle.slot)
                {
                    waiting.push(handle.slot);
                }
            });
        }
        reached
    }
}
