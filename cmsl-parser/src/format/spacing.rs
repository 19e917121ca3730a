//! Whether a space stands between two tokens of a line.

use super::marks::Mark;
use crate::parse::would_join;

/// A token with what is known about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    pub mark: Option<Mark>,
    pub is_comment: bool,
}

impl Piece<'_> {
    fn is(&self, texts: &[&str]) -> bool {
        !self.is_comment && texts.contains(&self.text)
    }

    fn is_word(&self) -> bool {
        let first = self.text.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    fn closes_generic(&self) -> bool {
        self.mark == Some(Mark::Generic) && self.text.starts_with('>')
    }
}

/// Whether a space stands between two neighbours.
pub(super) fn space(before: &Piece<'_>, next: &Piece<'_>) -> bool {
    if wants_space(before, next) {
        return true;
    }
    let both_close = before.closes_generic() && next.closes_generic();
    let last = before.text.bytes().next_back().unwrap_or(b' ');
    let first = next.text.bytes().next().unwrap_or(b' ');
    !both_close && !touches(before, next) && would_join(last, first)
}

/// Tokens that stand side by side and would, by their letters alone, seem to be one: `a.b`, `1]`.
fn touches(before: &Piece<'_>, next: &Piece<'_>) -> bool {
    let dot = before.is(&["."]) || next.is(&["."]);
    let digit = |piece: &Piece<'_>| {
        piece
            .text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_digit())
    };
    dot && !digit(before) && !digit(next)
}

fn wants_space(before: &Piece<'_>, next: &Piece<'_>) -> bool {
    if before.is(&["(", "[", ".", "->", "::"]) || before.mark == Some(Mark::Prefix) {
        return false;
    }
    if next.is(&[";", ",", ")", "]", "[", ".", "->", "::"]) {
        return before.is_comment && !next.is(&[";", ",", ")", "]"]);
    }
    if before.is(&["{"]) && next.is(&["}"]) {
        return false;
    }
    match next.mark {
        Some(Mark::Postfix | Mark::LabelEnd | Mark::AccessEnd) => return false,
        Some(Mark::Generic) => return false,
        _ => {}
    }
    if before.mark == Some(Mark::Generic) && before.text == "<" {
        return false;
    }
    if next.is(&["("]) {
        let called = before.is_word() || before.closes_generic() || before.is(&["]"]);
        return called || !before.is(&[")"]) || before.mark == Some(Mark::CastEnd);
    }
    true
}
