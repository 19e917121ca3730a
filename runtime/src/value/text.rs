//! `string`: immutable UTF-8, counted and indexed in chars.

use super::{List, Value};
use crate::object::{Damaged, Decoder, Encoder, Outcome, Raised};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The longest string that a program makes of others, in bytes: beyond it `resource_exhausted`, instead of the process.
pub const STRING_BYTES_MAX: usize = 1 << 26;

/// A string of the language. Copies share the bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// What a program has put together.
    ///
    /// # Errors
    /// `resource_exhausted` if it is beyond all bounds.
    #[track_caller]
    pub fn new(text: String) -> Outcome<Text> {
        bounded(text.len())?;
        Ok(Text::from(text))
    }

    /// How many chars it has.
    #[must_use]
    pub fn length(&self) -> i32 {
        i32::try_from(self.chars().count()).unwrap_or(i32::MAX)
    }

    /// The char at `index`, from 0.
    ///
    /// # Errors
    /// `index_out_of_range`
    #[track_caller]
    pub fn at(&self, index: i64) -> Outcome<char> {
        let found = usize::try_from(index).ok().and_then(|index| {
            if self.is_ascii() {
                self.as_bytes().get(index).map(|byte| char::from(*byte))
            } else {
                self.chars().nth(index)
            }
        });
        match found {
            Some(char) => Ok(char),
            None => Err(Raised::index(index, self.length().into())),
        }
    }

    /// Both strings, one after the other.
    ///
    /// # Errors
    /// `resource_exhausted` if that is beyond all bounds.
    #[track_caller]
    pub fn join(&self, other: &Text) -> Outcome<Text> {
        bounded(self.len() + other.len())?;
        let mut joined = String::with_capacity(self.len() + other.len());
        joined.push_str(self);
        joined.push_str(other);
        Ok(Text::from(joined))
    }

    /// Puts a part behind a text in the making.
    ///
    /// # Errors
    /// `resource_exhausted` if it is beyond all bounds.
    #[track_caller]
    pub fn append(text: &mut String, part: &str) -> Outcome<()> {
        bounded(text.len() + part.len())?;
        text.push_str(part);
        Ok(())
    }

    /// `count` chars from the index `from` on.
    ///
    /// # Errors
    /// `index_out_of_range` if there are not so many.
    #[track_caller]
    pub fn substring(&self, from: i64, count: i64) -> Outcome<Text> {
        let length = i64::from(self.length());
        if from < 0 || from > length {
            return Err(Raised::index(from, length));
        }
        if count < 0 || count > length - from {
            return Err(Raised::index(from.saturating_add(count), length));
        }
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        let take = usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Text::from(
            self.chars().skip(skip).take(take).collect::<String>(),
        ))
    }

    /// The index of the first occurrence of `part`, in chars, or -1.
    #[must_use]
    pub fn find(&self, part: &Text) -> i32 {
        match self.0.find(&**part) {
            Some(bytes) => {
                let before = self.0.get(..bytes).unwrap_or_default().chars().count();
                i32::try_from(before).unwrap_or(i32::MAX)
            }
            None => -1,
        }
    }

    /// Whether `part` occurs in it.
    #[must_use]
    pub fn contains(&self, part: &Text) -> bool {
        self.0.contains(&**part)
    }

    /// Whether it starts with `part`.
    #[must_use]
    pub fn begins_with(&self, part: &Text) -> bool {
        self.0.starts_with(&**part)
    }

    /// Whether it ends with `part`.
    #[must_use]
    pub fn finishes_with(&self, part: &Text) -> bool {
        self.0.ends_with(&**part)
    }

    /// The parts between the separators; an empty separator gives the chars.
    #[must_use]
    pub fn split(&self, separator: &Text) -> List<Text> {
        if separator.is_empty() {
            return self
                .chars()
                .map(|char| Text::from(char.to_string()))
                .collect();
        }
        self.0.split(&**separator).map(Text::from).collect()
    }

    /// Without white space at both ends.
    #[must_use]
    pub fn trimmed(&self) -> Text {
        Text::from(self.0.trim())
    }

    /// In upper case.
    #[must_use]
    pub fn upper(&self) -> Text {
        Text::from(self.0.to_uppercase())
    }

    /// In lower case.
    #[must_use]
    pub fn lower(&self) -> Text {
        Text::from(self.0.to_lowercase())
    }

    /// The number that the text writes, as a `long`.
    ///
    /// # Errors
    /// `arithmetic_error` if it writes none, or one that does not fit.
    #[track_caller]
    pub fn to_integer(&self) -> Outcome<i64> {
        match self.0.trim().parse() {
            Ok(value) => Ok(value),
            Err(_) => Err(Raised::arithmetic(format!("\"{self}\" is not an integer"))),
        }
    }

    /// The number that the text writes, as a `double`.
    ///
    /// # Errors
    /// `arithmetic_error` if it writes none.
    #[track_caller]
    pub fn to_double(&self) -> Outcome<f64> {
        match self.0.trim().parse() {
            Ok(value) => Ok(value),
            Err(_) => Err(Raised::arithmetic(format!("\"{self}\" is not a number"))),
        }
    }
}

#[track_caller]
fn bounded(bytes: usize) -> Outcome<()> {
    if bytes > STRING_BYTES_MAX {
        return Err(Raised::resource_exhausted(format!(
            "a string of {bytes} bytes; at most {STRING_BYTES_MAX}"
        )));
    }
    Ok(())
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::from("")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(Arc::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Arc::from(text))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Value for Text {
    fn write(&self, out: &mut Encoder) {
        out.out().str(&self.0);
    }

    fn read(from: &mut Decoder<'_>) -> Result<Text, Damaged> {
        Ok(Text::from(from.reader().str()?))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
