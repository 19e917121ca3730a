//! The variables that are visible at a place, and the quick way to one of them by its name.

use std::collections::BTreeMap;

use crate::ir::LocalId;

/// Visible variables, the innermost last.
#[derive(Default)]
pub(super) struct Visible<'a> {
    order: Vec<(&'a str, LocalId)>,
    /// For each name, its places in `order`.
    places: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Visible<'a> {
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn push(&mut self, name: &'a str, id: LocalId) {
        self.places.entry(name).or_default().push(self.order.len());
        self.order.push((name, id));
    }

    /// Forgets all but the outermost ones.
    pub fn truncate(&mut self, length: usize) {
        while self.order.len() > length {
            if let Some((name, _)) = self.order.pop()
                && let Some(places) = self.places.get_mut(name)
            {
                places.pop();
            }
        }
    }

    /// The innermost variable of a name.
    pub fn find(&self, name: &str) -> Option<LocalId> {
        self.find_since(0, name)
    }

    /// The same, of those from a place on.
    pub fn find_since(&self, start: usize, name: &str) -> Option<LocalId> {
        let &place = self.places.get(name)?.last()?;
        let &(_, id) = self.order.get(place).filter(|_| place >= start)?;
        Some(id)
    }

    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.order.iter().map(|&(name, _)| name)
    }
}
