//! Values and object graphs as bytes.
//!
//! Two ways to name objects share one encoding. A **copy** (arguments, replies, exceptions) numbers the
//! objects in the order in which they are met, so that sharing and cycles inside one message are kept
//! and nothing of the sender's heap shows. A **state** encoding (deltas, snapshots) names objects by
//! their lasting ids. Either way the objects that were met for the first time follow after the values, breadth
//! first and without recursion, each with its dynamic class.
//!
//! Reading never panics: what does not fit is [`Damaged`], and no more memory is taken than a small
//! multiple of the bytes that are there.

use super::Damaged;
use super::class::Object;
use super::heap::Heap;
use super::reference::{Handle, Item, Ref, Server, Target};
use crate::identity::ServerId;
use crate::wire::{Reader, WireError, Writer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest message that is made: what fits into a frame with room for its headers.
pub const MESSAGE_BYTES_MAX: usize = 15 << 20;

/// A growing encoding of values.
pub struct Encoder {
    out: Writer,
    names: BTreeMap<u64, u64>,
    queue: Vec<Handle>,
    naming: Naming,
    /// The object that is a server itself, by its id: a copy names it.
    served: Option<(u64, Server)>,
    refused: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Copy,
    /// Objects with this id or a higher one are new to the reader.
    State {
        new_from: u64,
    },
}

impl Encoder {
    /// Encodes copies of objects of this heap, for another one.
    #[must_use]
    pub(crate) fn copy(heap: &Heap) -> Encoder {
        let served = heap.served().map(|(root, server)| (root.id, server));
        Encoder {
            served,
            ..Encoder::new(Naming::Copy)
        }
    }

    /// Encodes state, for a replica that has all objects below `new_from`.
    #[must_use]
    pub(crate) fn state(new_from: u64) -> Encoder {
        Encoder::new(Naming::State { new_from })
    }

    fn new(naming: Naming) -> Encoder {
        Encoder {
            out: Writer::new(),
            names: BTreeMap::new(),
            queue: Vec::new(),
            naming,
            served: None,
            refused: None,
        }
    }

    /// The bytes so far, to append plain values.
    pub fn out(&mut self) -> &mut Writer {
        &mut self.out
    }

    /// Says that a value cannot leave this process: a copy is refused at its end. State may hold
    /// such values (of unreplicated servers only), and they are left out.
    pub fn refuse(&mut self, what: &str) {
        if self.naming != Naming::Copy {
            return;
        }
        self.refused.get_or_insert_with(|| what.to_owned());
    }

    /// Appends a reference.
    pub fn reference<T>(&mut self, reference: &Ref<T>) {
        match &reference.target {
            Target::One(item) => self.item(item),
            Target::Many(items) => {
                self.out.u8(3);
                self.out.length(items.len());
                for item in items.iter() {
                    self.item(item);
                }
            }
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Null => self.out.u8(0),
            Item::Local(handle) => match self.served {
                Some((root, server)) if root == handle.id => self.server(server),
                Some(_) | None => {
                    self.out.u8(1);
                    let name = self.name(handle);
                    self.out.varint(name);
                }
            },
            Item::Server(server) => self.server(*server),
        }
    }

    fn server(&mut self, server: Server) {
        self.out.u8(2);
        self.out.u64(server.id.0);
        self.out.varint(u64::from(server.class));
    }

    fn name(&mut self, handle: &Handle) -> u64 {
        let next = self.queue.len() as u64;
        match self.naming {
            Naming::Copy => *self.names.entry(handle.id).or_insert_with(|| {
                self.queue.push(Arc::clone(handle));
                next
            }),
            Naming::State { new_from } => {
                if handle.id >= new_from {
                    self.names.entry(handle.id).or_insert_with(|| {
                        self.queue.push(Arc::clone(handle));
                        next
                    });
                }
                handle.id
            }
        }
    }

    /// Appends the objects that were met, and what they lead to, and ends the encoding.
    ///
    /// # Errors
    /// Says which value cannot be encoded, or that the whole is too large.
    pub(crate) fn finish<'h>(
        mut self,
        object: impl Fn(&Handle) -> Option<&'h dyn Object>,
        class_number: impl Fn(&str) -> Option<u32>,
    ) -> Result<Vec<u8>, String> {
        if let Naming::State { .. } = self.naming {
            self.out.u8(END_OF_VALUES);
        }
        let mut next = 0;
        while let Some(handle) = self.queue.get(next).cloned() {
            next += 1;
            let Some(object) = object(&handle) else {
                return Err("a reference to an object that is gone".to_owned());
            };
            let Some(class) = class_number(object.class_name()) else {
                return Err(format!("class {} is not registered", object.class_name()));
            };
            if let Naming::State { .. } = self.naming {
                self.out.varint(handle.id);
            }
            self.out.varint(u64::from(class));
            object.all(&mut |attribute| attribute.encode(&mut self));
            if self.naming == Naming::Copy && self.out.len() > MESSAGE_BYTES_MAX {
                return Err(format!("a message of more than {MESSAGE_BYTES_MAX} bytes"));
            }
        }
        match self.refused {
            Some(what) => Err(format!("{what} cannot be copied to another process")),
            None => Ok(self.out.into_bytes()),
        }
    }
}

