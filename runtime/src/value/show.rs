//! Formatting: a number is the shortest text that reads back the same.

use std::fmt;

/// A value that `{}` of a template can stand for.
pub trait Show {
    /// Writes it.
    ///
    /// # Errors
    /// When the writer fails.
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// `value` as `format ("{}", value)` writes it.
pub fn show<T: Show + ?Sized>(value: &T) -> impl fmt::Display {
    fmt::from_fn(|f| value.show(f))
}

/// Numbers between these magnitudes are shorter without an exponent.
const PLAIN: std::ops::Range<f64> = 1e-5..1e16;

macro_rules! floats {
    ($($ty:ty),*) => {$(
        impl Show for $ty {
            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let magnitude = f64::from(self.abs());
                if self.is_nan() {
                    f.write_str("nan")
                } else if self.is_infinite() {
                    f.write_str(if *self > 0.0 { "inf" } else { "-inf" })
                } else if magnitude == 0.0 || PLAIN.contains(&magnitude) {
                    write!(f, "{self}")
                } else {
                    write!(f, "{self:e}")
                }
            }
        }
    )*};
}

floats!(f32, f64);

macro_rules! as_they_are {
    ($($ty:ty),*) => {$(
        impl Show for $ty {
            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

as_they_are!(
    u8,
    i16,
    i32,
    i64,
    u16,
    u32,
    u64,
    bool,
    char,
    super::Text,
    super::Date,
    super::Time,
    super::Timestamp,
    super::Interval,
    super::Error,
    crate::object::Host
);

impl<T: super::Enumeration> Show for T {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A collection describes no more of its elements.
const LISTED_MAX: usize = 100;

/// A value as it is described.
pub(super) struct Described<'a, T>(pub &'a T);

impl<T: super::Value> fmt::Display for Described<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

/// So many elements between brackets.
pub(super) fn listed(
    f: &mut fmt::Formatter<'_>,
    [begin, end]: [char; 2],
    count: usize,
    elements: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    let more = count.saturating_sub(LISTED_MAX);
    write!(f, "{begin}")?;
    for (element, place) in elements.take(LISTED_MAX).zip(0..) {
        let comma = if place == 0 { "" } else { ", " };
        write!(f, "{comma}{element}")?;
    }
    if more > 0 {
        write!(f, " … and {more} more")?;
    }
    write!(f, "{end}")
}
