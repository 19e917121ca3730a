//! Appends values to a byte vector.

use super::Wire;

/// A growing encoding. Writing cannot fail.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// One method for each fixed-width number.
macro_rules! fixed_width {
    ($($name:ident: $ty:ty),*) => {$(
        #[doc = concat!("Appends the `", stringify!($ty), "`, little-endian.")]
        #[inline]
        pub fn $name(&mut self, value: $ty) {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    )*};
}

impl Writer {
    /// An empty encoding.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty encoding with room for `bytes` bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Goes on where `bytes` end.
    #[must_use]
    pub fn append_to(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    fixed_width!(u8: u8, u16: u16, u32: u32, u64: u64, u128: u128);
    fixed_width!(i8: i8, i16: i16, i32: i32, i64: i64, i128: i128);

    /// Appends the bits of the number, so that a NaN keeps its payload.
    pub fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    /// Appends one byte, 0 or 1.
    pub fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// Appends a length, count or small number as a LEB128 varint.
    #[inline]
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Appends a length or count.
    #[inline]
    pub fn length(&mut self, value: usize) {
        self.varint(value as u64);
    }

    /// Appends bytes whose number the reader knows.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a length and that many bytes.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// Appends a length and the string's UTF-8.
    #[inline]
    pub fn str(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Appends a value of a type that knows its own layout.
    pub fn value<T: Wire>(&mut self, value: &T) {
        value.write(self);
    }

    /// Appends 0, or 1 and the value as `write` writes it.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.u8(0),
            Some(value) => {
                self.u8(1);
                write(self, value);
            }
        }
    }

    /// Appends the count and each item as `write` writes it.
    pub fn sequence<I>(&mut self, items: I, mut write: impl FnMut(&mut Self, I::Item))
    where
        I: IntoIterator<IntoIter: ExactSizeIterator>,
    {
        let items = items.into_iter();
        self.length(items.len());
        for item in items {
            write(self, item);
        }
    }

    /// The number of bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What has been written so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The encoding.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
