//! Mistakes in what is said of servers, loops and timeouts, and what to write.

use super::Region;
use super::expected::Expected;
use super::place::{Place, skip_blank, token};
use crate::Diagnostic;
use crate::diagnostic::UNEXPECTED;
use crate::parse::build::switch_help;
use crate::parse::span;
use crate::words::is_keyword;

/// The properties that take a value in parentheses.
const WITH_VALUE: [&str; 6] = [
    "replicas",
    "tolerance",
    "tolerate",
    "hosts",
    "priority",
    "name",
];

const FOR_EVERY: &str = "write `for every i, 0 <= i < n, statement`";

/// Whether a word at the end of a piece stands in parentheses or behind a comma.
fn in_arguments(piece: &str, word: &str) -> bool {
    let before = piece.trim_end().strip_suffix(word).unwrap_or_default();
    before.trim_end().ends_with(['(', ','])
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !is_keyword(token)
}

/// Whether a token looks like the value of a switch.
fn is_value(found: &str) -> bool {
    matches!(found, "=" | "true" | "false" | "1" | "0")
}

/// Whether `… server … name (` stands at the end.
fn is_name_of_server(piece: Option<&str>) -> bool {
    let piece = piece.unwrap_or_default();
    let before = piece.trim_end().strip_suffix('(').unwrap_or_default();
    let word = before.trim_end().strip_suffix("name");
    word.is_some_and(|rest| rest.ends_with(char::is_whitespace) && rest.contains("server "))
}

/// The token that does not fit, and the one before it: a keyword where a name could stand was read as the beginning
/// of a longer name.
fn tokens<'a>(region: &Region<'a>, place: &Place<'a>, expected: &Expected) -> (&'a str, &'a str) {
    if !is_keyword(place.before) || !expected.only_more_letters() {
        return (place.before, place.found);
    }
    let end = place.before_end - place.before.len();
    let piece = region
        .text
        .get(region.start..end)
        .unwrap_or_default()
        .trim_end();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word = piece.trim_end_matches(is_word).len();
    let sign = piece.len().saturating_sub(1);
    let last = piece.get(word.min(sign)..).unwrap_or_default();
    (last, place.before)
}

/// The message for such a mistake.
pub(super) fn mistake(
    region: &Region<'_>,
    place: &Place<'_>,
    expected: &Expected,
) -> Option<Diagnostic> {
    let piece = region.text.get(region.start..place.at).unwrap_or_default();
    let (before, found) = tokens(region, place, expected);
    let start = if found == place.found {
        place.at
    } else {
        place.before_end - found.len()
    };
    let says = |word: &str| piece.split_whitespace().any(|known| known == word);
    if expected.has(";") && says("server") && is_name(before) {
        // A property, it seems, but it stands on a line of its own: the next statement.
        let line = region.text.get(..start).unwrap_or_default();
        let line = line.trim_end().strip_suffix(before).unwrap_or_default();
        let end = line.trim_end();
        if line.get(end.len()..).unwrap_or_default().contains('\n') && end.len() > region.start {
            let last = end.chars().next_back().map_or(0, char::len_utf8);
            let at = span(region.file, end.len() - last, end.len());
            let help = "end the statement with `;`";
            return Some(Diagnostic::new(UNEXPECTED, at, "expected `;` behind this").help(help));
        }
    }
    let (message, help) = match (before, found) {
        (property, "=") if WITH_VALUE.contains(&property) && in_arguments(piece, property) => (
            "the properties of a server stand behind the class".to_owned(),
            format!(
                "write `server c {property} (…)`: the parentheses of the class are for its constructor"
            ),
        ),
        (property, found) if WITH_VALUE.contains(&property) && says("server") && found != "(" => {
            let message = format!("the value of `{property}` stands in parentheses");
            let behind = skip_blank(region.text, place.at + 1);
            let value = if found == "=" {
                token(region.text, behind)
            } else {
                found
            };
            (message, format!("write `{property} ({value})`"))
        }
        (switch @ ("durable" | "disjoint"), found) if says("server") && is_value(found) => (
            format!("`{switch}` is a word of its own"),
            switch_help(switch),
        ),
        ("(", found) if is_name_of_server(piece.get(..start - region.start)) => (
            "the name of a server is a text".to_owned(),
            format!("write `name (\"{found}\")`"),
        ),
        (named @ ("model" | "protocol"), "(") if says("server") => (
            format!("the value of `{named}` stands without parentheses"),
            format!(
                "write `{named} {}`",
                if named == "model" {
                    "crash"
                } else {
                    "executive"
                }
            ),
        ),
        ("new", "server") => (
            "a server is not made with `new`".to_owned(),
            "write `server c` without `new`".to_owned(),
        ),
        ("server", "[") => (
            "the number of servers stands behind the class".to_owned(),
            "write `server c [3]`".to_owned(),
        ),
        ("timeout", found) if found != "(" => (
            "the seconds of a `timeout` stand in parentheses".to_owned(),
            match found {
                "{" | ";" | "" => {
                    "write `timeout (2)`, or as many seconds as you want to wait".to_owned()
                }
                _ => format!("write `timeout ({found})`"),
            },
        ),
        (")", found) if says("timeout") && expected.has(";") && !found.is_empty() => (
            "what is done when the time is over is a block".to_owned(),
            format!("write `{{` before `{found}`, and `}}` behind the statement"),
        ),
        (_, found) if WITH_VALUE.contains(&found) && says("new") && !says("server") => (
            format!("`{found}` is a property of servers"),
            "write `server` instead of `new`".to_owned(),
        ),
        ("every", "(") => (
            "what is said of a `for every` stands without parentheses".to_owned(),
            FOR_EVERY.to_owned(),
        ),
        ("every", "int" | "long" | "short" | "octet") => (
            "the variable of a `for every` is an `int` without saying so".to_owned(),
            format!("leave `{found}` out: {FOR_EVERY}"),
        ),
        (_, "in" | ":" | "=") if place.first == "for" && says("every") => (
            "the range of a `for every` stands between commas".to_owned(),
            FOR_EVERY.to_owned(),
        ),
        (_, "{") if place.first == "for" && says("every") => (
            "a comma stands before the statement of a `for every`".to_owned(),
            FOR_EVERY.to_owned(),
        ),
        _ => return None,
    };
    let at = span(region.file, start, start + found.len());
    Some(Diagnostic::new(UNEXPECTED, at, message).help(help))
}
