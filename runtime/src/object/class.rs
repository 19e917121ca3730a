//! What a generated class tells the heap about itself: its name, its base, its attributes.
//!
//! From the attributes alone, listed in the order of declaration with those of the base first, the
//! runtime derives encoding, decoding, edits by number, and tracing. Invariant: an attribute's
//! number is its position in that order, so that a [`Field`]'s number means the same everywhere.

use super::Damaged;
use super::graph::{Decoder, Encoder};
use super::tracer::Tracer;
use crate::value::Value;
use std::any::{Any, TypeId};
use std::fmt;

/// A state variable, seen without its type.
pub trait Attribute: Send {
    /// Appends the value.
    fn encode(&self, out: &mut Encoder);

    /// Becomes the value that is read.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are no such value.
    fn decode(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged>;

    /// Performs an edit that another replica logged.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are no edit of such a value.
    fn edit(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged>;

    /// Shows the references in the value.
    fn trace(&self, tracer: &mut Tracer<'_>);

    /// Writes the value for a person who looks at a state.
    ///
    /// # Errors
    /// When the writer fails.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Value> Attribute for T {
    fn encode(&self, out: &mut Encoder) {
        self.write(out);
    }

    fn decode(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        *self = T::read(from)?;
        Ok(())
    }

    fn edit(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        self.perform_logged(from)
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        Value::trace(self, tracer);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::describe(self, f)
    }
}

/// A class of the language: a struct with one field for each state variable, the base class
/// embedded as `base`.
pub trait Class: Clone + Default + Send + 'static {
    /// The class as the program's tables know it.
    const INFO: ClassInfo;

    /// The embedded base, if the class has one.
    fn base(&self) -> Option<&dyn Object> {
        None
    }

    /// The embedded base, to change it.
    fn base_mut(&mut self) -> Option<&mut dyn Object> {
        None
    }

    /// Shows each state variable, those of the base first, in the order of declaration.
    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        let _ = each;
    }

    /// Shows each state variable in the same order, to change it.
    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        let _ = each;
    }
}

/// What is known of a class without an object.
#[derive(Clone, Copy)]
pub struct ClassInfo {
    /// The name in the source, with its modules.
    pub name: &'static str,
    /// An object with all state variables zero, empty or null.
    pub blank: fn() -> Box<dyn Object>,
    /// The names of its state variables in order, for people who look at states.
    pub attributes: &'static [&'static str],
}

impl ClassInfo {
    /// The class `T`, called `name` in the source.
    #[must_use]
    pub const fn of<T: Class>(name: &'static str) -> ClassInfo {
        ClassInfo {
            name,
            blank: || Box::new(T::default()),
            attributes: &[],
        }
    }

    /// The same, with state variables of these names.
    #[must_use]
    pub const fn with(self, attributes: &'static [&'static str]) -> ClassInfo {
        ClassInfo { attributes, ..self }
    }
}

impl ClassInfo {
    /// Whether its objects are also of class `D`.
    #[must_use]
    pub fn derives_from<D: Class>(&self) -> bool {
        (self.blank)().part(TypeId::of::<D>()).is_some()
    }
}

/// An object, seen without its class.
pub trait Object: Send {
    /// The dynamic class's name.
    fn class_name(&self) -> &'static str;
    /// The object as the struct `class`: itself or one of its bases.
    fn part(&self, class: TypeId) -> Option<&dyn Any>;
    /// The same, to change it.
    fn part_mut(&mut self, class: TypeId) -> Option<&mut dyn Any>;
    /// A copy, field by field.
    fn copied(&self) -> Box<dyn Object>;
    /// Shows all state variables, those of the base first.
    fn all<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute));
    /// Shows all state variables, to change them.
    fn all_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute));
}

impl<T: Class> Object for T {
    fn class_name(&self) -> &'static str {
        T::INFO.name
    }

    fn part(&self, class: TypeId) -> Option<&dyn Any> {
        if class == TypeId::of::<T>() {
            Some(self)
        } else {
            self.base()?.part(class)
        }
    }

    fn part_mut(&mut self, class: TypeId) -> Option<&mut dyn Any> {
        if class == TypeId::of::<T>() {
            Some(self)
        } else {
            self.base_mut()?.part_mut(class)
        }
    }

    fn copied(&self) -> Box<dyn Object> {
        Box::new(self.clone())
    }

    fn all<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        self.attributes(each);
    }

    fn all_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        self.attributes_mut(each);
    }
}

/// A state variable of class `C`, of type `T`.
pub struct Field<C, T> {
    /// Its number among all state variables of `C`, those of the bases first.
    pub number: u32,
    /// Reads it.
    pub of: fn(&C) -> &T,
    /// Changes it.
    pub of_mut: fn(&mut C) -> &mut T,
}

impl<C, T> Field<C, T> {
    /// The state variable with this number and these accessors.
    #[must_use]
    pub const fn new(number: u32, of: fn(&C) -> &T, of_mut: fn(&mut C) -> &mut T) -> Field<C, T> {
        Field { number, of, of_mut }
    }
}

impl<C, T> Clone for Field<C, T> {
    fn clone(&self) -> Field<C, T> {
        *self
    }
}

impl<C, T> Copy for Field<C, T> {}
