//! Types that know their own layout.

use super::{Reader, WireError, Writer};

/// A type with a layout of its own.
pub trait Wire: Sized {
    /// The least number of bytes that a value takes; at least 1, so that counts are bounded.
    const BYTES_MIN: usize;

    /// Appends the value.
    fn write(&self, to: &mut Writer);

    /// Takes a value.
    ///
    /// # Errors
    /// If the bytes are not one.
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError>;

    /// Appends the values, without their number.
    fn write_all(items: &[Self], to: &mut Writer) {
        for item in items {
            item.write(to);
        }
    }

    /// Takes so many values; that they can be there has been checked.
    ///
    /// # Errors
    /// If the bytes are not these.
    fn read_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, WireError> {
        from.items(count, Self::read)
    }

    /// The value's encoding.
    fn to_bytes(&self) -> Vec<u8> {
        // Most messages are short: one allocation for them.
        let mut writer = Writer::with_capacity(128);
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// The value that these bytes, and no fewer of them, encode.
    ///
    /// # Errors
    /// If the bytes are not one.
    fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// Implements [`Wire`] by the methods of the same name.
macro_rules! by_method {
    ($($method:ident: $ty:ty = $bytes:expr),* $(,)?) => {$(
        impl Wire for $ty {
            const BYTES_MIN: usize = $bytes;
            fn write(&self, to: &mut Writer) {
                to.$method(*self);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
                from.$method()
            }
        }
    )*};
}

impl Wire for u8 {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.u8(*self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        from.u8()
    }
    fn write_all(items: &[Self], to: &mut Writer) {
        to.raw(items);
    }
    fn read_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, WireError> {
        from.raw(count).map(<[u8]>::to_vec)
    }
}

by_method! {
    u16: u16 = 2, u32: u32 = 4, u64: u64 = 8, u128: u128 = 16,
    i8: i8 = 1, i16: i16 = 2, i32: i32 = 4, i64: i64 = 8, i128: i128 = 16,
    f64: f64 = 8, bool: bool = 1,
}

impl Wire for String {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.str(self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        from.str().map(str::to_owned)
    }
}

impl<T: Wire> Wire for Option<T> {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.option(self.as_ref(), |to, value| value.write(to));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        from.option(T::read)
    }
}

impl<T: Wire> Wire for Vec<T> {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.length(self.len());
        T::write_all(self, to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let count = from.count(T::BYTES_MIN)?;
        T::read_all(count, from)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    const BYTES_MIN: usize = A::BYTES_MIN + B::BYTES_MIN;
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Wire + PartialEq + std::fmt::Debug>(value: T) {
        let bytes = value.to_bytes();
        assert!(bytes.len() >= T::BYTES_MIN);
        assert_eq!(T::from_bytes(&bytes).unwrap(), value);
        for cut in 0..bytes.len() {
            assert!(T::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(T::from_bytes(&longer).is_err());
    }

    #[test]
    fn values_come_back_and_cuts_are_errors() {
        round_trip(0x1234_u16);
        round_trip(-5_i64);
        round_trip(u128::MAX);
        round_trip(f64::INFINITY);
        round_trip(true);
        round_trip("grüß".to_owned());
        round_trip(Some(7_u32));
        round_trip(None::<u32>);
        round_trip(vec![(1_u8, "a".to_owned()), (2, String::new())]);
        round_trip(vec![1_u8, 2, 3]);
    }

    #[test]
    fn varints_are_shortest_and_bounded() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::MAX - 1, u64::MAX] {
            let mut writer = Writer::new();
            writer.varint(value);
            let bytes = writer.into_bytes();
            assert_eq!(Reader::new(&bytes).varint(), Ok(value));
        }
        assert_eq!(Reader::new(&[0x80, 0x00]).varint(), Err(WireError::Varint));
        assert_eq!(Reader::new(&[0xff; 10]).varint(), Err(WireError::Varint));
        // The 65th bit.
        let wider = [&[0xff; 9][..], &[0x02]].concat();
        assert_eq!(Reader::new(&wider).varint(), Err(WireError::Varint));
        assert_eq!(Reader::new(&[0x80; 3]).varint(), Err(WireError::Truncated));
    }

    #[test]
    fn a_count_beyond_the_bytes_left_is_refused_before_allocation() {
        let mut writer = Writer::new();
        writer.varint(u64::MAX);
        writer.raw(&[0; 64]);
        let bytes = writer.into_bytes();
        assert_eq!(Vec::<u64>::from_bytes(&bytes), Err(WireError::TooLong));
        assert_eq!(String::from_bytes(&bytes), Err(WireError::TooLong));
    }

    /// By the least length of an element a count is refused before anything is allocated.
    #[test]
    fn pairs_are_at_least_as_long_as_their_parts() {
        assert_eq!(
            <(u16, String)>::BYTES_MIN,
            u16::BYTES_MIN + String::BYTES_MIN
        );
        let mut writer = Writer::new();
        writer.length(3);
        writer.raw(&[0; 8]);
        let bytes = writer.into_bytes();
        assert_eq!(
            Vec::<(u16, u8)>::from_bytes(&bytes),
            Err(WireError::TooLong)
        );
    }

    #[test]
    fn a_writer_knows_its_length_and_a_reader_what_is_left() {
        let mut writer = Writer::with_capacity(100);
        assert!(writer.is_empty());
        assert_eq!(writer.len(), 0);
        writer.raw(&[1, 2, 3]);
        assert!(!writer.is_empty() && writer.len() == 3);
        let mut writer = Writer::append_to(writer.into_bytes());
        writer.value(&4_u8);
        let bytes = writer.into_bytes();
        assert!(bytes.capacity() >= 100);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.remaining(), 3);
        assert_eq!(reader.rest(), [2, 3, 4]);
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn bad_tags_are_refused() {
        assert_eq!(bool::from_bytes(&[2]), Err(WireError::BadTag("boolean")));
        assert_eq!(
            Option::<u8>::from_bytes(&[2, 0]),
            Err(WireError::BadTag("option"))
        );
        assert_eq!(String::from_bytes(&[1, 0xff]), Err(WireError::NotUtf8));
    }
}
