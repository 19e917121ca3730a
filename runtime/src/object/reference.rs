//! References of the language: null, one object, several objects, or running servers.
//!
//! A reference to a local object is a *counted* handle: as long as one exists anywhere, in a Rust local
//! too, the object stays. Equality is identity. Nothing here looks into objects; the
//! [`Heap`](super::heap::Heap) does.

use super::class::Class;
use crate::identity::ServerId;
use std::any::type_name;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Where an object is: its lasting id and its place in the heap of this process.
#[derive(Debug)]
pub struct Cell {
    pub(crate) id: u64,
    pub(crate) slot: u32,
}

/// A counted handle of a local object.
pub type Handle = Arc<Cell>;

/// A running server.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// Which one.
    pub(crate) id: ServerId,
    /// The number of its class.
    pub(crate) class: u32,
}

/// One element of a reference.
#[derive(Debug, Clone, Default)]
pub enum Item {
    /// Nothing.
    #[default]
    Null,
    /// An object of this heap.
    Local(Handle),
    /// A running server.
    Server(Server),
}

/// What distinguishes items: equal for equal items only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Of null.
    Null,
    /// Of a local object.
    Local(u64),
    /// Of a server.
    Server(ServerId),
}

impl Item {
    /// The item's identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self {
            Item::Null => Identity::Null,
            Item::Local(handle) => Identity::Local(handle.id),
            Item::Server(server) => Identity::Server(server.id),
        }
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Item) -> bool {
        self.identity() == other.identity()
    }
}

/// What a reference names.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    One(Item),
    Many(Arc<[Item]>),
}

/// A reference to one or more objects of class `T` or of classes derived from it, or null.
pub struct Ref<T> {
    pub(crate) target: Target,
    class: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    /// The reference that names nothing.
    #[must_use]
    pub const fn null() -> Ref<T> {
        Ref::of(Target::One(Item::Null))
    }

    pub(crate) const fn of(target: Target) -> Ref<T> {
        Ref {
            target,
            class: PhantomData,
        }
    }

    pub(crate) fn local(handle: Handle) -> Ref<T> {
        Ref::of(Target::One(Item::Local(handle)))
    }

    pub(crate) fn running(server: Server) -> Ref<T> {
        Ref::of(Target::One(Item::Server(server)))
    }

    /// One reference that names all of `items`, in order; a single item gives a plain reference.
    #[must_use]
    pub fn group(items: Vec<Item>) -> Ref<T> {
        match <[Item; 1]>::try_from(items) {
            Ok([item]) => Ref::of(Target::One(item)),
            Err(items) => Ref::of(Target::Many(items.into())),
        }
    }

    /// Writes what it names: an object by its id.
    pub(crate) fn write_targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = |item: &Item, f: &mut fmt::Formatter<'_>| match item {
            Item::Null => f.write_str("null"),
            Item::Local(handle) => write!(f, "#{}", handle.id),
            Item::Server(server) => write!(f, "{}", server.id),
        };
        match &self.target {
            Target::One(one) => item(one, f),
            Target::Many(items) => items.iter().zip(0..).try_for_each(|(one, place)| {
                if place > 0 {
                    f.write_str(" and ")?;
                }
                item(one, f)
            }),
        }
    }

    /// The items that the reference names; a plain null names one null item.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        match &self.target {
            Target::One(item) => std::slice::from_ref(item),
            Target::Many(items) => items,
        }
    }

    /// The first item: what a reference means where one object is used.
    #[must_use]
    pub fn first(&self) -> &Item {
        self.items().first().unwrap_or(&Item::Null)
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.target, Target::One(Item::Null))
    }

    /// The same objects, seen as a class that `T` derives from.
    #[must_use]
    pub fn upcast<B: Class>(&self) -> Ref<B> {
        Ref::of(self.target.clone())
    }

    pub(crate) fn retyped<B>(&self) -> Ref<B> {
        Ref::of(self.target.clone())
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Ref<T> {
        Ref::of(self.target.clone())
    }
}

impl<T> Default for Ref<T> {
    fn default() -> Ref<T> {
        Ref::null()
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Ref<T>) -> bool {
        self.items() == other.items()
    }
}

impl<T> Eq for Ref<T> {}

impl<T> PartialOrd for Ref<T> {
    fn partial_cmp(&self, other: &Ref<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By identity: an order for tables, without meaning in the language.
impl<T> Ord for Ref<T> {
    fn cmp(&self, other: &Ref<T>) -> Ordering {
        let others = other.items().iter().map(Item::identity);
        self.items().iter().map(Item::identity).cmp(others)
    }
}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref<{}>", type_name::<T>())?;
        f.debug_list()
            .entries(self.items().iter().map(Item::identity))
            .finish()
    }
}
