//! Tokens and comments, and how they stood to one another in the text.

use crate::ast::{Comment, CommentKind};
use crate::parse::token;

/// What a token is, as far as the layout cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a number, a literal, an operator, a bracket.
    Code,
    /// A comment on a line of its own.
    Alone,
    /// A comment behind something, with nothing behind it on its line.
    Behind,
    /// A block comment before something on its line.
    Before,
}

/// A token or a comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    pub start: usize,
    pub kind: Kind,
    /// Whether it is the first on its line.
    pub starts_line: bool,
    /// Whether there is a blank line before it.
    pub after_blank_line: bool,
}

impl Token<'_> {
    /// Whether it is the text of code, not of a comment.
    pub fn is(&self, text: &str) -> bool {
        self.kind == Kind::Code && self.text == text
    }
}

/// Cuts a text that has the form of a program.
pub(super) fn tokens<'a>(text: &'a str, comments: &[Comment]) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    let mut comments = comments.iter().peekable();
    let (mut at, mut before) = (0, 0);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let comment = comments.next_if(|comment| comment.span.start as usize == at);
        let found = match comment {
            Some(comment) => text.get(comment.span.range()).unwrap_or_default(),
            None => token(text, at),
        };
        if found.is_empty() {
            return tokens;
        }
        let between = text.get(before..at).unwrap_or_default();
        let starts_line = before == 0 || between.contains('\n');
        let kind = comment.map_or(Kind::Code, |comment| {
            let rest = text.get(at + found.len()..).unwrap_or_default();
            kind_of(comment, starts_line, rest)
        });
        tokens.push(Token {
            text: found,
            start: at,
            kind,
            starts_line,
            after_blank_line: between.matches('\n').count() > 1,
        });
        at += found.len();
        before = at;
    }
}

fn kind_of(comment: &Comment, first_of_line: bool, rest: &str) -> Kind {
    let line = rest.split('\n').next().unwrap_or_default();
    let last_of_line = comment.kind != CommentKind::Block || line.trim().is_empty();
    match (first_of_line, last_of_line) {
        (true, true) => Kind::Alone,
        (false, true) => Kind::Behind,
        (_, false) => Kind::Before,
    }
}
