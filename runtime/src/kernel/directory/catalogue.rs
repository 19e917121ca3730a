//! The directory's state: which servers run, where, and under which names.

use crate::identity::{HostId, ServerId};
use crate::wire::{Reader, Wire, WireError, Writer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identity.
    pub id: ServerId,
    /// Its class.
    pub class: String,
    /// The constructor call, its first command.
    pub args: Vec<u8>,
    /// Its name in the directory.
    pub name: Option<String>,
    /// The session with which it ends, if it does.
    pub owner: Option<u128>,
    /// The declared tolerance.
    pub tolerance: u32,
    /// Higher runs first on a host.
    pub priority: i32,
    /// Whether its state survives the restart of its hosts.
    pub durable: bool,
    /// Where its replicas are, preferred ones first.
    pub hosts: Vec<HostId>,
    /// For a server that is not durable, the life of each host that holds its state.
    pub incarnations: Vec<u64>,
}

/// One change of the catalogue: the delta of a directory command.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Change {
    /// Servers that begin.
    pub begin: Vec<Arc<Entry>>,
    /// Servers that end.
    pub end: Vec<ServerId>,
}

impl Change {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.begin.is_empty() && self.end.is_empty()
    }
}

/// All running servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    next: u64,
    entries: BTreeMap<ServerId, Arc<Entry>>,
    names: BTreeMap<(String, String), ServerId>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            next: ServerId::DIRECTORY.0 + 1,
            entries: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }
}

impl Catalogue {
    /// The number that the next server gets.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The server, if it runs.
    #[must_use]
    pub fn entry(&self, id: ServerId) -> Option<&Arc<Entry>> {
        self.entries.get(&id)
    }

    /// Whether the server once ran and does not any more.
    #[must_use]
    pub fn is_gone(&self, id: ServerId) -> bool {
        id != ServerId::DIRECTORY && id.0 < self.next && !self.entries.contains_key(&id)
    }

    /// The server of that class and name.
    #[must_use]
    pub fn named(&self, class: &str, name: &str) -> Option<ServerId> {
        self.names
            .get(&(class.to_owned(), name.to_owned()))
            .copied()
    }

    /// All running servers, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    /// How many replicas a host carries.
    #[must_use]
    pub fn load(&self, host: HostId) -> usize {
        self.entries
            .values()
            .filter(|entry| entry.hosts.contains(&host))
            .count()
    }

    /// Makes a change and gives the one that takes it back.
    pub fn apply(&mut self, change: &Change) -> Change {
        let mut inverse = Change::default();
        for id in &change.end {
            if let Some(entry) = self.entries.remove(id) {
                if let Some(name) = &entry.name {
                    self.names.remove(&(entry.class.clone(), name.clone()));
                }
                inverse.begin.push(entry);
            }
        }
        for entry in &change.begin {
            self.next = self.next.max(entry.id.0 + 1);
            if let Some(name) = &entry.name {
                self.names
                    .insert((entry.class.clone(), name.clone()), entry.id);
            }
            self.entries.insert(entry.id, Arc::clone(entry));
            inverse.end.push(entry.id);
        }
        inverse
    }

    /// Takes a change back: numbers handed out by it are free again.
    pub fn undo(&mut self, inverse: &Change, next: u64) {
        self.apply(inverse);
        self.next = next;
    }
}

impl Wire for Entry {
    const BYTES_MIN: usize = 24;
    fn write(&self, to: &mut Writer) {
        self.id.write(to);
        to.str(&self.class);
        to.bytes(&self.args);
        self.name.write(to);
        to.option(self.owner, |to, session| to.u128(session));
        to.u32(self.tolerance);
        to.i32(self.priority);
        to.bool(self.durable);
        self.hosts.write(to);
        self.incarnations.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let id: ServerId = from.value()?;
        // There is a next number behind each.
        if id == ServerId::DIRECTORY || id.0 == u64::MAX {
            return Err(WireError::BadValue("number of a server"));
        }
        Ok(Self {
            id,
            class: from.value()?,
            args: from.bytes()?.to_vec(),
            name: from.value()?,
            owner: from.option(Reader::u128)?,
            tolerance: from.u32()?,
            priority: from.i32()?,
            durable: from.bool()?,
            hosts: from.value()?,
            incarnations: from.value()?,
        })
    }
}

impl Wire for Change {
    const BYTES_MIN: usize = 2;
    fn write(&self, to: &mut Writer) {
        to.sequence(&self.begin, |to, entry| entry.write(to));
        self.end.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            begin: from.sequence(Entry::BYTES_MIN, |from| Entry::read(from).map(Arc::new))?,
            end: from.value()?,
        })
    }
}

impl Wire for Catalogue {
    const BYTES_MIN: usize = 9;
    fn write(&self, to: &mut Writer) {
        to.u64(self.next);
        to.sequence(self.entries.values(), |to, entry| entry.write(to));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let next = from.u64()?;
        let begin = from.sequence(Entry::BYTES_MIN, |from| Entry::read(from).map(Arc::new))?;
        let named = begin.iter().filter(|entry| entry.name.is_some()).count();
        let count = begin.len();
        let mut catalogue = Self::default();
        catalogue.apply(&Change {
            begin,
            end: Vec::new(),
        });
        if catalogue.next > next {
            return Err(WireError::BadValue("number of a server"));
        }
        if catalogue.entries.len() < count || catalogue.names.len() < named {
            return Err(WireError::BadValue("a server that is there twice"));
        }
        catalogue.next = next;
        Ok(catalogue)
    }
}
