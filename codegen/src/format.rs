//! Tokens of a Rust file → its formatted text, and which CMSL position each of its lines comes from.
//!
//! The printer keeps neither comments nor positions, so emission puts *marker statements* (and marker items) where it
//! wants them; each is printed on a line of its own, and here that line becomes a comment, or an entry of the
//! source map and nothing else. A marker must stand before another statement or item: alone in a block it would leave
//! the block's braces on two lines.

use cmsl_parser::{FileId, Span};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The position in the source of some lines of a Rust file, in order of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Each entry holds from its line to the line of the next entry.
    pub entries: Vec<MapEntry>,
}

/// From which Rust line on a CMSL position holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// The line of the Rust file, from 1.
    pub line: u32,
    /// The statement or item that the line was made from.
    pub span: Span,
}

/// A formatted Rust file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The text.
    pub text: String,
    /// Where its lines come from.
    pub map: SourceMap,
}

const POSITION: &str = "__position!(";
const COMMENT: &str = "__comment!(";

/// The marker that says where the next statement comes from.
#[must_use]
pub fn position(span: Span) -> TokenStream {
    let file = Literal::usize_unsuffixed(span.file.index());
    let start = Literal::u32_unsuffixed(span.start);
    let end = Literal::u32_unsuffixed(span.end);
    quote!(__position!(#file, #start, #end);)
}

/// The marker that becomes a `//` comment before the next statement or item; one for each line of `text`.
#[must_use]
pub fn comment(text: &str) -> TokenStream {
    text.lines()
        .map(|line| {
            let line = Literal::string(line);
            quote!(__comment!(#line);)
        })
        .collect()
}

/// Formats a file.
///
/// # Errors
/// The tokens are no Rust file: an internal error of emission.
pub fn format(tokens: TokenStream) -> Result<Formatted, syn::Error> {
    let file = syn::parse2::<syn::File>(tokens)?;
    Ok(strip(&prettyplease::unparse(&file)))
}

/// Turns marker lines into comments and map entries.
fn strip(printed: &str) -> Formatted {
    let mut text = String::with_capacity(printed.len());
    let mut entries: Vec<MapEntry> = Vec::new();
    let mut line = 1;
    let mut printed_lines = printed.lines();
    while let Some(printed_line) = printed_lines.next() {
        let content = printed_line.trim_start();
        if let Some(span) = content.strip_prefix(POSITION).and_then(parse_position) {
            match entries.last_mut() {
                // Two markers without a line between them: the inner one is the better answer.
                Some(last) if last.line == line => last.span = span,
                _ => entries.push(MapEntry { line, span }),
            }
            continue;
        }
        let comment = if content == COMMENT {
            // The printer put a long literal on a line of its own, and the end of the marker on another.
            let literal = printed_lines.next().map(str::trim);
            printed_lines.next();
            literal.and_then(parse_literal)
        } else {
            content
                .strip_prefix(COMMENT)
                .and_then(|rest| parse_literal(rest.strip_suffix(");")?))
        };
        if starts_item(content) && ends_item(&text) {
            text.push('\n');
            line += 1;
        }
        if let Some(comment) = comment {
            let indent = printed_line.len() - content.len();
            text.push_str(&printed_line[..indent]);
            text.push_str(if comment.is_empty() { "//" } else { "// " });
            text.push_str(&comment);
        } else {
            text.push_str(printed_line);
        }
        text.push('\n');
        line += 1;
    }
    Formatted {
        text,
        map: SourceMap { entries },
    }
}

/// Whether a line begins an item that a blank line parts from the one before.
fn starts_item(content: &str) -> bool {
    const STARTS: [&str; 11] = [
        "///",
        "#[",
        "fn ",
        "impl ",
        "pub const ",
        "pub enum ",
        "pub fn ",
        "pub mod ",
        "pub struct ",
        "static ",
        "use ",
    ];
    STARTS.iter().any(|start| content.starts_with(start))
}

/// Whether the text so far ends an item of several lines, or a `use` or `mod`.
fn ends_item(text: &str) -> bool {
    let last = text.lines().next_back().unwrap_or_default().trim_start();
    matches!(last, "}" | "};" | ");" | ")]")
        || last.starts_with("use ")
        || last.starts_with("mod ")
        || last.starts_with("#![")
        || (last.ends_with('}') && last.starts_with("impl "))
}

fn parse_position(arguments: &str) -> Option<Span> {
    let mut numbers = arguments
        .strip_suffix(");")?
        .split(',')
        .map(|number| number.trim().parse::<u32>().ok());
    let (file, start, end) = (numbers.next()??, numbers.next()??, numbers.next()??);
    Some(Span::new(FileId::at(file), start, end))
}

fn parse_literal(literal: &str) -> Option<String> {
    syn::parse_str::<syn::LitStr>(literal)
        .ok()
        .map(|literal| literal.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32) -> Span {
        Span::new(FileId::at(0), start, start + 1)
    }

    #[test]
    fn markers_become_comments_and_map_entries() {
        let first = position(span(10));
        let second = position(span(20));
        let note = comment(
            "the balance, which may be long: a line of more than one hundred characters stays on one line of its own\n\nsecond \"paragraph\"",
        );
        let top = comment("items too");
        let formatted = format(quote! {
            #top
            fn f(a: i32) -> i32 {
                #first
                let b = a + 1;
                if b > 2 {
                    #note
                    #second
                    return 3;
                }
                b
            }
        })
        .unwrap();
        assert_eq!(
            formatted.text,
            "// items too\nfn f(a: i32) -> i32 {\n    let b = a + 1;\n    if b > 2 {\n        // the balance, which may be long: a line of more than one hundred characters stays on one line of its own\n        //\n        // second \"paragraph\"\n        return 3;\n    }\n    b\n}\n"
        );
        let lines: Vec<(u32, u32)> = formatted
            .map
            .entries
            .iter()
            .map(|entry| (entry.line, entry.span.start))
            .collect();
        assert_eq!(lines, [(3, 10), (8, 20)]);
    }

    #[test]
    fn two_markers_of_one_line_keep_the_inner_position() {
        let outer = position(span(1));
        let inner = position(span(2));
        let formatted = format(quote!(
            fn f() {
                #outer
                #inner
                g();
            }
        ))
        .unwrap();
        assert_eq!(formatted.map.entries.len(), 1);
        assert_eq!(formatted.map.entries[0].span.start, 2);
    }
}
