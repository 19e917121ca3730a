//! Hostile sources: a diagnostic with a place and status 1, in little time and memory; or, where nothing is wrong with
//! them but their size, no complaint.

use cmsl_tests::{Cmsl, Outcome, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

/// What the address space of the command is limited to.
const KIBIBYTES_MAX: u32 = 512 << 10;

/// The seconds of the processor, not of the clock, that a refusal may take: tests run side by side.
const REFUSAL_SECONDS_MAX: u32 = 2;

/// The same for a program that is large; the command under test is not optimised.
const SECONDS_MAX: u32 = 30;

/// `cmsl check` on files, of which the first is the root, with little memory.
fn check(files: &[(&str, &[u8])]) -> Outcome {
    check_within(REFUSAL_SECONDS_MAX, KIBIBYTES_MAX, files)
}

/// What uses more seconds of the processor, or more memory, is killed.
fn check_within(seconds: u32, kibibytes: u32, files: &[(&str, &[u8])]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let cmsl = Cmsl::new(["check", files[0].0]).into_command();
    let limit = format!("ulimit -t {seconds} && ulimit -v {kibibytes} && exec \"$0\" \"$@\"");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &limit]).arg(cmsl.get_program());
    command.args(cmsl.get_args()).current_dir(&folder);
    run(command)
}

fn refused(what: &str, text: impl AsRef<[u8]>) {
    let outcome = check(&[("a.cmsl", text.as_ref())]);
    assert_eq!(outcome.status, Some(1), "{what}: {}", outcome.stderr);
    assert!(
        outcome.stderr.contains("error[E"),
        "{what}: {}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("a.cmsl:"),
        "{what}: {}",
        outcome.stderr
    );
    assert!(outcome.stderr.len() < 100_000, "{what}: a long message");
}

#[test]
fn what_is_no_text_is_refused() {
    refused("not UTF-8", b"void main () { println (\"\xff\"); }");
    refused("NUL", b"void main () { println (\"\0\"); }");
    refused("too large", vec![b' '; 64 << 20]);
}

/// What nests: the recursive rules of the grammar that it goes through, what is repeated before the middle and behind.
type Nested = (&'static str, &'static str, &'static str);

/// In an expression.
const EXPRESSIONS: &[Nested] = &[
    ("expr primary operand", "(", ")"),
    ("", "- ", ""),
    ("", "a[", "]"),
    ("index postfix", "a->b[", "]"),
    ("arguments path_call plain", "f (", ")"),
    ("", "a ? b : ", ""),
    ("", "a ? ", " : b"),
    ("", "a = ", ""),
    ("", "a + (", ")"),
    ("", "!", ""),
    ("", "~", ""),
    ("", "-", ""),
    ("", "+ ", ""),
    ("", "++", ""),
    ("", "--", ""),
    ("", "(int) ", ""),
    ("new", "new c (", ")"),
    ("", "new c[", "]"),
    ("server", "server c (", ")"),
    ("", "server c [", "]"),
    ("property", "server c replicas (", ")"),
    ("", "server c hosts (a, ", ")"),
    ("unknown_property", "server c shards (", ")"),
    ("", "invoke s->m (", ")"),
    ("", "invoke ", "s->m ()"),
    ("accept", "accept (a, ", ")"),
    ("timeout", "accept (a, 1) timeout (", ")"),
    ("find", "find<c> (", ")"),
    ("", "format (a, ", ")"),
    ("", "a->m (", ")"),
    ("", "a::f (", ")"),
];

/// As a statement.
const STATEMENTS: &[Nested] = &[
    ("block statement good_statement keyword_statement", "{", "}"),
    ("if_statement body condition", "if (a) ", ""),
    ("", "while (a) { ", "}"),
    ("do_statement", "do ", " while (a);"),
    ("else_body otherwise", "if (a) { } else { ", "}"),
    ("while_statement", "while (a) ", ""),
    ("for_loop", "for (;;) ", ""),
    ("for_in", "for (int x : l) ", ""),
    ("for_every", "for every i, 0 <= i < n, ", ""),
    ("switch_statement section", "switch (a) { case 1: ", "}"),
    ("", "switch (a) { default: ", "}"),
    ("try_statement", "try { ", "} catch (exception e) { }"),
    ("catch", "try { } catch (exception e) { ", "}"),
    ("accept_statement", "accept (a, 1) timeout (1.0) { ", "}"),
];

/// Where an expression stands that nests: the text around it.
const PLACES: &[Nested] = &[
    ("simple", "void main () { x[1] = ", "; }"),
    (
        "variables declarator declarators",
        "void main () { int x = ",
        "; }",
    ),
    ("", "void main () { int x[", "]; }"),
    ("return_statement", "int main () { return ", "; }"),
    ("throw_statement", "void main () { throw ", "; }"),
    ("assert_statement", "void main () { assert (", "); }"),
    ("delete_statement", "void main () { delete ", "; }"),
    (
        "label case_value",
        "void main () { switch (a) { case ",
        ": f (); } }",
    ),
    ("for_initial", "void main () { for (x = ", ";;) { } }"),
    ("for_condition", "void main () { for (; ", ";) { } }"),
    ("for_step", "void main () { for (;; x = ", ") { } }"),
    ("item", "const int x = ", ";"),
    ("", "enum e { a = ", " };"),
    ("", "int f (int x[", "]) { return 1; }"),
    ("", "int f () pre (", ") { return 1; }"),
    ("", "class c { invariant (", "); }"),
    ("", "class c { c () : b (", ") { } }"),
    ("", "class c { attribute int x = ", "; }"),
];

/// Where a type stands that nests.
const TYPED: &[Nested] = &[
    ("type generic", "", " x;"),
    ("", "typedef ", " t;"),
    ("", "void f (", " x) { }"),
    ("", "", " f () { }"),
    ("", "class c { attribute ", " x; }"),
    ("", "void main () { ", " x; }"),
    ("", "void main () { for (", " x : l) { } }"),
    ("", "void main () { try { } catch (", " x) { } }"),
    ("", "void main () { x = find<", "> (a); }"),
    ("", "void main () { x = (", ") a; }"),
    ("", "class c : public ", " { }"),
];

const DEEP: usize = 100_000;

fn nested(open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(DEEP), close.repeat(DEEP))
}

