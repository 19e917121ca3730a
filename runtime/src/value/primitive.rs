//! Numbers, booleans and chars as values, and references.

use super::{Show, Value};
use crate::object::{Damaged, Decoder, Encoder, Ref, Tracer};
use std::fmt;

macro_rules! numbers {
    ($($ty:ty: $name:ident),*) => {$(
        impl Value for $ty {
            fn write(&self, out: &mut Encoder) {
                out.out().$name(*self);
            }

            fn read(from: &mut Decoder<'_>) -> Result<$ty, Damaged> {
                Ok(from.reader().$name()?)
            }

            fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Show::show(self, f)
            }
        }
    )*};
}

numbers!(u8: u8, i16: i16, i32: i32, i64: i64, u16: u16, u32: u32, u64: u64, bool: bool);

impl Value for () {
    fn write(&self, _: &mut Encoder) {}

    fn read(_: &mut Decoder<'_>) -> Result<(), Damaged> {
        Ok(())
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("()")
    }
}

impl Value for char {
    fn write(&self, out: &mut Encoder) {
        out.out().u32(*self as u32);
    }

    fn read(from: &mut Decoder<'_>) -> Result<char, Damaged> {
        char::from_u32(from.reader().u32()?).ok_or_else(|| Damaged::new("a char that is none"))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// There is one NaN: its other bit patterns are machine-dependent.
impl Value for f64 {
    fn write(&self, out: &mut Encoder) {
        out.out().f64(if self.is_nan() { f64::NAN } else { *self });
    }

    fn read(from: &mut Decoder<'_>) -> Result<f64, Damaged> {
        Ok(from.reader().f64()?)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Show::show(self, f)
    }
}

impl Value for f32 {
    fn write(&self, out: &mut Encoder) {
        let bits = if self.is_nan() {
            f32::NAN.to_bits()
        } else {
            self.to_bits()
        };
        out.out().u32(bits);
    }

    fn read(from: &mut Decoder<'_>) -> Result<f32, Damaged> {
        Ok(f32::from_bits(from.reader().u32()?))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Show::show(self, f)
    }
}

impl<T: 'static> Value for Ref<T> {
    const REFERENCES: bool = true;

    fn write(&self, out: &mut Encoder) {
        out.reference(self);
    }

    fn read(from: &mut Decoder<'_>) -> Result<Ref<T>, Damaged> {
        from.reference()
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.reference(self);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_targets(f)
    }
}
