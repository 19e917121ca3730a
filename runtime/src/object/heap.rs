//! The objects of one server, or of main: an arena behind counted handles, with a journal of changes.
//!
//! While a command runs, every change goes through [`Heap::change`], which saves the object as it was
//! (once for each command) and logs the edit. From that come the delta for the other replicas and the undo
//! record. Invariants: ids are given in order from a counter that undo sets back; an object that existed
//! before a command is changed through the journal only; the settled state is the live one
//! with the saved copies of all unsettled records laid over it, oldest winning.
//!
//! No clock, randomness or network in here.

use super::Damaged;
use super::class::{ClassInfo, Object};
use super::graph::{Decoder, END_OF_VALUES, Encoder, MESSAGE_BYTES_MAX};
use super::reference::{Cell, Handle, Item, Ref, Server, Target};
use crate::identity::ServerId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub(crate) struct Slot {
    pub(crate) handle: Handle,
    /// None while the object is named but not read yet.
    pub(crate) object: Option<Box<dyn Object>>,
}

/// One unsettled command.
struct Undo {
    saved: BTreeMap<u32, (Handle, Box<dyn Object>)>,
    first_new: u64,
    root: Option<Handle>,
}

/// The running command.
struct Recording {
    undo: Undo,
    edits: Encoder,
    changed: bool,
}

/// The objects of one server or of main.
pub struct Heap {
    pub(crate) slots: Vec<Option<Slot>>,
    pub(crate) free: Vec<u32>,
    ids: BTreeMap<u64, u32>,
    next_id: u64,
    classes: &'static [ClassInfo],
    /// The number of each class, by its name.
    numbers: BTreeMap<&'static str, u32>,
    root: Option<Handle>,
    /// The next object of this class that is made is the root.
    expected_root: Option<&'static str>,
    /// The server whose objects these are, while it runs.
    server: Option<ServerId>,
    recording: Option<Recording>,
    undo: VecDeque<Undo>,
    /// Objects made since the last collection.
    pub(crate) made: usize,
    /// A collection is worth its time when `made` reaches this.
    pub(crate) collect_at: usize,
}

impl Heap {
    /// An empty heap for objects of these classes (the predefined ones are added).
    #[must_use]
    pub fn new(classes: &'static [ClassInfo]) -> Heap {
        Heap {
            slots: Vec::new(),
            free: Vec::new(),
            ids: BTreeMap::new(),
            next_id: 1,
            classes,
            numbers: (super::exception::PREDEFINED.iter().chain(classes))
                .zip(0..)
                .map(|(info, number)| (info.name, number))
                .collect(),
            root: None,
            expected_root: None,
            server: None,
            recording: None,
            undo: VecDeque::new(),
            made: 0,
            collect_at: super::collect::OBJECTS_MIN,
        }
    }

