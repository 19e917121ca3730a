//! The source files of one compilation, and spans that point into them.
//!
//! A file's bytes may be anything: what is no text (too large, not UTF-8, NUL bytes) is remembered as
//! damage and becomes a diagnostic when the file is parsed. A byte order mark is dropped; offsets
//! count from the first byte after it.

use std::fmt;
use std::ops::Range;

/// The largest source file that is read.
pub const SOURCE_BYTES_MAX: usize = 16 << 20;

/// A file of a compilation, by the order in which it was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(u32);

impl FileId {
    /// The file at a place in the order of addition.
    #[must_use]
    pub fn at(index: u32) -> Self {
        Self(index)
    }

    /// The file's place in the order of addition.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes in a source file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset of the byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` up to `end` of a file.
    #[must_use]
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that covers both; both must be of one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The span as a range of byte offsets.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// A place as a person counts it: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What is wrong with a file before its syntax is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    TooLarge,
    NotUtf8 { at: usize },
    Nul { at: usize },
}

/// One source file.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<u32>,
    damage: Option<Damage>,
}

impl Source {
    fn new(name: String, bytes: Vec<u8>) -> Self {
        let (text, damage) = decode(bytes);
        let behind = |(newline, _)| u32::try_from(newline + 1).unwrap_or(u32::MAX);
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(behind))
            .collect();
        Self {
            name,
            text,
            line_starts,
            damage,
        }
    }

    /// The name under which diagnostics show the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark; empty if the file is no text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span of this file; empty if the span lies outside.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_index(offset as usize);
        let start = self.line_start(line).unwrap_or_default();
        let mut end = (offset as usize).clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(start..end).unwrap_or_default();
        Position {
            line: count(line),
            column: count(before.chars().count()),
        }
    }

    pub(crate) fn damage(&self) -> Option<Damage> {
        self.damage
    }

    pub(crate) fn line_index(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }

    /// Where a line starts; the line after the last starts at the end of the text.
    pub(crate) fn line_start(&self, line: usize) -> Option<usize> {
        match self.line_starts.get(line) {
            Some(&start) => Some(start as usize),
            None if line == self.line_starts.len() => Some(self.text.len()),
            None => None,
        }
    }
}

/// A zero-based index as people count.
fn count(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

pub(crate) fn decode(mut bytes: Vec<u8>) -> (String, Option<Damage>) {
    if bytes.len() > SOURCE_BYTES_MAX {
        return (String::new(), Some(Damage::TooLarge));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let (text, damage) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Some(Damage::NotUtf8 { at }))
        }
    };
    let damage = damage.or_else(|| text.find('\0').map(|at| Damage::Nul { at }));
    (text, damage)
}

/// All source files of one compilation.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file as it was read; whether its bytes are text is reported when it is parsed.
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 source files"));
        self.files.push(Source::new(name.into(), bytes.into()));
        id
    }

    /// Writes a text behind what a file has, with a newline between, and says where it begins. Lines are not counted.
    pub(crate) fn append(&mut self, file: FileId, text: &str) -> usize {
        let Some(source) = self.files.get_mut(file.index()) else {
            return 0;
        };
        source.text.push('\n');
        let start = source.text.len();
        source.text.push_str(text);
        start
    }

    /// Forgets the text of a file.
    pub(crate) fn clear(&mut self, file: FileId) {
        if let Some(source) = self.files.get_mut(file.index()) {
            source.text.clear();
        }
    }

    /// A file that was added here.
    ///
    /// # Panics
    /// If the id comes from another `Sources`.
    #[must_use]
    pub fn source(&self, file: FileId) -> &Source {
        self.files
            .get(file.index())
            .expect("a file id comes from the sources that made it")
    }

    /// The text that a span covers.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.source(span.file).slice(span)
    }

    /// Line and column of the start of a span.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.source(span.file).position(span.start)
    }

    /// The files in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }
}
