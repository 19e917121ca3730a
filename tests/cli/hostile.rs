//! Hostile sources: a diagnostic with a place and status 1, in little time and memory.

use cmsl_tests::{Cmsl, Outcome, run};
use std::fs;
use std::time::{Duration, Instant};

/// What the address space of the command is limited to.
const KIBIBYTES_MAX: u32 = 512 << 10;

/// What a check may take; far more than it does, for tests run side by side.
const TIME_MAX: Duration = Duration::from_secs(20);

/// `cmsl check` on files, of which the first is the root, with little memory.
fn check(files: &[(&str, &[u8])]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let cmsl = Cmsl::new(["check", files[0].0]).into_command();
    let limit = format!("ulimit -v {KIBIBYTES_MAX} && exec \"$0\" \"$@\"");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &limit]).arg(cmsl.get_program());
    command.args(cmsl.get_args()).current_dir(&folder);
    let start = Instant::now();
    let outcome = run(command);
    assert!(start.elapsed() < TIME_MAX, "{:?}", start.elapsed());
    outcome
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

#[test]
fn nesting_and_literals_without_bound_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("- ", ""),
        ("a[", "]"),
        ("f (", ")"),
        ("a ? b : ", ""),
        ("new c (", ")"),
    ] {
        let text = format!(
            "void main () {{ x = {}1{}; }}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        refused(open, text);
    }
    for (open, close) in [
        ("{", "}"),
        ("if (a) ", ""),
        ("while (a) { ", "}"),
        ("do ", " while (a);"),
    ] {
        let text = format!(
            "void main () {{ {};{} }}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        refused(open, text);
    }
    refused(
        "types",
        format!("{}int{} x;", "list<".repeat(100_000), ">".repeat(100_000)),
    );
    refused("modules", "module a { ".repeat(100_000));
    refused("digits", format!("int x = {};", "9".repeat(1_000_000)));
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