#[test]
fn nesting_and_literals_without_bound_are_refused() {
    for (_, open, close) in EXPRESSIONS {
        let text = nested(open, "1", close);
        refused(open, format!("void main () {{ x = {text}; }}"));
    }
    for (_, before, behind) in PLACES {
        refused(before, format!("{before}{}{behind}", nested("(", "1", ")")));
    }
    for (_, open, close) in STATEMENTS {
        let text = nested(open, ";", close);
        refused(open, format!("void main () {{ {text} }}"));
    }
    for open in ["list<", "set<", "bag<", "map<int, ", "future<"] {
        refused(open, format!("{} x;", nested(open, "int", ">")));
    }
    for (_, before, behind) in TYPED {
        let text = nested("list<", "int", ">");
        refused(before, format!("{before}{text}{behind}"));
    }
    refused("modules", "module a { ".repeat(DEEP));
    refused("modules", nested("module a { ", "", "}"));
    refused("digits", format!("int x = {};", "9".repeat(1_000_000)));
}

#[test]
fn each_rule_of_the_grammar_that_may_stand_in_itself_is_nested() {
    let rules = rules();
    let stands_in_itself = |rule: &str| {
        let mut inside: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<&str> = rules[rule].clone();
        while let Some(other) = next.pop() {
            if inside.insert(other) {
                next.extend(&rules[other]);
            }
        }
        inside.contains(rule)
    };
    let tables = [EXPRESSIONS, STATEMENTS, PLACES, TYPED]
        .into_iter()
        .flatten();
    let mut nested: BTreeSet<&str> = tables.flat_map(|(rules, ..)| rules.split(' ')).collect();
    // What takes the text that no rule took; and the modules of the test above.
    nested.extend(["braces", "parentheses", "module"]);
    let missing: Vec<&str> = rules
        .keys()
        .copied()
        .filter(|rule| stands_in_itself(rule) && !nested.contains(rule))
        .collect();
    assert!(rules.len() > 100 && missing.is_empty(), "{missing:?}");
}

/// The rules of the grammar, and which others each of them names.
fn rules() -> BTreeMap<&'static str, Vec<&'static str>> {
    const GRAMMAR: &str = include_str!("../../cmsl-parser/src/cmsl.pest");
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut rule = "";
    for line in GRAMMAR.lines() {
        let code = line.split("//").next().unwrap();
        let (head, body) = code
            .split_once(" = ")
            .or_else(|| code.split_once("= "))
            .unwrap_or(("", code));
        if !line.starts_with(' ') && !head.is_empty() {
            rule = head.trim();
        }
        // What stands between quotes is text.
        let words = body
            .split('"')
            .step_by(2)
            .flat_map(|part| part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
        rules.entry(rule).or_default().extend(words);
    }
    let names: BTreeSet<&str> = rules.keys().copied().collect();
    for named in rules.values_mut() {
        named.retain(|word| names.contains(word) && !word.is_empty());
    }
    rules
}

/// A program of a few constructs, one of them this often.
fn accepted(what: &str, text: &str) {
    let outcome = check_within(
        SECONDS_MAX,
        4 * KIBIBYTES_MAX,
        &[("a.cmsl", text.as_bytes())],
    );
    assert_eq!(outcome.status, Some(0), "{what}: {}", outcome.stderr);
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, "{}", part(number));
        text
    })
}

