//! The words of a text before a place, backwards, as far as a completion needs them.
//!
//! While somebody types, the text around the place is no program: what it means is read off its words, not off a
//! tree. Comments and strings are passed over as far as their line shows them.

use std::ops::Range;

/// A word, a number, a string, or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// Its text.
    pub text: &'t str,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Bytes that are looked at before the place: a statement is never longer.
const REACH: usize = 1 << 16;

/// The tokens of the statement before a place, from its start or from the brace or semicolon before it on.
pub fn statement(text: &str, offset: usize) -> Vec<Token<'_>> {
    let from = text.floor_char_boundary(offset.saturating_sub(REACH));
    let start = text
        .get(from..offset)
        .and_then(|before| before.rfind([';', '{', '}']));
    let start = start.map_or(from, |at| from + at);
    tokens(text, start..offset)
}

/// All tokens of a part of a text.
pub fn tokens(text: &str, part: Range<usize>) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = part.start;
    while let Some(rest) = text.get(at..part.end).filter(|rest| !rest.is_empty()) {
        let length = length(rest);
        if let Some(token) = rest.get(..length)
            && !token.starts_with(char::is_whitespace)
            && !token.starts_with("//")
            && !token.starts_with("/*")
        {
            found.push(Token {
                text: token,
                range: at..at + length,
            });
        }
        at += length.max(1);
    }
    found
}

/// How long the first token is; never nothing.
fn length(rest: &str) -> usize {
    let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
    let Some(first) = rest.chars().next() else {
        return 0;
    };
    if first.is_whitespace() {
        return run(char::is_whitespace);
    }
    if first.is_ascii_alphanumeric() || first == '_' {
        return run(|c| c.is_ascii_alphanumeric() || c == '_');
    }
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if first == '"' || first == '\'' {
        return quoted(rest, first);
    }
    for sign in ["->", "::"] {
        if rest.starts_with(sign) {
            return sign.len();
        }
    }
    first.len_utf8()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// The token that opens what the last of the tokens closes.
pub fn opener(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.text {
            ")" | "]" => depth += 1,
            "(" | "[" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a block that is open at the start of a part of a text is closed in it.
pub fn closes_block(text: &str, part: Range<usize>) -> bool {
    let mut depth = 0i64;
    tokens(text, part).iter().any(|token| {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth < 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let tokens = statement(text, text.len());
        tokens.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn a_statement_is_taken_apart_from_its_start() {
        assert_eq!(
            texts("f (); // no\n  a->b[1].c (\"x;\", d::e) /* ; */ ->"),
            [";", "*", "/", "->"],
            "the last semicolon counts, wherever it stands"
        );
        assert_eq!(
            texts("{ a->b[1].c (\"x\", 'y')::"),
            [
                "{", "a", "->", "b", "[", "1", "]", ".", "c", "(", "\"x\"", ",", "'y'", ")", "::"
            ]
        );
    }

    #[test]
    fn brackets_lead_back_to_what_opens_them() {
        let tokens = statement("f (a (1), b)", 12);
        assert_eq!(opener(&tokens), Some(1));
        assert_eq!(opener(&tokens[..4]), None);
    }

    #[test]
    fn a_block_that_is_closed_is_seen() {
        let text = "{ int i; { } } x";
        assert!(closes_block(text, 1..text.len()));
        assert!(!closes_block(text, 1..12));
    }
}
