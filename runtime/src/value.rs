//! The values of the language: numbers, text, collections, times, and what they have in common.
//!
//! A [`Value`] can be a state variable, an argument and a reply: it can be encoded, edited by a logged
//! edit and traced for references. Everything orders and prints the same on every machine.

mod array;
pub mod cast;
mod collection;
mod each;
mod error;
pub mod int;
mod list;
mod map;
pub mod math;
mod primitive;
mod set;
mod show;
mod text;
pub mod time;

pub use array::Array;
pub use cast::{Enumeration, cast};
pub use collection::{Edit, Key, Lineage};
pub use each::{Each, each};
pub use error::Error;
pub use list::{List, ListEdit};
pub use map::{Map, MapEdit};
pub use set::{Bag, BagEdit, Set, SetEdit};
pub use show::show;
use show::{Described, Show, listed};
pub use text::Text;
pub use time::{Date, Interval, Time, Timestamp};

use crate::object::{Damaged, Decoder, Encoder, Tracer};
use std::fmt;

/// What every type of the language can do.
pub trait Value: Clone + PartialEq + Default + Send + Sync + 'static {
    /// Whether values can hold references to objects.
    const REFERENCES: bool = false;

    /// Appends the value.
    fn write(&self, out: &mut Encoder);

    /// Takes a value.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are none.
    fn read(from: &mut Decoder<'_>) -> Result<Self, Damaged>;

    /// Shows the references inside.
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let _ = tracer;
    }

    /// Writes the value for a person who looks at a state.
    ///
    /// # Errors
    /// When the writer fails.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Performs one logged change of a state variable: by default only [`SET`], the whole value anew.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are no change of such a value.
    fn perform_logged(&mut self, from: &mut Decoder<'_>) -> Result<(), Damaged> {
        if from.reader().u8()? != SET {
            return Err(Damaged::new("an edit of a value that has none"));
        }
        *self = Self::read(from)?;
        Ok(())
    }
}

/// The first byte of a logged change that replaces the whole value; edits have other numbers.
pub const SET: u8 = 0;
