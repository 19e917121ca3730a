//! Mistakes in what is said of servers, loops and timeouts, and what to write.

use super::Region;
use super::expected::Expected;
use super::place::Place;
use crate::Diagnostic;
use crate::diagnostic::UNEXPECTED;
use crate::parse::span;

/// The properties that take a value in parentheses.
const WITH_VALUE: [&str; 6] = [
    "replicas",
    "tolerance",
    "tolerate",
    "hosts",
    "priority",
    "name",
];

/// The message for such a mistake.
pub(super) fn mistake(
    region: &Region<'_>,
    place: &Place<'_>,
    expected: &Expected,
) -> Option<Diagnostic> {
    let piece = region.text.get(region.start..place.at).unwrap_or_default();
    let says = |word: &str| piece.split_whitespace().any(|known| known == word);
    let (message, help) = match (place.before, place.found) {
        (property, found) if WITH_VALUE.contains(&property) && says("server") && found != "(" => {
            let message = format!("the value of `{property}` stands in parentheses");
            (message, format!("write `{property} ({found})`"))
        }
        ("server", _) if piece.trim_end().ends_with("new server") => (
            "a server is not made with `new`".to_owned(),
            "write `server c` without `new`".to_owned(),
        ),
        ("server", "[") => (
            "the number of servers stands behind the class".to_owned(),
            "write `server c [3]`".to_owned(),
        ),
        ("timeout", found) if found != "(" => (
            "the seconds of a `timeout` stand in parentheses".to_owned(),
            format!("write `timeout ({found})`"),
        ),
        (")", found) if says("timeout") && expected.has(";") && !found.is_empty() => (
            "what is done when the time is over is a block".to_owned(),
            format!("write `{{` before `{found}`, and `}}` behind the statement"),
        ),
        (_, found) if WITH_VALUE.contains(&found) && says("new") && !says("server") => (
            format!("`{found}` is a property of servers"),
            "write `server` instead of `new`".to_owned(),
        ),
        (_, "{") if place.first == "for" && says("every") => (
            "a comma stands before the statement of a `for every`".to_owned(),
            "write `for every i, 0 <= i < n, statement`".to_owned(),
        ),
        _ => return None,
    };
    let at = span(region.file, place.at, place.at + place.found.len());
    Some(Diagnostic::new(UNEXPECTED, at, message).help(help))
}
