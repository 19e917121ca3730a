//! The tokens around the position at which a parse failed.

/// The tokens around the furthest position.
pub(super) struct Place<'a> {
    /// The first token of the piece.
    pub first: &'a str,
    /// The token that did not fit; empty at the end of the file.
    pub found: &'a str,
    /// Where it stands.
    pub at: usize,
    /// The token before it in the piece.
    pub before: &'a str,
    /// Where that one ends.
    pub before_end: usize,
    /// Whether a line ends between the two.
    pub new_line: bool,
}

impl<'a> Place<'a> {
    /// Walks over the tokens from the start of a piece up to the furthest position.
    pub fn find(text: &'a str, start: usize, furthest: usize) -> Self {
        let (mut before, mut before_end) = ("", start);
        let mut at = skip_blank(text, start);
        let first = token(text, at);
        while at < furthest {
            let token = token(text, at);
            if token.is_empty() || at + token.len() > furthest {
                break;
            }
            (before, before_end) = (token, at + token.len());
            at = skip_blank(text, before_end);
        }
        let between = text.get(before_end..at).unwrap_or_default();
        Place {
            found: token(text, at),
            first,
            at,
            before,
            before_end,
            new_line: between.contains('\n'),
        }
    }
}

/// Where the next token begins, at an offset or behind it.
pub(crate) fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let comment = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if trimmed.starts_with("/*") {
            trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
        } else {
            return at;
        };
        at += comment;
    }
}

/// The token at an offset, cut as the eye does: names, numbers, literals, operators.
pub(crate) fn token(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        return "";
    };
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let length = if first.is_ascii_digit() {
        number_length(rest)
    } else if is_word(first) {
        rest.find(|character| !is_word(character))
            .unwrap_or(rest.len())
    } else if first == '"' || first == '\'' {
        literal_length(rest, first)
    } else {
        const OPERATORS: [&str; 23] = [
            "<<=", ">>=", "...", "->", "++", "--", "::", "==", "!=", "<=", ">=", "&&", "||", "+=",
            "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
        ];
        let operator = OPERATORS
            .iter()
            .find(|operator| rest.starts_with(**operator));
        operator.map_or(first.len_utf8(), |operator| operator.len())
    };
    rest.get(..length).unwrap_or(rest)
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let hexadecimal = matches!(at(1), b'x' | b'X');
    let mut length = 0;
    loop {
        let signed = !hexadecimal && length > 0 && matches!(at(length - 1), b'e' | b'E');
        let goes_on = is_word(at(length))
            || (at(length) == b'.' && at(length + 1).is_ascii_digit() && !hexadecimal)
            || (signed && matches!(at(length), b'+' | b'-') && at(length + 1).is_ascii_digit());
        if !goes_on {
            return length;
        }
        length += 1;
    }
}

fn literal_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if !escaped && character == quote {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    rest.len()
}
