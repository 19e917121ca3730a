//! `cmsl check` and `cmsl explain`: coded diagnostics, and the pages behind the codes.

use cmsl_tests::{Cmsl, repository};
use std::collections::BTreeSet;
use std::fs;

/// Set to write the pages instead of comparing them.
const UPDATE: &str = "UPDATE_PAGES";

#[test]
fn an_error_has_a_code_a_place_and_status_1() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("a.cmsl"),
        "void main () {\n    int x = ;\n}\n",
    )
    .unwrap();
    let outcome = Cmsl::new(["check", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert!(outcome.stdout.is_empty());
    assert!(outcome.stderr.contains("error[E01"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("a.cmsl:2:"), "{}", outcome.stderr);
    assert!(
        !outcome.stderr.contains('\u{1b}'),
        "colours where there is no terminal"
    );
}

#[test]
fn a_program_without_errors_passes_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("a.cmsl"),
        "void main () { println (\"hi\"); }\n",
    )
    .unwrap();
    let outcome = Cmsl::new(["check", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}

#[test]
fn every_file_is_checked_even_after_one_with_errors() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.cmsl", "b.cmsl"] {
        fs::write(folder.path().join(name), "void main ( {}").unwrap();
    }
    let outcome = Cmsl::new(["check", "a.cmsl", "b.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert!(outcome.stderr.contains("a.cmsl:1:"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("b.cmsl:1:"), "{}", outcome.stderr);
}

#[test]
fn an_import_that_is_not_there_is_an_error_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("a.cmsl"),
        "import \"gone.cmsl\";\nvoid main () {}\n",
    )
    .unwrap();
    let outcome = Cmsl::new(["check", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert!(
        outcome.stderr.contains("cannot read `gone.cmsl`"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("a.cmsl:1:8"), "{}", outcome.stderr);
}

#[test]
fn bytes_that_are_no_text_are_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.cmsl"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    let outcome = Cmsl::new(["check", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert!(
        outcome.stderr.contains("error[E0103]"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_code_is_explained_and_an_unknown_one_is_wrong_usage() {
    let outcome = Cmsl::new(["explain", "E0101"]).run().expect_status(0);
    assert!(
        outcome.stdout.starts_with("# E0101: "),
        "{}",
        outcome.stdout
    );
    let outcome = Cmsl::new(["explain", "E9999"]).run().expect_status(2);
    assert!(
        outcome.stderr.contains("there is no diagnostic `E9999`"),
        "{}",
        outcome.stderr
    );
    let outcome = Cmsl::new(["explain"]).run().expect_status(0);
    assert!(outcome.stdout.contains("\n  E0101  "), "{}", outcome.stdout);
}

#[test]
fn the_pages_of_the_documentation_are_current() {
    let folder = repository().join("docs/diagnostics");
    let pages = cmsl::pages();
    if std::env::var_os(UPDATE).is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &pages {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let present: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    let how = format!("run `{UPDATE}=1 cargo test -p cmsl-tests --test cli pages`");
    assert_eq!(present, expected, "{how}");
    for (name, text) in pages {
        let on_disk = fs::read_to_string(folder.join(&name)).unwrap();
        assert_eq!(on_disk, text, "docs/diagnostics/{name}: {how}");
    }
}
