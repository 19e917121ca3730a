//! How far the trouble reaches that the scanner has found.
//!
//! One mistake gives one message: what the grammar has against text near a mistake of the scanner's is a
//! consequence of it.

use crate::diagnostic::{Diagnostic, UNBALANCED, UNFINISHED_COMMENT};
use crate::{FileId, Span};

/// The stretches of text that the scanner's diagnostics make suspect, in order, none touching another.
pub(super) fn all(text: &str, start: usize, diagnostics: &[Diagnostic]) -> Vec<Span> {
    let mut stretches: Vec<Span> = diagnostics
        .iter()
        .flat_map(|diagnostic| of(text, start, diagnostic))
        .collect();
    stretches.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(stretches.len());
    for next in stretches {
        match merged.last_mut() {
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => merged.push(next),
        }
    }
    merged
}

/// Whether it is not sure what belongs to what around a diagnostic of the scanner's.
pub(super) fn leaks(text: &str, diagnostic: &Diagnostic) -> bool {
    let at = diagnostic.span.start as usize;
    let is_brace = matches!(text.as_bytes().get(at), Some(b'{' | b'}'));
    diagnostic.code == UNFINISHED_COMMENT || (diagnostic.code == UNBALANCED && is_brace)
}

/// The stretches of text that a diagnostic of the scanner's makes suspect.
pub(super) fn of(text: &str, start: usize, diagnostic: &Diagnostic) -> Vec<Span> {
    let span = diagnostic.span;
    let at = span.start as usize;
    let byte = text.as_bytes().get(at).copied();
    let brace = byte.filter(|_| diagnostic.code == UNBALANCED);
    match brace {
        _ if diagnostic.code == UNFINISHED_COMMENT => vec![stretch(span.file, at, text.len())],
        // Where the partner is missing, nobody knows: somewhere in the item.
        Some(b'}') => vec![stretch(
            span.file,
            item_start(text, start, at),
            line_end(text, at),
        )],
        Some(b'{') => vec![stretch(span.file, item_start(text, start, at), text.len())],
        _ => {
            let labels = diagnostic.labels.iter().map(|label| label.span);
            let places = std::iter::once(span).chain(labels);
            places
                .map(|place| {
                    let end = line_end(text, place.end as usize);
                    stretch(place.file, place.start as usize, end)
                })
                .collect()
        }
    }
}

fn stretch(file: FileId, start: usize, end: usize) -> Span {
    crate::parse::span(file, start, end)
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').unwrap_or(rest.len())
}

/// The start of the last line, up to a place, that is not indented and does not close a brace: by how
/// people write, an item begins there.
fn item_start(text: &str, first: usize, at: usize) -> usize {
    let before = text.get(first..line_end(text, at)).unwrap_or_default();
    let mut end = first + before.len();
    for line in before.split('\n').rev() {
        let start = end - line.len();
        let begins = line
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic());
        if begins && start <= at {
            return start;
        }
        end = start.saturating_sub(1);
    }
    first
}
