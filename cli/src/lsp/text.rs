//! Texts as editors see them: lines, and columns in UTF-16 units; and how offsets move when a text changes.

use super::protocol::{Position, Range};

/// A text with its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    text: String,
    starts: Vec<usize>,
}

impl Text {
    /// A text.
    pub fn new(text: String) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The offset of a position; one behind the end of its line, or of the text, counts as that end.
    pub fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else {
            return self.text.len();
        };
        let end = self.starts.get(line + 1).copied();
        let whole = self.text.get(start..end.unwrap_or(self.text.len()));
        let line = whole.unwrap_or_default().trim_end_matches(['\r', '\n']);
        let mut units = 0;
        for (at, c) in line.char_indices() {
            if units >= position.character {
                return start + at;
            }
            units += unit_count(c);
        }
        start + line.len()
    }

    /// The position of an offset.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: before.chars().map(unit_count).sum(),
        }
    }

    /// The positions of both ends of a range of offsets.
    pub fn range(&self, offsets: std::ops::Range<usize>) -> Range {
        Range {
            start: self.position(offsets.start),
            end: self.position(offsets.end),
        }
    }

    /// The text with a part replaced; without a range the new text is all of it.
    #[must_use]
    pub fn changed(&self, range: Option<Range>, new: &str) -> Self {
        let Some(range) = range else {
            return Self::new(new.to_owned());
        };
        let start = self.offset(range.start);
        let end = self.offset(range.end).max(start);
        let mut text = String::with_capacity(self.text.len() + new.len());
        text.push_str(self.text.get(..start).unwrap_or_default());
        text.push_str(new);
        text.push_str(self.text.get(end..).unwrap_or_default());
        Self::new(text)
    }
}

fn unit_count(c: char) -> u32 {
    if c.len_utf16() == 1 { 1 } else { 2 }
}

/// How the offsets of an old text become those of a new one: what is equal at both ends keeps its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Shift {
    prefix: usize,
    old_tail: usize,
    new_tail: usize,
}

impl Shift {
    /// The way from one text to another.
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let prefix = equal(old, new, |bytes, at, count| bytes.get(at..at + count));
        let rest = old.len().min(new.len()) - prefix;
        let suffix = equal(old, new, |bytes, at, count| {
            let end = bytes.len().checked_sub(at)?;
            bytes.get(end.checked_sub(count)?..end)
        });
        let suffix = suffix.min(rest);
        Self {
            prefix,
            old_tail: old.len() - suffix,
            new_tail: new.len() - suffix,
        }
    }

    /// Where an offset of the new text is in the old one; nothing where it was typed since.
    pub fn to_old(self, offset: usize) -> Option<usize> {
        moved(offset, self.prefix, self.new_tail, self.old_tail)
    }

    /// Where a range of the old text is in the new one; nothing if it was changed.
    pub fn to_new(self, range: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let start = moved(range.start, self.prefix, self.old_tail, self.new_tail)?;
        let end = moved(range.end, self.prefix, self.old_tail, self.new_tail)?;
        (end.checked_sub(start) == Some(range.len())).then_some(start..end)
    }

    /// A range of the old text in the new one, grown or shrunk by what was changed in it.
    pub fn stretched(self, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let start = moved(range.start, self.prefix, self.old_tail, self.new_tail);
        let end = moved(range.end, self.prefix, self.old_tail, self.new_tail);
        start.unwrap_or(self.prefix)..end.unwrap_or(self.new_tail)
    }
}

fn moved(offset: usize, prefix: usize, tail: usize, new_tail: usize) -> Option<usize> {
    if offset <= prefix {
        return Some(offset);
    }
    Some(new_tail + offset.checked_sub(tail)?)
}

/// How many bytes are equal from an end on; `part` gives so many bytes at a distance from that end.
fn equal<'a>(
    one: &'a [u8],
    two: &'a [u8],
    part: impl Fn(&'a [u8], usize, usize) -> Option<&'a [u8]>,
) -> usize {
    let mut count = 0;
    for step in [4096, 64, 1] {
        while let (Some(a), Some(b)) = (part(one, count, step), part(two, count, step))
            && a == b
        {
            count += step;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_utf16_units() {
        let text = Text::new("a\r\nä😀b\n".to_owned());
        assert_eq!(text.position(3 + 2 + 4), at(1, 3));
        assert_eq!(text.offset(at(1, 3)), 3 + 2 + 4);
        assert_eq!(text.offset(at(0, 99)), 1, "the end of the line, before CR");
        assert_eq!(text.offset(at(99, 0)), text.as_str().len());
    }

    #[test]
    fn a_change_replaces_what_it_names() {
        let text = Text::new("one\n😀two\n".to_owned());
        let range = Range {
            start: at(1, 2),
            end: at(1, 5),
        };
        assert_eq!(text.changed(Some(range), "2").as_str(), "one\n😀2\n");
        assert_eq!(text.changed(None, "x").as_str(), "x");
    }

    #[test]
    fn offsets_move_with_what_is_typed_before_them() {
        let shift = Shift::between("aaa bbb ccc", "aaa xbbbx ccc");
        assert_eq!(shift.to_old(2), Some(2));
        assert_eq!(shift.to_old(10), Some(8));
        assert_eq!(shift.to_old(6), None);
        assert_eq!(shift.to_new(8..11), Some(10..13));
        assert_eq!(shift.to_new(4..7), None);
        let same = Shift::between("abc", "abc");
        assert_eq!(same.to_new(0..3), Some(0..3));
    }

    #[test]
    fn repetition_does_not_confuse_both_ends() {
        let shift = Shift::between("aa", "aaa");
        assert_eq!(shift.to_new(0..2), Some(0..2));
        let shift = Shift::between("aaa", "aa");
        assert_eq!(shift.to_old(2), Some(2));
    }
}
