//! Takes values from bytes that may be anything.

use super::{Wire, WireError};

/// A position in bytes from outside. After an error the position is unspecified.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One method for each fixed-width number.
macro_rules! fixed_width {
    ($($name:ident: $ty:ty),*) => {$(
        #[doc = concat!("Takes a little-endian `", stringify!($ty), "`.")]
        ///
        /// # Errors
        /// [`WireError::Truncated`].
        #[inline]
        pub fn $name(&mut self) -> Result<$ty, WireError> {
            self.array().map(<$ty>::from_le_bytes)
        }
    )*};
}

impl<'a> Reader<'a> {
    /// Reads from the first of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fixed_width!(u8: u8, u16: u16, u32: u32, u64: u64, u128: u128);
    fixed_width!(i8: i8, i16: i16, i32: i32, i64: i64, i128: i128);

    /// Takes the bits of a floating-point number.
    ///
    /// # Errors
    /// [`WireError::Truncated`].
    pub fn f64(&mut self) -> Result<f64, WireError> {
        self.u64().map(f64::from_bits)
    }

    /// Takes one byte, which must be 0 or 1.
    ///
    /// # Errors
    /// If it is not.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, WireError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(WireError::BadTag("boolean")),
        }
    }

    /// Takes a LEB128 varint in its shortest form.
    ///
    /// # Errors
    /// If it is truncated, longer than necessary or wider than 64 bits.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                return Err(WireError::Varint);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                let longer_than_necessary = byte == 0 && shift > 0;
                return if longer_than_necessary {
                    Err(WireError::Varint)
                } else {
                    Ok(value)
                };
            }
        }
        Err(WireError::Varint)
    }

    /// Takes a count of items of which each takes at least `item_bytes_min`
    /// bytes, so that the count is bounded by what is left.
    ///
    /// # Errors
    /// [`WireError::TooLong`] if so many items cannot follow.
    #[inline]
    pub fn count(&mut self, item_bytes_min: usize) -> Result<usize, WireError> {
        let count = usize::try_from(self.varint()?).map_err(|_| WireError::TooLong)?;
        if count > self.rest.len() / item_bytes_min.max(1) {
            return Err(WireError::TooLong);
        }
        Ok(count)
    }

    /// Takes exactly `length` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if there are fewer.
    #[inline]
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes exactly `N` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] if there are fewer.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// Takes a length and that many bytes.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let length = self.count(1)?;
        self.raw(length)
    }

    /// Takes a length and that many bytes of UTF-8.
    ///
    /// # Errors
    /// If there are fewer, or they are not UTF-8.
    #[inline]
    pub fn str(&mut self) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| WireError::NotUtf8)
    }

    /// Takes a value of a type that knows its own layout.
    ///
    /// # Errors
    /// If the bytes are not such a value.
    #[inline]
    pub fn value<T: Wire>(&mut self) -> Result<T, WireError> {
        T::read(self)
    }

    /// Takes what [`Writer::option`](super::Writer::option) wrote.
    ///
    /// # Errors
    /// If the bytes are not that.
    pub fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<Option<T>, WireError> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(WireError::BadTag("option")),
        }
    }

    /// Takes what [`Writer::sequence`](super::Writer::sequence) wrote; each item must take
    /// at least `item_bytes_min` bytes (a minimum of 0 counts as 1).
    ///
    /// # Errors
    /// If the bytes are not that.
    pub fn sequence<T>(
        &mut self,
        item_bytes_min: usize,
        read: impl FnMut(&mut Self) -> Result<T, WireError>,
    ) -> Result<Vec<T>, WireError> {
        let count = self.count(item_bytes_min)?;
        self.items(count, read)
    }

    /// Takes so many items.
    pub(super) fn items<T>(
        &mut self,
        count: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, WireError>,
    ) -> Result<Vec<T>, WireError> {
        // An item may be larger in memory than on the wire: take room as items prove real.
        let mut items = Vec::with_capacity(count.min(1024));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// The number of bytes left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`WireError::TrailingBytes`] if bytes are left.
    pub fn finish(self) -> Result<(), WireError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(WireError::TrailingBytes)
        }
    }
}
