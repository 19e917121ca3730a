//! What is printed is Rust, says what prettyplease makes of it too, and its lines come from where the map says.

use crate::{cases, corpus};
use cmsl_parser::{Diagnostic, Sources};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::Path;

/// A program by name, and the Rust files printed for it.
fn printed(name: &str, text: impl Into<Vec<u8>>) -> Option<(Sources, cmsl_codegen::emit::Emitted)> {
    let path = Path::new(name);
    let loaded = cmsl_codegen::load(path, text.into(), &mut |path| std::fs::read(path));
    if loaded.diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let (program, _) = cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    let emitted = cmsl_codegen::emit::emit(&program?, &loaded.sources, name, "0");
    Some((loaded.sources, emitted))
}

/// The tokens of a text, in order: commas and braces, which a layout may leave out, left out.
fn tokens(stream: TokenStream, into: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => (Some("("), Some(")")),
                    Delimiter::Bracket => (Some("["), Some("]")),
                    Delimiter::Brace | Delimiter::None => (None, None),
                };
                into.extend(open.map(str::to_owned));
                tokens(group.stream(), into);
                into.extend(close.map(str::to_owned));
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => {}
            other => into.push(other.to_string()),
        }
    }
}

fn tokens_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    tokens(text.parse().unwrap(), &mut found);
    found
}

#[test]
fn printed_rust_parses_and_says_what_prettyplease_prints_of_it() {
    let root = cmsl_tests::repository();
    let mut programs = vec![("corpus.cmsl".to_owned(), corpus::program(400).into_bytes())];
    for folder in ["tests/compiler/cases", "tests/programs", "examples"] {
        for path in cases(&root.join(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            programs.push((path.to_string_lossy().into_owned(), bytes));
        }
    }
    let mut count = 0;
    for (name, bytes) in programs {
        let Some((_, emitted)) = printed(&name, bytes) else {
            continue;
        };
        count += 1;
        assert!(emitted.main.contains("#![forbid(unsafe_code)]"), "{name}");
        for text in [&emitted.main].into_iter().chain(&emitted.data) {
            let file = syn::parse_file(text).unwrap_or_else(|why| {
                let line = text.lines().nth(why.span().start().line - 1);
                panic!("{name}: {why} in `{}`", line.unwrap_or_default())
            });
            let (ours, theirs) = (tokens_of(text), tokens_of(&prettyplease::unparse(&file)));
            let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
            if let Some(at) = differs {
                panic!(
                    "{name}: {:?} and {:?}",
                    &ours[at - 5..at + 2],
                    &theirs[at - 5..at + 2]
                );
            }
            assert_eq!(ours.len(), theirs.len(), "{name}");
            assert!(text.ends_with("\n") && !text.contains(" \n"), "{name}");
        }
    }
    assert!(count > 20, "only {count} programs were printed");
}

#[test]
fn documentation_goes_along_with_what_it_documents() {
    let text = "/// Said of box.\nclass box {\n  public:\n    /// Said of size.\n    attribute int size;\n    /// Said of new.\n    \
                box () {}\n    /// Said of grow.\n    void grow () { size++; }\n}\n\n/// Said of Phase.\nenum phase {\n    /// Said of Climb.\n    \
                climb\n}\n\n/// Said of LIMIT.\nconst int limit = 5;\n\n/// Said of land.\nvoid land () {}\n";
    let (_, emitted) = printed("documented.cmsl", text).unwrap();
    let lines: Vec<&str> = emitted.main.lines().map(str::trim).collect();
    let items = [
        ("box", "pub struct Box"),
        ("size", "pub size: i32"),
        ("new", "pub fn new("),
        ("grow", "pub fn grow("),
        ("Phase", "pub enum Phase"),
        ("Climb", "Climb,"),
        ("LIMIT", "pub const LIMIT"),
        ("land", "pub fn land("),
    ];
    for (said_of, item) in items {
        let doc = format!("/// Said of {said_of}.");
        let at = lines.iter().position(|line| *line == doc);
        let mut rest = lines[at.unwrap_or_else(|| panic!("{doc}:\n{}", emitted.main))..].iter();
        let documented = rest.find(|line| !line.starts_with("///") && !line.starts_with("#["));
        assert!(
            documented.unwrap().starts_with(item),
            "{doc}: {documented:?}"
        );
    }
}

/// Each statement of the program prints its own line number, so that the Rust line that does so must be mapped there.
#[test]
fn lines_of_printed_rust_come_from_where_the_map_says() {
    let text = "class account {\n  public:\n    attribute int sum;\n    void add (int by) {\n        println (\"line 5\");\n        \
                sum = sum + by; println (\"line 6\");\n    }\n};\n\nvoid main () {\n    try {\n        println (\"line 12\");\n        \
                account a = new account ();\n        for (int i = 0; i < 3; i++) {\n            println (\"line 15\");\n            \
                if (i > 1) {\n                println (\"line 17\");\n            } else {\n                println (\"line 19\");\n            }\n        }\n    \
                } catch (exception e) {\n        println (\"line 23\");\n    }\n    switch (1) {\n        case 1:\n            println (\"line 27\");\n            break;\n        \
                default:\n            println (\"line 30\");\n    }\n}\n";
    let (sources, emitted) = printed("lines.cmsl", text).unwrap();
    let entries = &emitted.map.entries;
    assert!(
        entries.windows(2).all(|pair| pair[0].line < pair[1].line),
        "{entries:?}"
    );
    let mut count = 0;
    for (number, line) in (1_u32..).zip(emitted.main.lines()) {
        let Some((_, said)) = line.split_once("\"line ") else {
            continue;
        };
        count += 1;
        let said: u32 = said.split_once('"').unwrap().0.parse().unwrap();
        let entry = entries.iter().rfind(|entry| entry.line <= number).unwrap();
        let span = entry.span;
        let position = sources.source(span.file).position(span.start);
        assert_eq!(position.line, said, "{line}");
        assert!(
            emitted
                .positions
                .contains(&format!("({}, \"lines.cmsl:{position}\"),", entry.line)),
            "{}",
            emitted.positions
        );
    }
    assert_eq!(count, text.matches("\"line ").count());
}