    /// How many objects there are, garbage included.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn root(&self) -> Option<&Handle> {
        self.root.as_ref()
    }

    /// A constructor of this class is about to run: its object is the server, also to those to whom it names itself
    /// before it ends. What its initial values make comes before it.
    pub(crate) fn expect_root(&mut self, class: &'static str) {
        self.expected_root = Some(class);
    }

    /// Whose objects these are from now on.
    pub(crate) fn belong_to(&mut self, server: Option<ServerId>) {
        (self.server, self.expected_root) = (server, None);
    }

    /// The object that is a server, and which one: in messages it is never copied, but named.
    pub(crate) fn served(&self) -> Option<(&Handle, Server)> {
        let (root, id) = self.root.as_ref().zip(self.server)?;
        let class = self.class_number(self.object(root)?.class_name())?;
        Some((root, Server { id, class }))
    }

    /// The class of this number.
    pub(crate) fn class_at(&self, number: u32) -> Option<&'static ClassInfo> {
        let number = usize::try_from(number).ok()?;
        super::exception::PREDEFINED
            .iter()
            .chain(self.classes)
            .nth(number)
    }

    pub(crate) fn set_root(&mut self, root: Handle) {
        self.root = Some(root);
        if let Some(recording) = &mut self.recording {
            recording.changed = true;
        }
    }

    /// Adds an object.
    pub(crate) fn create(&mut self, object: Box<dyn Object>) -> Handle {
        let handle = self.promise(None);
        if self.expected_root == Some(object.class_name()) {
            self.expected_root = None;
            self.set_root(Arc::clone(&handle));
        }
        self.keep_promise(&handle, object);
        handle
    }

    /// Reserves the place of an object that follows; with `id`, under that id.
    pub(crate) fn promise(&mut self, id: Option<u64>) -> Handle {
        let id = id.unwrap_or(self.next_id);
        self.next_id = self.next_id.max(id.saturating_add(1));
        self.made += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let handle = Arc::new(Cell { id, slot });
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(Slot {
                handle: Arc::clone(&handle),
                object: None,
            });
        }
        self.ids.insert(id, slot);
        handle
    }

    pub(crate) fn keep_promise(&mut self, handle: &Handle, object: Box<dyn Object>) {
        if let Some(Some(slot)) = self.slots.get_mut(handle.slot as usize) {
            slot.object = Some(object);
        }
    }

    /// An object of the class with this number, all zero.
    pub(crate) fn blank(&self, class: u64) -> Option<Box<dyn Object>> {
        let predefined = super::exception::PREDEFINED;
        let number = usize::try_from(class).ok()?;
        let info = match number.checked_sub(predefined.len()) {
            None => predefined.get(number)?,
            Some(number) => self.classes.get(number)?,
        };
        Some((info.blank)())
    }

    pub(crate) fn class_number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn object_with_id(&self, id: u64) -> Option<Handle> {
        let slot = *self.ids.get(&id)?;
        let slot = self.slots.get(slot as usize)?.as_ref()?;
        Some(Arc::clone(&slot.handle))
    }

    /// The object behind a handle. None only if the handle is of another heap or being read.
    pub(crate) fn object(&self, handle: &Handle) -> Option<&dyn Object> {
        let slot = self.slots.get(handle.slot as usize)?.as_ref()?;
        slot.object.as_deref()
    }

    /// The object behind a handle, to change it; what it was is saved first.
    pub(crate) fn change(&mut self, handle: &Handle) -> Option<&mut dyn Object> {
        let slot = self.slots.get_mut(handle.slot as usize)?.as_mut()?;
        let object = slot.object.as_mut()?;
        if let Some(recording) = &mut self.recording
            && handle.id < recording.undo.first_new
        {
            recording.changed = true;
            recording
                .undo
                .saved
                .entry(handle.slot)
                .or_insert_with(|| (Arc::clone(handle), object.copied()));
        }
        Some(object.as_mut())
    }

    /// The log of edits, if a command runs and the object existed before it.
    pub(crate) fn log(&mut self, handle: &Handle, field: u32) -> Option<&mut Encoder> {
        let recording = self.recording.as_mut()?;
        if handle.id >= recording.undo.first_new {
            return None;
        }
        let edits = &mut recording.edits;
        edits.out().u8(EDIT);
        edits.out().varint(handle.id);
        edits.out().varint(u64::from(field));
        Some(edits)
    }

    fn begin(&mut self) -> Recording {
        let first_new = self.next_id;
        let mut edits = Encoder::state(first_new);
        edits.out().varint(first_new);
        Recording {
            undo: Undo {
                saved: BTreeMap::new(),
                first_new,
                root: self.root.clone(),
            },
            edits,
            changed: false,
        }
    }

    /// Starts a command: changes are recorded from here on.
    pub(crate) fn start(&mut self) {
        let recording = self.begin();
        self.recording = Some(recording);
    }

    /// Ends a command that completed and gives its delta.
    pub(crate) fn complete(&mut self) -> Result<Vec<u8>, String> {
        let Some(mut recording) = self.recording.take() else {
            return Ok(Vec::new());
        };
        if !recording.changed {
            // What it made is garbage now; taking it back keeps the counter the same on all replicas.
            self.undo.push_back(recording.undo);
            self.undo_newest();
            self.push_empty_record();
            return Ok(Vec::new());
        }
        recording.edits.out().u8(ROOT);
        let root = self.root.clone().map_or(Target::One(Item::Null), |root| {
            Target::One(Item::Local(root))
        });
        recording.edits.reference::<()>(&Ref::of(root));
        recording.edits.out().varint(self.next_id);
        let delta = recording
            .edits
            .finish(|handle| self.object(handle), |name| self.class_number(name))
            .and_then(within_a_message);
        self.undo.push_back(recording.undo);
        if delta.is_err() {
            self.undo_newest();
        }
        delta
    }

    /// Ends a command that raised: everything is as before, and its undo record is empty.
    pub(crate) fn abandon(&mut self) {
        if let Some(recording) = self.recording.take() {
            self.undo.push_back(recording.undo);
            self.undo_newest();
        }
        self.push_empty_record();
    }

    pub(crate) fn push_empty_record(&mut self) {
        let record = self.begin().undo;
        self.undo.push_back(record);
    }

    /// Performs a delta that another replica made, as one record.
    pub(crate) fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        self.start();
        let result = if delta.is_empty() {
            Ok(())
        } else {
            self.perform(delta)
        };
        if let Some(recording) = self.recording.take() {
            self.undo.push_back(recording.undo);
        }
        if result.is_err() {
            self.undo_newest();
        }
        result
    }

    fn perform(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        let mut decoder = Decoder::state(delta, self);
        let first_new = decoder.reader().varint()?;
        decoder.heap().expect_new_from(first_new);
        loop {
            match decoder.reader().u8()? {
                END_OF_VALUES => return decoder.finish(),
                EDIT => {
                    let id = decoder.reader().varint()?;
                    let field = decoder.reader().varint()?;
                    Heap::perform_edit(&mut decoder, id, field)?;
                }
                ROOT => {
                    let root = decoder.reference::<()>()?;
                    if let Item::Local(handle) = root.first() {
                        decoder.heap().root = Some(Arc::clone(handle));
                    }
                    let next_id = decoder.reader().varint()?;
                    decoder.heap().expect_new_from(next_id);
                }
                _ => return Err(Damaged::new("a delta with an unknown part")),
            }
        }
    }

    /// Ids below are taken or never used: the maker of a delta stood at this id.
    fn expect_new_from(&mut self, first_new: u64) {
        self.next_id = self.next_id.max(first_new);
    }

    fn perform_edit(decoder: &mut Decoder<'_>, id: u64, field: u64) -> Result<(), Damaged> {
        let missing = || Damaged::new("an edit of an object that is not there");
        let handle = decoder.heap().object_with_id(id).ok_or_else(missing)?;
        decoder.heap().change(&handle).ok_or_else(missing)?;
        // Taken out, because reading the edit's values needs the heap as well.
        let slot = decoder
            .heap()
            .slots
            .get_mut(handle.slot as usize)
            .and_then(Option::as_mut);
        let mut object = slot
            .and_then(|slot| slot.object.take())
            .ok_or_else(missing)?;
        let mut number = 0;
        let mut result = Err(Damaged::new("an edit of a field that is not there"));
        object.all_mut(&mut |attribute| {
            if number == field {
                result = attribute.edit(decoder);
            }
            number += 1;
        });
        decoder.heap().keep_promise(&handle, object);
        result
    }

    /// Takes back the newest record; without one does nothing.
    pub(crate) fn undo_newest(&mut self) {
        let Some(record) = self.undo.pop_back() else {
            return;
        };
        for (handle, object) in record.saved.into_values() {
            self.keep_promise(&handle, object);
        }
        self.root = record.root;
        for (_, slot) in self.ids.split_off(&record.first_new) {
            if let Some(place) = self.slots.get_mut(slot as usize) {
                *place = None;
                self.free.push(slot);
            }
        }
        self.next_id = record.first_new;
    }

    /// Makes the oldest record final.
    pub(crate) fn settle_oldest(&mut self) {
        self.undo.pop_front();
    }

    /// The settled state, without the counter of ids: the same bytes on every replica.
    pub(crate) fn settled(&self) -> Result<Vec<u8>, String> {
        let mut overlay: BTreeMap<u32, &dyn Object> = BTreeMap::new();
        for record in self.undo.iter().rev() {
            for (slot, (_, object)) in &record.saved {
                overlay.insert(*slot, object.as_ref());
            }
        }
        let root = match self.undo.front() {
            Some(oldest) => oldest.root.as_ref(),
            None => self.root.as_ref(),
        };
        let mut encoder = Encoder::state(0);
        encoder.reference::<()>(&match root {
            Some(root) => Ref::local(Arc::clone(root)),
            None => Ref::null(),
        });
        encoder.finish(
            |handle| {
                overlay
                    .get(&handle.slot)
                    .copied()
                    .or_else(|| self.object(handle))
            },
            |name| self.class_number(name),
        )
    }

    /// One past the highest id of the settled state.
    pub(crate) fn settled_next_id(&self) -> u64 {
        self.undo
            .front()
            .map_or(self.next_id, |oldest| oldest.first_new)
    }

    /// A heap with the state that [`Heap::settled`] gave.
    pub(crate) fn restored(&self, next_id: u64, settled: &[u8]) -> Result<Heap, Damaged> {
        let mut heap = Heap::new(self.classes);
        let mut decoder = Decoder::state(settled, &mut heap);
        let root = decoder.reference::<()>()?;
        if decoder.reader().u8()? != END_OF_VALUES {
            return Err(Damaged::new("a snapshot that does not start with its root"));
        }
        decoder.finish()?;
        if let Item::Local(handle) = root.first() {
            heap.root = Some(Arc::clone(handle));
        }
        heap.expect_new_from(next_id);
        Ok(heap)
    }

    /// Drops an object that nothing reaches.
    pub(crate) fn release(&mut self, slot: u32) -> Option<Box<dyn Object>> {
        let released = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        if self.ids.get(&released.handle.id) == Some(&slot) {
            self.ids.remove(&released.handle.id);
        }
        released.object
    }

    /// The dynamic class of an item.
    pub(crate) fn class_of(&self, item: &Item) -> Option<&'static str> {
        match item {
            Item::Local(handle) => Some(self.object(handle)?.class_name()),
            Item::Null | Item::Server(_) => None,
        }
    }

    /// Encodes copies of values for another heap.
    ///
    /// # Errors
    /// Says which value cannot leave, or that the whole is too large.
    pub(crate) fn encode(&self, encoder: Encoder) -> Result<Vec<u8>, String> {
        encoder.finish(|handle| self.object(handle), |name| self.class_number(name))
    }
}

/// A delta must fit into a message to the other replicas.
fn within_a_message(delta: Vec<u8>) -> Result<Vec<u8>, String> {
    if delta.len() <= MESSAGE_BYTES_MAX {
        return Ok(delta);
    }
    Err(format!(
        "the changes of one command take {} bytes; at most {MESSAGE_BYTES_MAX}",
        delta.len()
    ))
}

const EDIT: u8 = 1;
const ROOT: u8 = 2;
