//! `cmsl replicate`: the source is edited in place, and nothing else in it changes.

use cmsl_tests::{Cmsl, Outcome};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const BEFORE: &str = "\u{feff}/* Counts. */ class counter;   // announced\r
\r
/// A counter.\r
class counter {            // ordinary so far\r
  public:\r
    counter (int n) { this->n = n; }\r
    int next () { n++; return n; }\r
  private:\r
    attribute int n;\r
};\r
\r
void main () {\r
    counter a = new counter (3); // one\r
    counter b = new   counter /* two */ (4) [2];\r
    println (\"{} {}\", a->next (), (new counter (7))->next ());\r
}\r
";

fn replicate(folder: &TempDir, words: &[&str]) -> Outcome {
    let words = words.iter().copied();
    Cmsl::new(
        ["replicate", "a.cmsl", "--tolerance", "1"]
            .into_iter()
            .chain(words),
    )
    .current_dir(folder)
    .run()
}

fn program(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.cmsl"), text).unwrap();
    folder
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("a.cmsl")).unwrap()
}

#[test]
fn each_new_becomes_a_server_and_the_rest_stays_as_it_was() {
    let folder = program(BEFORE);
    let outcome = replicate(&folder, &["--class", "counter"]).expect_status(0);
    let expected = BEFORE
        .replace("*/ class counter;", "*/ server class counter;")
        .replace("class counter {", "server class counter {")
        .replace(
            "new counter (3)",
            "server counter (3) tolerance (1) model crash",
        )
        .replace(
            "new   counter /* two */ (4) [2]",
            "server   counter /* two */ (4) [2] tolerance (1) model crash",
        )
        .replace(
            "new counter (7)",
            "server counter (7) tolerance (1) model crash",
        );
    assert_eq!(text(folder.path()), expected);
    assert!(
        outcome.stderr.contains("a.cmsl:13:17"),
        "{}",
        outcome.stderr
    );
    let _ = Cmsl::new(["check", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
}

#[test]
fn all_properties_can_be_given_and_one_line_be_meant() {
    let folder = program(BEFORE);
    let words = [
        "--class",
        "counter",
        "--model",
        "correct",
        "--replicas",
        "5",
        "--host",
        "a",
        "--host",
        "b",
        "--name",
        "it",
        "--line",
        "13",
    ];
    let _ = replicate(&folder, &words).expect_status(0);
    let text = text(folder.path());
    let line = text.lines().nth(12).unwrap();
    assert_eq!(
        line,
        "    counter a = server counter (3) tolerance (1) model correct replicas (5) \
         hosts (host (\"a\"), host (\"b\")) name (\"it\"); // one"
    );
    assert!(text.contains("new   counter"), "{text}");
}

#[test]
fn an_imported_file_is_edited_too() {
    let folder = program("import \"b.cmsl\";\nvoid main () { made ()->next (); }\n");
    let other = BEFORE.replace(
        "void main",
        "counter made () { return new counter (1); }\r\nvoid f",
    );
    fs::write(folder.path().join("b.cmsl"), other).unwrap();
    let _ = replicate(&folder, &["--class", "counter"]).expect_status(0);
    let other = fs::read_to_string(folder.path().join("b.cmsl")).unwrap();
    assert!(
        other.contains("return server counter (1) tolerance (1) model crash;"),
        "{other}"
    );
    assert!(!text(folder.path()).contains("server"));
}

#[test]
fn nothing_is_changed_where_the_outcome_would_be_wrong() {
    let wrong = "class box { public: attribute int n; };\n\
                 void main () { box b = new box; println (\"{}\", b->n); }\n";
    let folder = program(wrong);
    let outcome = replicate(&folder, &["--class", "box"]).expect_status(1);
    assert!(
        outcome.stderr.contains("error[E0503]"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("nothing was changed"),
        "{}",
        outcome.stderr
    );
    assert_eq!(text(folder.path()), wrong);
}

#[test]
fn a_class_that_is_not_there_is_wrong_usage() {
    let folder = program(BEFORE);
    let outcome = replicate(&folder, &["--class", "conuter"]).expect_status(2);
    assert!(
        outcome.stderr.contains("did you mean `counter`?"),
        "{}",
        outcome.stderr
    );
    let outcome = replicate(&folder, &["--class", "counter", "--line", "1"]).expect_status(2);
    assert!(
        outcome.stderr.contains("line 1 makes no"),
        "{}",
        outcome.stderr
    );
    assert_eq!(text(folder.path()), BEFORE);
}
