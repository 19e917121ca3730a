//! A declaration or statement whose first word is not the one that was meant.

use super::Region;
use super::place::{Place, skip_blank, token};
use crate::Diagnostic;
use crate::diagnostic::{UNEXPECTED, nearest};
use crate::parse::grammar::Rule;
use crate::parse::span;
use crate::words::{self, is_keyword};

const ITEMS: [&str; 10] = [
    "class", "const", "enum", "extern", "import", "module", "public", "server", "typedef", "using",
];
const MEMBERS: [&str; 5] = ["attribute", "invariant", "private", "public", "relation"];
const STATEMENTS: [&str; 16] = [
    "accept", "assert", "break", "case", "continue", "default", "delete", "do", "else", "for",
    "if", "return", "switch", "throw", "try", "while",
];

/// Words that other languages have before a class or function.
const MODIFIERS: [&str; 4] = ["export", "internal", "private", "public"];

/// The message for such a mistake.
pub(super) fn mistake(region: &Region<'_>, place: &Place<'_>) -> Option<Diagnostic> {
    let first = place.first;
    let is_item = matches!(region.rule, Rule::bad_item | Rule::bad_extern_item);
    let start = skip_blank(region.text, region.start);
    let at = |start: usize, word: &str| span(region.file, start, start + word.len());
    if is_item && MODIFIERS.contains(&first) {
        let message = format!("`{first}` means nothing outside of a class");
        let help = "what stands outside of classes can be used everywhere: remove the word";
        return Some(Diagnostic::new(UNEXPECTED, at(start, first), message).help(help));
    }
    let second_at = skip_blank(region.text, start + first.len());
    let second = token(region.text, second_at);
    if first == "import" && is_word(second) {
        let message = "the file of an import stands in quotes";
        let rest = region.text.get(second_at..).unwrap_or_default();
        let is_path = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
        let path = rest.get(..rest.len() - rest.trim_start_matches(is_path).len());
        let path = path.unwrap_or(second);
        let help = format!("write `import \"{path}\";`");
        return Some(Diagnostic::new(UNEXPECTED, at(second_at, path), message).help(help));
    }
    // `class c : publik base`
    let is_head = matches!(first, "class" | "server") && is_item && is_word(place.found);
    if is_head && nearest(place.before, ["public"]).is_some() {
        let word = place.before;
        return Some(misspelt(
            at(place.before_end - word.len(), word),
            word,
            "public",
        ));
    }
    let third = token(
        region.text,
        skip_blank(region.text, second_at + second.len()),
    );
    let begins = match second {
        "{" | ":" => true,
        "(" => place.found == "{",
        _ if second.starts_with(|c: char| c == '"' || c.is_ascii_digit()) => true,
        _ => is_keyword(second) || (is_word(second) && third == "{"),
    };
    if !begins || !is_word(first) || is_keyword(first) {
        return None;
    }
    let meant = match region.rule {
        Rule::bad_item | Rule::bad_extern_item => nearest(first, ITEMS),
        Rule::bad_member => nearest(first, MEMBERS),
        _ => nearest(first, STATEMENTS),
    };
    meant.map(|meant| misspelt(at(start, first), first, meant))
}

/// The message for a word before a declaration that is none of the language.
pub(super) fn stray(region: &Region<'_>, place: &Place<'_>) -> Option<Diagnostic> {
    const DECLARE: [&str; 5] = ["attribute", "class", "const", "relation", "server"];
    let word = place.first;
    let start = skip_blank(region.text, region.start);
    let next = token(region.text, skip_blank(region.text, start + word.len()));
    let declares = words::is_type(next) || DECLARE.contains(&next);
    let is_there = [place.before, place.found].contains(&next);
    if !declares || !is_there || !is_word(word) || is_keyword(word) {
        return None;
    }
    let message = format!("`{word}` means nothing here");
    let help = format!("remove it: the declaration begins with `{next}`");
    let at = span(region.file, start, start + word.len());
    Some(Diagnostic::new(UNEXPECTED, at, message).help(help))
}

fn misspelt(at: crate::Span, word: &str, meant: &str) -> Diagnostic {
    let message = format!("`{word}` means nothing here");
    Diagnostic::new(UNEXPECTED, at, message).help(format!("did you mean `{meant}`?"))
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
