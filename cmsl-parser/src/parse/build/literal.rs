//! The values of literals.

use std::sync::Arc;

use super::{Builder, Pair};
use crate::ast::Literal;
use crate::diagnostic::{BAD_LITERAL, BAD_NUMBER};
use crate::parse::span;

impl<'a> Builder<'a> {
    /// `12`, `0x1f`, `1.5e3`; `None` once a malformed one has been reported.
    pub(super) fn number(&mut self, pair: Pair<'a>) -> Option<Literal> {
        match number(pair.text()) {
            Ok(literal) => Some(literal),
            Err((message, help)) => {
                let span = self.span(pair);
                self.error(BAD_NUMBER, span, message, help);
                None
            }
        }
    }

    /// `"text"`, escapes resolved.
    pub(super) fn string(&mut self, pair: Pair<'a>) -> Arc<str> {
        let text = pair.text();
        let body = text.get(1..text.len() - 1).unwrap_or_default();
        if body.contains('\\') {
            self.unescape(body, pair.start() + 1).into()
        } else {
            self.intern(body)
        }
    }

    /// `'c'`; `None` once a malformed one has been reported.
    pub(super) fn character(&mut self, pair: Pair<'a>) -> Option<Literal> {
        let text = pair.text();
        let body = text.get(1..text.len() - 1).unwrap_or_default();
        let reported = self.diagnostics.len();
        let value = self.unescape(body, pair.start() + 1);
        let mut characters = value.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return Some(Literal::Char(character));
        }
        if self.diagnostics.len() == reported {
            let span = self.span(pair);
            let message = "a character literal holds exactly one character";
            self.error(
                BAD_LITERAL,
                span,
                message,
                "write a string, \"…\", for any other number",
            );
        }
        None
    }

    fn unescape(&mut self, body: &str, start: usize) -> String {
        let mut value = String::with_capacity(body.len());
        let mut rest = body;
        while let Some((plain, escape)) = rest.split_once('\\') {
            value.push_str(plain);
            let at = start + body.len() - escape.len() - 1;
            let (character, length) = escaped(escape);
            match character {
                Some(character) => value.push(character),
                None => self.error(
                    BAD_LITERAL,
                    span(self.file, at, at + 1 + length),
                    "this escape does not exist",
                    "the escapes are \\n \\r \\t \\0 \\\\ \\' \\\" and \\u{1F6E9}",
                ),
            }
            rest = escape.get(length..).unwrap_or_default();
        }
        value.push_str(rest);
        value
    }
}

/// The character after a backslash, and how many bytes it takes.
fn escaped(text: &str) -> (Option<char>, usize) {
    let Some(first) = text.chars().next() else {
        return (None, 0);
    };
    let simple = match first {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        '\\' | '\'' | '"' => first,
        'u' => return unicode(text),
        _ => return (None, first.len_utf8()),
    };
    (Some(simple), 1)
}

/// `u{1F6E9}`
fn unicode(text: &str) -> (Option<char>, usize) {
    let digits = text
        .strip_prefix("u{")
        .and_then(|rest| rest.split_once('}'));
    let Some((digits, _)) = digits.filter(|(digits, _)| (1..=6).contains(&digits.len())) else {
        return (None, 1);
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| plain);
    (value.and_then(char::from_u32), digits.len() + 3)
}

fn number(text: &str) -> Result<Literal, (String, &'static str)> {
    const LARGE: &str =
        "the largest integer is 18446744073709551615; real numbers have a point, `1.0`";
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let help = "hexadecimal numbers look like `0x1f`";
            return Err((format!("`{}` is no number", shown(text)), help));
        }
        let too_large = |_| (format!("`{}` is too large", shown(text)), LARGE);
        return u64::from_str_radix(digits, 16)
            .map(Literal::Integer)
            .map_err(too_large);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        if text.len() > 1 && text.starts_with('0') {
            let help = "drop the zeros in front; octal numbers do not exist";
            return Err((format!("`{}` begins with a zero", shown(text)), help));
        }
        let too_large = |_| (format!("`{}` is too large", shown(text)), LARGE);
        return text.parse().map(Literal::Integer).map_err(too_large);
    }
    let known =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.bytes().all(known) {
        let help = "numbers look like `12`, `0x1f`, `1.5` or `2e6`, without a suffix; \
                    a cast, `(float) 1.5`, chooses the type";
        return Err((format!("`{}` is no number", shown(text)), help));
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Literal::Real(value)),
        Ok(_) => Err((
            format!("`{}` is too large", shown(text)),
            "the largest real number is about 1.797e308",
        )),
        Err(_) => Err((
            format!("`{}` is no number", shown(text)),
            "an exponent has digits, `2e6`",
        )),
    }
}

/// A literal as a message shows it: its beginning, if it is long.
fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
