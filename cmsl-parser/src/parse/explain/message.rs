//! The words of a message about text that does not fit.

use super::Region;
use super::expected::Expected;
use super::first_word;
use super::foreign;
use super::place::Place;
use super::server;
use crate::diagnostic::{ASSIGNMENT_VALUE, KEYWORD, UNEXPECTED};
use crate::parse::span;
use crate::words::is_keyword;
use crate::{Diagnostic, Span};

pub(super) fn message(region: &Region<'_>, place: &Place<'_>, expected: &Expected) -> Diagnostic {
    let found = span(region.file, place.at, place.at + place.found.len());
    let before = span(
        region.file,
        place.before_end - place.before.len(),
        place.before_end,
    );
    first_word::mistake(region, place)
        .or_else(|| foreign::word(region, place))
        .or_else(|| server::mistake(region, place, expected))
        .or_else(|| foreign::idiom(region, place, expected))
        .or_else(|| orphan(region, place))
        .or_else(|| missing_semicolon(region, place, expected))
        .or_else(|| first_word::stray(region, place))
        .or_else(|| pointer(place, expected, found))
        .or_else(|| assignment(place, expected, found))
        .or_else(|| keyword(place, expected, before, found))
        .unwrap_or_else(|| unexpected(region, place, expected, found))
}

/// The second half of a statement without the first.
fn orphan(region: &Region<'_>, place: &Place<'_>) -> Option<Diagnostic> {
    let (belongs, help) = match place.first {
        "else" => (
            "if",
            "an `else` follows one statement, or several in braces",
        ),
        "catch" => ("try", "write `try { … } catch (…) { … }`"),
        "case" | "default" if place.before.is_empty() => {
            ("switch", "write `switch (x) { case 1: … default: … }`")
        }
        _ => return None,
    };
    let start = region.find(place.first)?;
    let span = span(region.file, start, start + place.first.len());
    if place.first == "catch" && place.found == "{" {
        let message = "a `catch` says what it takes";
        let help = "write `catch (exception e) { … }`, which takes everything";
        return Some(Diagnostic::new(UNEXPECTED, span, message).help(help));
    }
    let message = format!("this `{}` belongs to no `{belongs}`", place.first);
    Some(Diagnostic::new(UNEXPECTED, span, message).help(help))
}

fn missing_semicolon(
    region: &Region<'_>,
    place: &Place<'_>,
    expected: &Expected,
) -> Option<Diagnostic> {
    let ended = place.new_line || matches!(place.found, "}" | "");
    if !ended || !expected.has(";") || place.before.is_empty() {
        return None;
    }
    let last = place.before.chars().next_back().map_or(0, char::len_utf8);
    let span = span(region.file, place.before_end - last, place.before_end);
    let diagnostic = Diagnostic::new(UNEXPECTED, span, "expected `;` behind this");
    Some(diagnostic.help(if place.before.ends_with(is_letter) {
        format!("write `{};`", place.before)
    } else {
        "end the statement with `;`".to_owned()
    }))
}

fn pointer(place: &Place<'_>, expected: &Expected, found: Span) -> Option<Diagnostic> {
    let fits = expected.expression() || expected.name();
    if !matches!(place.found, "*" | "&") || !fits {
        return None;
    }
    let message = format!("`{}` has no meaning before a name", place.found);
    let help =
        "there are no pointers: a variable of a class refers to objects by itself; remove it";
    Some(Diagnostic::new(UNEXPECTED, found, message).help(help))
}

fn assignment(place: &Place<'_>, expected: &Expected, found: Span) -> Option<Diagnostic> {
    let assigns = place.found == "="
        || (place.found.len() > 1
            && place.found.ends_with('=')
            && !matches!(place.found, "==" | "!=" | "<=" | ">="));
    if !assigns || expected.expression() || (place.found == "=" && !expected.operator()) {
        return None;
    }
    let help = "write `==` to compare; to assign, write a statement of its own";
    Some(Diagnostic::new(ASSIGNMENT_VALUE, found, "an assignment has no value here").help(help))
}

fn keyword(
    place: &Place<'_>,
    expected: &Expected,
    before: Span,
    found: Span,
) -> Option<Diagnostic> {
    let (word, span) = if is_keyword(place.before) && expected.only_more_letters() {
        (place.before, before)
    } else if is_keyword(place.found) && expected.name() {
        (place.found, found)
    } else {
        return None;
    };
    let message = format!("`{word}` is a keyword and cannot stand here");
    Some(Diagnostic::new(KEYWORD, span, message).help("choose another name"))
}

fn unexpected(
    region: &Region<'_>,
    place: &Place<'_>,
    expected: &Expected,
    found: Span,
) -> Diagnostic {
    let mut words = expected.words();
    let is_named = place.before.ends_with(is_letter) && !is_keyword(place.before);
    if is_named && expected.goes_on() {
        words.retain(|word| word != "a name");
    }
    let condition = [
        "if",
        "while",
        "switch",
        "for",
        "catch",
        "assert",
        "invariant",
        "pre",
        "post",
    ]
    .contains(&place.before);
    if condition && words.iter().any(|word| word == "`(`") {
        words.retain(|word| word == "`(`");
    }
    let shown = match place.found {
        "" => "the end of the file".to_owned(),
        token => format!("`{}`", shorten(token)),
    };
    let (Some(first), false) = (words.first(), words.len() > 6) else {
        let message = format!("{shown} does not fit here");
        let help = match region.rule {
            crate::parse::grammar::Rule::bad_item => {
                "here stands a class, a function, a variable, an enum, a typedef, a module or an import"
            }
            crate::parse::grammar::Rule::bad_member => {
                "here stands an attribute, a relation, a method, a constructor or an invariant"
            }
            _ => "here stands a statement",
        };
        return Diagnostic::new(UNEXPECTED, found, message).help(help);
    };
    let message = format!("expected {}, found {shown}", list(&words));
    let help = match place.found {
        _ if condition && first == "`(`" => {
            format!("write `{} (…)`, with parentheses", place.before)
        }
        "" => format!("write {first}"),
        ";" if words.iter().any(|word| word == "`,`")
            && !words.iter().any(|word| word == "`)`") =>
        {
            "write `,` in place of `;`".to_owned()
        }
        _ => format!("write {first} before {shown}"),
    };
    Diagnostic::new(UNEXPECTED, found, message).help(help)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn shorten(token: &str) -> String {
    match token.char_indices().nth(24) {
        Some((end, _)) => format!("{}…", token.get(..end).unwrap_or_default()),
        None => token.to_owned(),
    }
}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
