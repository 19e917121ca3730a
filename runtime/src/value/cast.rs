//! Casts between numbers, chars and enumerations: what does not fit raises `arithmetic_error`.

use super::Value;
use crate::object::{Damaged, Decoder, Encoder, Outcome, Raised};
use std::fmt;

/// A number on its way from one type to another.
#[derive(Debug, Clone, Copy)]
pub enum Wide {
    /// Of any integer type, a char's code, an enumeration's number.
    Integer(i128),
    /// Of a floating-point type.
    Float(f64),
}

impl Wide {
    /// Without its fraction; `None` for a NaN and what no integer type holds.
    fn integer(self) -> Option<i128> {
        match self {
            Wide::Integer(value) => Some(value),
            Wide::Float(value) if value.abs() < 1e30 => Some(value as i128),
            Wide::Float(_) => None,
        }
    }
}

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wide::Integer(value) => write!(f, "{value}"),
            Wide::Float(value) => write!(f, "{}", super::show(value)),
        }
    }
}

/// A type that casts lead from and to.
pub trait Castable: Copy {
    /// The value without its type.
    fn widened(self) -> Wide;
    /// The value in this type, if it fits.
    fn narrowed(wide: Wide) -> Option<Self>;
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Castable for $ty {
            fn widened(self) -> Wide {
                Wide::Integer(i128::from(self))
            }
            fn narrowed(wide: Wide) -> Option<$ty> {
                <$ty>::try_from(wide.integer()?).ok()
            }
        }
    )*};
}

integers!(u8, i16, i32, i64, u16, u32, u64);

impl Castable for char {
    fn widened(self) -> Wide {
        Wide::Integer(i128::from(u32::from(self)))
    }
    fn narrowed(wide: Wide) -> Option<char> {
        char::from_u32(u32::try_from(wide.integer()?).ok()?)
    }
}

impl Castable for f64 {
    fn widened(self) -> Wide {
        Wide::Float(self)
    }
    fn narrowed(wide: Wide) -> Option<f64> {
        Some(match wide {
            Wide::Integer(value) => value as f64,
            Wide::Float(value) => value,
        })
    }
}

impl Castable for f32 {
    fn widened(self) -> Wide {
        Wide::Float(f64::from(self))
    }
    fn narrowed(wide: Wide) -> Option<f32> {
        Some(match wide {
            Wide::Integer(value) => value as f32,
            Wide::Float(value) => value as f32,
        })
    }
}

impl<T: Enumeration> Castable for T {
    fn widened(self) -> Wide {
        Wide::Integer(i128::from(self.number()))
    }
    fn narrowed(wide: Wide) -> Option<T> {
        let number = wide.integer()?;
        T::ALL
            .iter()
            .copied()
            .find(|value| i128::from(value.number()) == number)
    }
}

/// `(T) value`
///
/// # Errors
/// `arithmetic_error` if no `T` has this value; fractions are cut off before.
#[track_caller]
pub fn cast<T: Castable>(value: impl Castable) -> Outcome<T> {
    let wide = value.widened();
    match T::narrowed(wide) {
        Some(value) => Ok(value),
        None => Err(Raised::arithmetic(format!(
            "{wide} does not fit the type it is cast to"
        ))),
    }
}

/// An enumeration of a program.
pub trait Enumeration: Copy + Ord + Default + Send + Sync + fmt::Debug + 'static {
    /// All values, in the order of declaration.
    const ALL: &'static [Self];

    /// The name in the source.
    fn name(self) -> &'static str;

    /// The number that a cast gives.
    fn number(self) -> i64;
}

impl<T: Enumeration> Value for T {
    fn write(&self, out: &mut Encoder) {
        let position = T::ALL.iter().position(|value| value == self).unwrap_or(0);
        out.out().length(position);
    }

    fn read(from: &mut Decoder<'_>) -> Result<T, Damaged> {
        usize::try_from(from.reader().varint()?)
            .ok()
            .and_then(|position| T::ALL.get(position).copied())
            .ok_or_else(|| Damaged::new("a number that names nothing in its enumeration"))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
