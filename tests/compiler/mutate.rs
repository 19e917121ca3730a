//! Programs with mistakes in them: what people and cats do to a text, the same in each run.

use std::ops::Range;
use std::path::Path;

use cmsl_tests::Dice;

/// The valid programs of the compiler's cases, and a part of what the front end is measured with.
pub fn programs() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases/ok");
    let paths = super::cases(&folder).into_iter();
    let mut programs: Vec<(String, String)> = paths
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path)))
        .filter_map(|(path, text)| Some((path, text.ok()?)))
        .collect();
    programs.push(("corpus.cmsl".to_owned(), super::corpus::program(300)));
    programs
}

/// The programs that the tests run.
pub fn small_programs() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let paths = super::cases(&folder).into_iter();
    paths
        .filter_map(|path| {
            Some((
                path.display().to_string(),
                std::fs::read_to_string(path).ok()?,
            ))
        })
        .collect()
}

/// Where the tokens of a text stand: words, numbers, strings and signs, one character each.
pub fn tokens(text: &str) -> Vec<Range<usize>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        if text[start..].starts_with("//") {
            while rest.next_if(|&(_, c)| c != '\n').is_some() {}
            continue;
        }
        let mut end = start + c.len_utf8();
        if is_word(c) {
            while let Some((at, c)) = rest.next_if(|&(_, c)| is_word(c)) {
                end = at + c.len_utf8();
            }
        } else if c == '"' || c == '\'' {
            let mut escaped = false;
            for (at, next) in rest.by_ref() {
                end = at + next.len_utf8();
                if next == '\n' || (next == c && !escaped) {
                    break;
                }
                escaped = next == '\\' && !escaped;
            }
        } else {
            let two = [
                "->", "::", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=",
            ];
            if two.iter().any(|two| text[start..].starts_with(two)) {
                rest.next();
                end = start + 2;
            }
        }
        tokens.push(start..end);
    }
    tokens
}

const WORDS: [&str; 36] = [
    "x",
    "class",
    "{",
    "}",
    "(",
    ")",
    ";",
    "->",
    ".",
    "int",
    "return",
    "server",
    "new",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "<",
    ">",
    "::",
    "=",
    "==",
    "module",
    "using",
    "1",
    "0.5e",
    "ä",
    "\u{1F600}",
    "\r\n",
    "accept",
    "timeout",
    "for every",
    "const",
    "if",
    "[",
];

/// A text with one change in it.
pub fn changed(text: &str, dice: &mut Dice) -> String {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return dice.pick(&WORDS).to_owned();
    }
    let one = dice.pick(&tokens);
    let other = dice.pick(&tokens);
    let mut changed = text.to_owned();
    match dice.below(10) {
        0 => changed.replace_range(one, ""),
        1 => changed.insert_str(one.start, &format!("{} ", &text[one.clone()])),
        2 => changed.replace_range(one, &text[other]),
        3 => changed.insert_str(one.start, dice.pick(&WORDS)),
        4 => changed.replace_range(one, dice.pick(&WORDS)),
        5 => changed.insert(one.end, 'x'),
        6 => changed.insert_str(one.start, "\n\n"),
        7 => {
            // A line, or a paragraph, moves.
            let separator = if dice.below(2) == 0 { "\n" } else { "\n\n" };
            let mut parts: Vec<&str> = text.split(separator).collect();
            let part = parts.remove(dice.below(parts.len()));
            parts.insert(dice.below(parts.len() + 1), part);
            changed = parts.join(separator);
        }
        8 => {
            // A name becomes another one everywhere.
            let word = &text[one.clone()];
            if word.chars().all(char::is_alphanumeric) {
                changed = text.replace(word, &format!("{word}_"));
            }
        }
        _ => {
            let end = (one.start + dice.below(200)).min(text.len());
            changed.replace_range(one.start..text.ceil_char_boundary(end), "");
        }
    }
    changed
}
