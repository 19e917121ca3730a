//! What is printed is Rust, says what prettyplease makes of it too, and its lines come from where the map says.

use crate::{cases, corpus};
use cmsl_parser::{Diagnostic, Sources};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fmt::Write as _;
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

/// Each `@` is the number of its line, passed to a function that may raise: where its call is printed, the map has to
/// lead to that line.
const RAISING: &str = "
int g (int line) { return line; }
boolean b (int line) { return g (line) > 1; }
int total =
    g (@);
server class s {
  public:
    int m (int n) { return n; }
}
class base {
  public:
    base (int n) { a = n; }
    attribute int a =
        g (@);
    int h (int n)
        pre (b (@))
        post (b (@))
    {
        return n
            + g (@);
    }
    invariant (b (@));
}
class derived : public base {
  public:
    derived ()
        : base (g (@))
    {
        g (@);
    }
}
int short_branches (boolean c) {
    if (c)
        return g (@);
    else
        return g (@);
}
int only_if (boolean c) {
    if (c) {
        return g (@);
    } else if (b (@)) {
        return g (@);
    }
    return g (@);
}
int cases (int c) {
    switch (g (@)) {
        case 1:
            return g (@);
        case 2:
            g (@);
        default:
            return g (@);
    }
}
int plain_cases (int c) {
    switch (c) {
        case 1: return g (@);
        case 2:
            return g (@);
        default:
            return g (@);
    }
}
void loops () {
    while (b (@)) {
        g (@);
    }
    do {
        g (@);
    } while (b (@));
    for (int i = g (@); b (@); g (@)) {
        g (@);
    }
    for (int i = 0;
         b (@);
         g (@)) {
        if (i > 3) { continue; }
        g (@);
    }
    for every i, g (@) <= i < g (@), {
        g (@);
    }
    list<int> l;
    for (int x : l) {
        g (@);
    }
}
int waits (s x) {
    future<int> f =
        invoke x->m (g (@));
    int n = g (accept (f,
        g (@)) timeout (2) {
        g (@);
    }) +
        g (@);
    return accept (f, 1) timeout (g (@)) {
        return g (@);
    } + g (@);
}
int attempts () {
    try {
        g (@);
        return g (@);
    } catch (exception e) {
        g (@);
        throw;
    }
}
int tried () {
    try {
        g (@);
    } catch (null_reference e) {
        g (@);
    } catch (exception e) {
        return g (@);
    }
    return g (@);
}
boolean expression (boolean c) {
    boolean d = c && b (@) ||
        b (@);
    int n = c
        ? g (@)
        : g (@);
    n += g (@);
    assert (b (@));
    {
        g (@);
    }
    println (\"{}\", g (@));
    int x[3];
    x[g (@)] =
        g (@);
    return c ||
        b (@);
}
";

/// Whether no statement begins in a text but its first, and those in blocks that end in it.
fn is_within_one_statement(text: &str) -> bool {
    let mut depth = 0;
    let mut is_one = true;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => is_one &= text.starts_with("for"),
            _ => {}
        }
    }
    is_one && depth == 0
}

#[test]
fn whatever_may_raise_is_mapped_to_its_own_line() {
    let text: String = (1..)
        .zip(RAISING.lines())
        .map(|(number, line)| line.replace('@', &number.to_string()) + "\n")
        .collect();
    let (sources, emitted) = printed("raising.cmsl", text.as_str()).unwrap();
    let entries = &emitted.map.entries;
    let mut wrong = Vec::new();
    let mut count = 0;
    for (number, line) in (1_u32..).zip(emitted.main.lines()) {
        let calls = ["g(", "b("].map(|call| line.match_indices(call));
        for (at, _) in calls.into_iter().flatten() {
            let digits: String = line[at + 2..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let before = line[..at].chars().next_back();
            let (Ok(said), false) = (
                digits.parse::<u32>(),
                before.is_some_and(char::is_alphanumeric),
            ) else {
                continue;
            };
            count += 1;
            let entry = entries.iter().rfind(|entry| entry.line <= number).unwrap();
            let source = sources.source(entry.span.file);
            let start = entry.span.start as usize;
            let call = text.match_indices(&format!("({said})")).next().unwrap().0;
            if sources.position(entry.span).line == said {
                continue;
            }
            if start > call || !is_within_one_statement(&source.text()[start..call]) {
                wrong.push(format!("{said}: {number} {line}"));
            }
        }
    }
    assert!(wrong.is_empty() && count > 60, "{count}: {wrong:#?}");
}

/// Rust looks through each base inside the next one, and by itself not through many.
#[test]
fn tall_hierarchies_say_how_deep_their_types_are() {
    for (levels, is_said) in [(10, false), (130, true)] {
        let mut text = "class c0 { }\n".to_owned();
        for level in 1..levels {
            let _ = writeln!(text, "class c{level} : public c{} {{ }}", level - 1);
        }
        text.push_str("void main () { }\n");
        let (_, emitted) = printed("tall.cmsl", text.as_str()).unwrap();
        assert_eq!(
            emitted.main.contains("recursion_limit"),
            is_said,
            "{levels}"
        );
    }
}
