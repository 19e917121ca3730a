//! The text as the grammar gets it: without comments, and with blanks only where two tokens would
//! otherwise become one, so that no rule has to look for them.

/// A text without its blanks, and the way back to the text that it was made of.
pub(super) struct Squeezed {
    /// What is left of the text.
    pub text: String,
    /// In order of both numbers.
    gaps: Vec<Gap>,
    /// The length of the text that it was made of.
    length: usize,
}

/// From an offset on, so many bytes were taken out before it; fewer than none where some were added.
struct Gap {
    at: u32,
    removed: i32,
}

impl Squeezed {
    /// Where the byte at an offset stood.
    pub fn original(&self, at: usize) -> usize {
        let after = self.gaps.partition_point(|gap| gap.at as usize <= at);
        let gap = after.checked_sub(1).and_then(|last| self.gaps.get(last));
        self.add(at, gap)
    }

    /// A walk that asks for offsets in ascending order.
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            squeezed: self,
            next: 0,
        }
    }

    fn add(&self, at: usize, gap: Option<&Gap>) -> usize {
        let removed = gap.map_or(0, |gap| gap.removed as isize);
        at.saturating_add_signed(removed).min(self.length)
    }
}

/// Finds original offsets in one walk over the gaps.
pub(super) struct Walk<'a> {
    squeezed: &'a Squeezed,
    next: usize,
}

impl Walk<'_> {
    /// Where the byte at an offset stood; no offset may be smaller than the one before.
    pub fn original(&mut self, at: usize) -> usize {
        let gaps = &self.squeezed.gaps;
        while gaps.get(self.next).is_some_and(|gap| gap.at as usize <= at) {
            self.next += 1;
        }
        let gap = self.next.checked_sub(1).and_then(|last| gaps.get(last));
        self.squeezed.add(at, gap)
    }

    /// Where the byte stood that followed the one at an offset; the same condition holds.
    pub fn after(&mut self, at: usize) -> usize {
        (self.original(at) + 1).min(self.squeezed.length)
    }
}

/// Makes a [`Squeezed`] of a text while something else walks over it.
pub(super) struct Squeezer<'a> {
    source: &'a str,
    text: String,
    gaps: Vec<Gap>,
    /// What the last gap says; nothing if the next run needs one of its own.
    removed: Option<i32>,
    /// Up to where the source has been taken over or left out.
    done: usize,
}

impl<'a> Squeezer<'a> {
    /// Nothing yet of a text, of which what stands before an offset is left out.
    pub fn new(source: &'a str, start: usize) -> Self {
        let length = source.len() - start.min(source.len());
        Self {
            source,
            text: String::with_capacity(length),
            gaps: Vec::with_capacity(length / 8),
            removed: Some(0),
            done: start,
        }
    }

    /// Adds what is missing before a place in the source that lies behind those before.
    pub fn insert(&mut self, at: usize, missing: &str) {
        self.take_to(at);
        self.text.push_str(missing);
        self.removed = None;
    }

    /// Leaves out a stretch of the source that lies behind those before.
    pub fn leave_out(&mut self, start: usize, end: usize) {
        self.take_to(start);
        self.done = end;
    }

    fn take_to(&mut self, end: usize) {
        let run = self.source.get(self.done..end).unwrap_or_default();
        let Some(first) = run.bytes().next() else {
            return;
        };
        if let Some(last) = self.text.bytes().next_back()
            && would_join(last, first)
        {
            self.text.push(' ');
        }
        let removed = signed(self.done) - signed(self.text.len());
        if self.removed != Some(removed) {
            self.removed = Some(removed);
            self.gaps.push(Gap {
                at: number(self.text.len()),
                removed,
            });
        }
        self.text.push_str(run);
        self.done = end;
    }

    /// The rest of the source, and what is missing at its end.
    pub fn finish(mut self, missing: &str) -> Squeezed {
        self.take_to(self.source.len());
        self.text.push_str(missing);
        Squeezed {
            text: self.text,
            gaps: self.gaps,
            length: self.source.len(),
        }
    }
}

/// Whether two characters that were apart could be taken for one token side by side.
pub(crate) fn would_join(last: u8, first: u8) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let operator = |byte: u8| b"+-*/%<>=!&|^~:".contains(&byte);
    (word(last) && word(first))
        || (operator(last) && (first == last || first == b'=' || (last == b'-' && first == b'>')))
}

/// Offsets stay below the length of a source.
fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn signed(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