/// Ends the values of a state encoding; never the first byte of an edit.
pub(crate) const END_OF_VALUES: u8 = 0xff;

impl From<WireError> for Damaged {
    fn from(error: WireError) -> Damaged {
        Damaged::new(error.to_string())
    }
}

/// Takes values from an encoding and makes the objects in a heap.
pub struct Decoder<'h> {
    reader: Reader<'h>,
    heap: &'h mut Heap,
    copies: Option<Vec<Handle>>,
    /// How many of the copies have been read, or begun.
    begun: usize,
    /// Objects by id that were named but not read yet (state encoding).
    promised: BTreeMap<u64, Handle>,
}

impl<'h> Decoder<'h> {
    /// Reads copies from another heap.
    pub(crate) fn copy(bytes: &'h [u8], heap: &'h mut Heap) -> Decoder<'h> {
        Decoder {
            reader: Reader::new(bytes),
            heap,
            copies: Some(Vec::new()),
            begun: 0,
            promised: BTreeMap::new(),
        }
    }

    /// Reads state of the same server.
    pub(crate) fn state(bytes: &'h [u8], heap: &'h mut Heap) -> Decoder<'h> {
        Decoder {
            reader: Reader::new(bytes),
            heap,
            copies: None,
            begun: 0,
            promised: BTreeMap::new(),
        }
    }

    /// The bytes that are left, to take plain values.
    pub fn reader(&mut self) -> &mut Reader<'h> {
        &mut self.reader
    }

    pub(crate) fn heap(&mut self) -> &mut Heap {
        self.heap
    }

    /// Takes a reference.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are none.
    pub fn reference<T>(&mut self) -> Result<Ref<T>, Damaged> {
        let tag = self.reader.u8()?;
        if tag != 3 {
            return Ok(Ref::of(Target::One(self.item(tag)?)));
        }
        let count = self.reader.count(1)?;
        let mut items = Vec::new();
        for _ in 0..count {
            let tag = self.reader.u8()?;
            items.push(self.item(tag)?);
        }
        Ok(Ref::of(Target::Many(items.into())))
    }

    fn item(&mut self, tag: u8) -> Result<Item, Damaged> {
        match tag {
            0 => Ok(Item::Null),
            1 => {
                let name = self.reader.varint()?;
                self.object_called(name).map(Item::Local)
            }
            2 => {
                let id = ServerId(self.reader.u64()?);
                let class = u32::try_from(self.reader.varint()?).ok();
                let Some(class) = class.filter(|class| self.heap.class_at(*class).is_some()) else {
                    return Err(Damaged::new("a server of an unknown class"));
                };
                Ok(match self.heap.served() {
                    Some((root, own)) if own.id == id => Item::Local(Arc::clone(root)),
                    Some(_) | None => Item::Server(Server { id, class }),
                })
            }
            _ => Err(Damaged::new("a reference of an unknown kind")),
        }
    }

    fn object_called(&mut self, name: u64) -> Result<Handle, Damaged> {
        let Some(copies) = &mut self.copies else {
            if let Some(handle) = self.promised.get(&name) {
                return Ok(Arc::clone(handle));
            }
            if let Some(handle) = self.heap.object_with_id(name) {
                return Ok(handle);
            }
            let handle = self.heap.promise(Some(name));
            self.promised.insert(name, Arc::clone(&handle));
            return Ok(handle);
        };
        let position = usize::try_from(name).unwrap_or(usize::MAX);
        if let Some(handle) = copies.get(position) {
            return Ok(Arc::clone(handle));
        }
        // Each object that was not begun takes at least a byte of its own further on.
        let waiting = copies.len().saturating_sub(self.begun);
        if position != copies.len() || waiting > self.reader.remaining() {
            return Err(Damaged::new("objects are not numbered in order"));
        }
        let handle = self.heap.promise(None);
        copies.push(Arc::clone(&handle));
        Ok(handle)
    }

    /// Takes the objects that the values named, and ends the reading.
    ///
    /// # Errors
    /// [`Damaged`] if they are not all there, or something follows.
    pub(crate) fn finish(mut self) -> Result<(), Damaged> {
        if self.copies.is_some() {
            while let Some(handle) = self.next_copy() {
                self.begun += 1;
                self.object(&handle)?;
            }
        } else {
            while self.reader.remaining() > 0 {
                let id = self.reader.varint()?;
                let handle = self
                    .promised
                    .remove(&id)
                    .ok_or_else(|| Damaged::new("an object that nothing names"))?;
                self.object(&handle)?;
            }
            if !self.promised.is_empty() {
                return Err(Damaged::new("an object is named and not there"));
            }
        }
        Ok(self.reader.finish()?)
    }

    /// The first copy that was named and is not begun.
    fn next_copy(&self) -> Option<Handle> {
        self.copies.as_ref()?.get(self.begun).cloned()
    }

    fn object(&mut self, handle: &Handle) -> Result<(), Damaged> {
        let class = self.reader.varint()?;
        let mut object = self
            .heap
            .blank(class)
            .ok_or_else(|| Damaged::new("an object of an unknown class"))?;
        let mut result = Ok(());
        object.all_mut(&mut |attribute| {
            if result.is_ok() {
                result = attribute.decode(self);
            }
        });
        result?;
        self.heap.keep_promise(handle, object);
        Ok(())
    }
}
