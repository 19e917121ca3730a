//! `error`: a code and a message; code 0 is success.

use super::{Text, Value};
use crate::object::{Damaged, Decoder, Encoder};
use std::fmt;

/// The predefined value that says how something went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Error {
    /// 0 is success.
    pub code: i32,
    /// For people.
    pub message: Text,
}

impl Error {
    /// An error with this code and message.
    #[must_use]
    pub fn new(code: i32, message: &Text) -> Error {
        Error {
            code,
            message: message.clone(),
        }
    }

    /// `ok`: success.
    #[must_use]
    pub fn ok() -> Error {
        Error::default()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code == 0 && self.message.is_empty() {
            f.write_str("ok")
        } else {
            write!(f, "error {}: {}", self.code, self.message)
        }
    }
}

impl Value for Error {
    fn write(&self, out: &mut Encoder) {
        out.out().i32(self.code);
        self.message.write(out);
    }

    fn read(from: &mut Decoder<'_>) -> Result<Error, Damaged> {
        Ok(Error {
            code: from.reader().i32()?,
            message: Text::read(from)?,
        })
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
