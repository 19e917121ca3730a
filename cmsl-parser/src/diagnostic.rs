//! What the compiler tells the user: coded, with a place in the text and a line that says what to write
//! instead.
//!
//! Every phase makes [`Diagnostic`]s; rendering goes through codespan-reporting. A [`Code`] carries the page
//! that explains it: the [`rules!`](crate::rules) macro takes it from the doc comment, so that rule, message and page cannot
//! drift apart.

mod catalogue;
mod render;
mod syntax;

use std::fmt;

use crate::Span;

pub use catalogue::{Code, Rule, Severity};
pub use render::{Colours, render};
pub use syntax::*;

/// One message to the user.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Which rule was broken; it decides the severity.
    pub code: Code,
    /// What is wrong, in a line that does not end in a full stop.
    pub message: String,
    /// What is underlined.
    pub span: Span,
    /// What is said under the underlined text; may be empty.
    pub note: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
}

/// Another place that matters to a diagnostic.
#[derive(Debug, Clone)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it has to do with the message.
    pub message: String,
}

impl Diagnostic {
    /// A message about a span.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            note: String::new(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// Says something under the underlined text.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Points to another place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Error or warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether it keeps the program from being compiled.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity(), self.code, self.message)
    }
}

/// Puts diagnostics into the order of the text and drops repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
}

/// Longer names are like no other.
const NAME_BYTES_MAX: usize = 64;

/// The candidate nearest to a name that is not known, for "did you mean": at most a third of its letters
/// may differ, and one must not; of equally near ones the first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = distance(name, candidate, limit)?;
            let letters = name.chars().count().max(candidate.chars().count());
            (0 < distance && distance < letters).then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The edit distance, a swap of neighbours counted as one; `None` above the limit. It is asked for thousands of names
/// after each mistake, and is above the limit for nearly all: the rows end when that is sure.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit || a.len().max(b.len()) > NAME_BYTES_MAX {
        return None;
    }
    // Each row has the distances of one beginning of `a` from the beginnings of `b`.
    let mut rows = [[0_usize; NAME_BYTES_MAX + 1]; 3];
    let [before_last, last, row] = &mut rows;
    let (mut before_last, mut last, mut row) = (before_last, last, row);
    (0..=b.len())
        .zip(last.iter_mut())
        .for_each(|(j, place)| *place = j);
    for (i, &x) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut least = left;
        let (mut diagonal, mut swap) = (i, usize::MAX / 2);
        let mut before = None;
        let cells = b.iter().zip(last.iter().skip(1)).zip(before_last.iter());
        let swaps = i.checked_sub(1).and_then(|i| a.get(i));
        for (((&y, &above), &before_swap), cell) in cells.zip(row.iter_mut().skip(1)) {
            let mut best = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            if swaps == Some(&y) && before == Some(x) {
                best = best.min(swap + 1);
            }
            *cell = best;
            least = least.min(best);
            (left, diagonal, swap, before) = (best, above, before_swap, Some(y));
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        if least > limit {
            return None;
        }
        (before_last, last, row) = (last, row, before_last);
    }
    last.get(b.len())
        .copied()
        .filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_takes_a_swap_or_a_missing_letter_and_nothing_further() {
        let names = ["replicas", "tolerance", "hosts"];
        assert_eq!(nearest("replcias", names), Some("replicas"));
        assert_eq!(nearest("host", names), Some("hosts"));
        assert_eq!(nearest("database", names), None);
        assert_eq!(nearest("hosts", names), None);
    }
}
