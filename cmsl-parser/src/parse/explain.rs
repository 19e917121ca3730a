//! Why the grammar did not take a piece of text.
//!
//! The piece is parsed again by the strict rule of its place, with pest's record of what was tried at the
//! furthest position; what was expected there and what was found make the message.

mod expected;
mod first_word;
mod foreign;
mod message;
mod place;
mod server;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::{Error, InputLocation};

use super::grammar::{Grammar, Rule};
use super::squeeze::Squeezed;
use crate::{Diagnostic, FileId};
use expected::Expected;
use place::Place;
pub(crate) use place::{skip_blank, token};

/// A piece of text that a `bad_…` rule took.
pub(super) struct Region<'a> {
    pub file: FileId,
    /// The source.
    pub text: &'a str,
    pub squeezed: &'a Squeezed,
    /// The piece in the squeezed text.
    pub piece: Range<usize>,
    /// Where it begins in the source.
    pub start: usize,
    pub rule: Rule,
}

impl Region<'_> {
    /// Where a word of the piece stands in the source.
    fn find(&self, word: &str) -> Option<usize> {
        let rest = self.text.get(self.start..)?;
        rest.find(word).map(|at| self.start + at)
    }
}

/// Makes the message, unless the next piece of text says it.
pub(super) fn explain(region: &Region<'_>) -> Option<Diagnostic> {
    let piece = region.squeezed.text.get(region.piece.clone());
    let piece = piece.unwrap_or_default();
    let recording = Recording::start();
    let failure = Grammar::parse(strict(region.rule, piece), piece).err();
    drop(recording);
    let furthest = region.piece.start + failure.as_ref().map_or(0, furthest);
    let furthest = region.squeezed.original(furthest);
    let place = Place::find(region.text, region.start, furthest);
    let expected = Expected::of(failure.as_ref());
    if place.first == "try" && matches!(place.found, "finally" | "catch") {
        return None;
    }
    Some(message::message(region, &place, &expected))
}

/// While it lives, pest keeps what it tries, which makes parsing several times as slow on all threads.
struct Recording;

/// How many live.
static RECORDINGS: Mutex<usize> = Mutex::new(0);

impl Recording {
    fn start() -> Self {
        let mut count = RECORDINGS.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        pest::set_error_detail(true);
        Self
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut count = RECORDINGS.lock().unwrap_or_else(PoisonError::into_inner);
        *count -= 1;
        pest::set_error_detail(*count > 0);
    }
}

fn strict(rule: Rule, piece: &str) -> Rule {
    match rule {
        Rule::bad_item => Rule::strict_item,
        Rule::bad_extern_item => Rule::strict_extern_item,
        Rule::bad_member => Rule::strict_member,
        _ if piece.starts_with("case") || piece.starts_with("default") => Rule::strict_section,
        _ => Rule::strict_statement,
    }
}

fn furthest(error: &Error<Rule>) -> usize {
    let tried = error
        .parse_attempts()
        .map_or(0, |attempts| attempts.max_position);
    let failed = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    tried.max(failed)
}
