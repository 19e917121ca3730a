//! Reading and changing objects through references: what generated code does with them.
//!
//! A reference to several objects means its first one here. `null` raises `null_reference`; a server's attributes cannot be
//! reached from outside, which the compiler refuses and this raises.

use super::class::{Class, Field, Object};
use super::context::Context;
use super::exception::{Outcome, Predefined, Raised};
use super::reference::{Handle, Item, Ref, Target};
use crate::identity::ServerId;
use crate::value::{Edit, SET, Value};
use std::any::TypeId;

impl<T: Class> Ref<T> {
    /// The object, to read its attributes.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn read<'a>(&self, cx: &'a Context) -> Outcome<&'a T> {
        let handle = self.handle()?;
        let part = cx
            .heap()
            .object(handle)
            .and_then(|object| object.part(TypeId::of::<T>()))
            .and_then(|part| part.downcast_ref());
        match part {
            Some(part) => Ok(part),
            None => Err(Raised::null()),
        }
    }

    /// Gives an attribute a new value.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn set<C: Class, V: Value>(
        &self,
        field: Field<C, V>,
        value: V,
        cx: &mut Context,
    ) -> Outcome<()> {
        let handle = self.handle()?;
        if let Some(log) = cx.heap_mut().log(handle, field.number) {
            log.out().u8(SET);
            value.write(log);
        }
        *self.part_mut(field, cx)? = value;
        Ok(())
    }

    /// Changes a collection in place.
    ///
    /// # Errors
    /// `null_reference`, and what the edit raises.
    #[track_caller]
    pub fn edit<C: Class, V: Value>(
        &self,
        field: Field<C, V>,
        edit: impl Edit<V>,
        cx: &mut Context,
    ) -> Outcome<()> {
        edit.perform(self.part_mut(field, cx)?)?;
        if let Some(log) = cx.heap_mut().log(self.handle()?, field.number) {
            edit.log(log);
        }
        Ok(())
    }

    #[track_caller]
    fn part_mut<'a, C: Class, V>(
        &self,
        field: Field<C, V>,
        cx: &'a mut Context,
    ) -> Outcome<&'a mut V> {
        let handle = self.handle()?;
        let part = cx
            .heap_mut()
            .change(handle)
            .and_then(|object| object.part_mut(TypeId::of::<C>()))
            .and_then(|part| part.downcast_mut());
        match part {
            Some(part) => Ok((field.of_mut)(part)),
            None => Err(Raised::null()),
        }
    }

    /// Whether the object is of class `D` or one derived from it.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn is<D: Class>(&self, cx: &Context) -> Outcome<bool> {
        let handle = self.handle()?;
        Ok(is_a::<D>(cx, handle))
    }

    /// The reference as one to class `D`, if the object is of it: how a virtual method finds its class.
    #[must_use]
    pub fn as_class<D: Class>(&self, cx: &Context) -> Option<Ref<D>> {
        match self.first() {
            Item::Local(handle) if is_a::<D>(cx, handle) => Some(self.retyped()),
            Item::Local(_) | Item::Null | Item::Server(_) => None,
        }
    }

    /// `(D) this`: all objects of the reference must be of class `D`; null stays null.
    ///
    /// # Errors
    /// `bad_cast`
    #[track_caller]
    pub fn downcast<D: Class>(&self, cx: &Context) -> Outcome<Ref<D>> {
        let wanted = D::INFO.name;
        for item in self.items() {
            let (what, class) = match item {
                Item::Null => continue,
                Item::Local(handle) if is_a::<D>(cx, handle) => continue,
                Item::Local(_) => ("an object", cx.heap().class_of(item).unwrap_or_default()),
                Item::Server(server) => match cx.heap().class_at(server.class) {
                    Some(class) if class.derives_from::<D>() => continue,
                    class => ("a server", class.map_or("", |class| class.name)),
                },
            };
            return Err(Raised::predefined(
                Predefined::BadCast,
                format!("{what} of class {class} is not of class {wanted}"),
            ));
        }
        Ok(self.retyped())
    }
}

fn is_a<D: Class>(cx: &Context, handle: &Handle) -> bool {
    cx.heap()
        .object(handle)
        .is_some_and(|object| object.part(TypeId::of::<D>()).is_some())
}

impl<T> Ref<T> {
    #[track_caller]
    pub(crate) fn handle(&self) -> Outcome<&Handle> {
        match self.first() {
            Item::Local(handle) => Ok(handle),
            Item::Null => Err(Raised::null()),
            Item::Server(server) => Err(Raised::server_failed(format!(
                "the attributes of {} cannot be reached from outside",
                server.id
            ))),
        }
    }

    pub(crate) fn first_object<'a>(&self, cx: &'a Context) -> Option<&'a dyn Object> {
        match self.first() {
            Item::Local(handle) => cx.heap().object(handle),
            Item::Null | Item::Server(_) => None,
        }
    }

    /// The object alone whose method is called, whatever the method does with it.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn one(&self) -> Outcome<Ref<T>> {
        match self.first() {
            Item::Null => Err(Raised::null()),
            item => Ok(Ref::of(Target::One(item.clone()))),
        }
    }

    /// The server, if the reference names one.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn server(&self) -> Outcome<Option<ServerId>> {
        match self.first() {
            Item::Server(server) => Ok(Some(server.id)),
            Item::Local(_) => Ok(None),
            Item::Null => Err(Raised::null()),
        }
    }

    /// How many objects the reference names.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn length(&self) -> Outcome<i32> {
        if self.is_null() {
            return Err(Raised::null());
        }
        Ok(i32::try_from(self.items().len()).unwrap_or(i32::MAX))
    }

    /// `x[i]`: a reference to the i-th object alone.
    ///
    /// # Errors
    /// `null_reference`, `index_out_of_range`
    #[track_caller]
    pub fn at(&self, index: i64) -> Outcome<Ref<T>> {
        if self.is_null() {
            return Err(Raised::null());
        }
        let item = usize::try_from(index)
            .ok()
            .and_then(|index| self.items().get(index));
        match item {
            Some(item) => Ok(Ref::group(vec![item.clone()])),
            None => Err(Raised::index(index, self.items().len() as i64)),
        }
    }

    /// A reference to each object alone, in order: what a `for` takes.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn each(&self) -> Outcome<Vec<Ref<T>>> {
        if self.is_null() {
            return Err(Raised::null());
        }
        let alone = |item: &Item| Ref::group(vec![item.clone()]);
        Ok(self.items().iter().map(alone).collect())
    }
}
