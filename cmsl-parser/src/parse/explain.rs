//! Why the grammar did not take a piece of text.
//!
//! The piece is parsed again by the strict rule of its place, with pest's record of what was tried at the
//! furthest position; what was expected there and what was found make the message.

mod expected;
mod foreign;
mod message;
mod place;
mod server;

use std::ops::Range;
use std::sync::Once;

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
    record_attempts();
    let failure = Grammar::parse(strict(region.rule, piece), piece).err();
    let furthest = region.piece.start + failure.as_ref().map_or(0, furthest);
    let furthest = region.squeezed.original(furthest);
    let place = Place::find(region.text, region.start, furthest);
    let expected = Expected::of(failure.as_ref());
    if place.first == "try" && place.found == "finally" {
        return None;
    }
    Some(message::message(region, &place, &expected))
}

/// Makes pest keep what it tried. It stays on: it slows further parsing in this process, which has an
/// error to report anyway, and switching it off would disturb a parse on another thread.
fn record_attempts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| pest::set_error_detail(true));
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