#[test]
fn a_million_terms_are_a_program() {
    for (op, ty, term) in [
        ("+", "int", "x"),
        ("-", "long", "1"),
        ("*", "double", "x * 2.0 + x"),
        ("+", "string", "\"a\""),
        ("&&", "boolean", "x"),
        ("==", "boolean", "x"),
    ] {
        let links = format!(" {op} {term}").repeat(1_000_000 / term.len());
        let text = format!("void main () {{ {ty} x; x = {term}{links}; }}");
        accepted(op, &text);
    }
}

#[test]
fn a_hundred_thousand_of_anything_are_a_program() {
    const MANY: usize = 100_000;
    let arms = repeated(MANY, |n| format!("if (x == {n}) {{ x = 1; }} else "));
    accepted(
        "else if",
        &format!("void f (int x) {{ {arms} {{ x = 2; }} }}"),
    );
    let blocks = "if (x == 1) { x = 2; } else { x = 3; }\nwhile (x < 0) { x++; }\n".repeat(MANY);
    accepted("blocks", &format!("void f (int x) {{ {blocks} }}"));
    let statements = "x = x + 1;\n".repeat(MANY);
    accepted("statements", &format!("void f (int x) {{ {statements} }}"));
    let methods = repeated(MANY, |n| format!("int m{n} () {{ return {n}; }}\n"));
    accepted("methods", &format!("class c {{ public: {methods} }}"));
    accepted("functions", &methods);
    let cases = repeated(MANY, |n| format!("case {n}: return {n};\n"));
    accepted(
        "cases",
        &format!("int f (int x) {{ switch (x) {{ {cases} default: return 0; }} }}"),
    );
    let locals = repeated(MANY, |n| format!("int x{n} = {n};\n"));
    accepted("locals", &format!("int f () {{ {locals} return x3; }}"));
}

#[test]
fn what_leads_on_without_bound_is_refused() {
    let bases = repeated(2_000, |n| format!("class c{n} : public c{} {{ }}\n", n + 1));
    refused("bases before", format!("{bases} class c2000 {{ }}"));
    let bases = repeated(2_000, |n| format!("class c{} : public c{n} {{ }}\n", n + 1));
    refused("bases behind", format!("class c0 {{ }} {bases}"));
    let constants = repeated(2_000, |n| format!("const int k{n} = k{} + 1;\n", n + 1));
    refused("constants", format!("{constants} const int k2000 = 0;"));
    let names = repeated(20_000, |n| format!("typedef t{} t{n};\n", n + 1));
    refused("type names", format!("{names} typedef int t20000;"));
    let lists = repeated(20_000, |n| format!("typedef list<t{n}> t{};\n", n + 1));
    refused("type names behind", format!("typedef int t0; {lists}"));
    let bases = repeated(10_000, |n| {
        format!("class c{} : public c{n} {{ }}\n", n + 1)
    });
    refused("many bases", format!("class c0 {{ }} {bases}"));
    let texts = repeated(40, |n| format!("const string s{} = s{n} + s{n};\n", n + 1));
    refused(
        "texts",
        format!("const string s0 = \"0123456789\"; {texts}"),
    );
    let cases = repeated(1_000, |n| {
        format!("switch (\"{n}\") {{ case s: n = {n}; }}\n")
    });
    let text = "a".repeat(1 << 20);
    refused(
        "cases",
        format!("const string s = \"{text}\"; void main () {{ int n = 0; {cases} }}"),
    );
}

/// Each mistake may look at everything that could have been meant.
#[test]
fn mistakes_without_number_are_refused_in_time() {
    const MANY: usize = 5_000;
    let names = repeated(MANY, |n| {
        format!("int aaa{n} () {{ return bbb{n} () + ccc{n}; }}\n")
    });
    refused("unknown names", names);
    let types = repeated(MANY, |n| format!("t{n} x{n};\n"));
    refused("unknown types", types);
    refused("what does not parse", "int = ;\n".repeat(MANY));
    refused("twins", "int f () { return 1; }\n".repeat(MANY));
    let overloads = repeated(MANY, |n| {
        format!("class c{n} {{ }} int f (c{n} x) {{ return 1; }}\n")
    });
    refused("overloads", overloads);
    let opened = repeated(MANY, |n| format!("module m{n} {{ }} using m{n};\n"));
    refused("opened modules", opened);
}

#[test]
fn a_circle_of_imports_is_refused() {
    let outcome = check(&[
        ("a.cmsl", b"import \"b.cmsl\";\nvoid main () {}"),
        ("b.cmsl", b"import \"a.cmsl\";"),
    ]);
    assert_eq!(outcome.status, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("b.cmsl:1:"), "{}", outcome.stderr);
}

#[test]
fn a_byte_order_mark_other_line_ends_and_the_words_of_rust_are_accepted() {
    let text = "\u{feff}int fn (int impl) {\r\n    int let = impl; // c\r\n    return let;\r\n}\r\n\
                void main () {\r\n    int match = fn (1);\r\n    println (\"{}\", match);\r\n}\r\n";
    let outcome = check(&[("a.cmsl", text.as_bytes())]);
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
}
