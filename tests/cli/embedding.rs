//! What `cmsl` says of the Rust code behind `extern "rust"`: in terms of the program, never of what it printed.

use cmsl_tests::{Cmsl, Outcome};
use std::fs;

const PROGRAM: &str = r#"class report {
  public:
    attribute long time;
}

extern "rust" {
    class radar {
        radar (string path, double speed);
        list<report> next (int at_most);
        boolean at_end ();
    }
    double circle (double a, double b);
}

void main ()
{
    radar r = new radar ("a", 1.5);
    while (!r->at_end ()) {
        println ("{} {}", length (r->next (3)), circle (1.0, 2.0));
    }
}
"#;

const RIGHT: &str = r"use crate::data::Report;

pub struct Radar {
    left: i32,
}

impl Radar {
    pub fn new(_path: &str, _speed: f64) -> Result<Radar, String> {
        Ok(Radar { left: 1 })
    }

    pub fn next(&mut self, at_most: i32) -> Vec<Report> {
        self.left -= 1;
        (0..at_most).map(|_| Report { time: 1 }).collect()
    }

    pub fn at_end(&self) -> bool {
        self.left == 0
    }
}

pub fn circle(a: f64, b: f64) -> f64 {
    a + b
}
";

/// The program with its Rust code, in which one text is replaced.
fn with(wrong: &str, instead: &str, words: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    assert!(RIGHT.contains(wrong), "{wrong}");
    fs::write(folder.path().join("main.cmsl"), PROGRAM).unwrap();
    fs::write(folder.path().join("feed.rs"), RIGHT.replace(wrong, instead)).unwrap();
    fs::write(
        folder.path().join("cmsl.toml"),
        "name = \"radar\"\nmain = \"main.cmsl\"\nextern = \"feed.rs\"\n",
    )
    .unwrap();
    Cmsl::new(words).current_dir(&folder).run()
}

/// What `cmsl check` says, which no longer asks rustc.
fn said(wrong: &str, instead: &str) -> String {
    with(wrong, instead, &["check", "."])
        .expect_status(1)
        .stderr
}

/// What `cmsl build` says when only rustc can know.
fn said_by_rustc(wrong: &str, instead: &str) -> String {
    let _ = with(wrong, instead, &["check", "."]).expect_status(0);
    let stderr = with(wrong, instead, &["build", "."])
        .expect_status(1)
        .stderr;
    assert!(!stderr.contains("src/main.rs"), "{stderr}");
    assert!(!stderr.contains("embedded("), "{stderr}");
    stderr
}

#[test]
fn code_that_fits_its_declarations_is_built_and_runs() {
    let outcome = with("a + b", "a + b", &["run", "."]).expect_status(0);
    assert_eq!(outcome.stdout, "3 3\n", "{}", outcome.stderr);
}

#[test]
fn what_is_missing_is_shown_with_the_signature_that_the_declaration_asks_for() {
    insta::assert_snapshot!("function_missing", said("fn circle", "fn circles"));
    insta::assert_snapshot!("method_missing", said("fn at_end", "fn ended"));
    insta::assert_snapshot!("class_missing", said("Radar", "RadarFeed"));
}

#[test]
fn what_takes_or_gives_something_else_is_shown_with_the_signature_that_the_declaration_asks_for() {
    insta::assert_snapshot!("parameter_of_another_type", said("b: f64)", "b: i32)"));
    insta::assert_snapshot!("parameters_too_many", said("b: f64)", "b: f64, _c: f64)"));
    insta::assert_snapshot!(
        "result_of_another_type",
        said("-> Vec<Report>", "-> Vec<u8>")
    );
    insta::assert_snapshot!("object_not_taken", said("at_end(&self)", "at_end()"));
    insta::assert_snapshot!("not_public", said("pub fn circle", "fn circle"));
}

#[test]
fn references_to_wholes_and_results_with_errors_fit_too() {
    let _ = with("_path: &str", "_path: &String", &["check", "."]).expect_status(0);
    let optional = "-> Result<bool, std::fmt::Error>";
    let _ = with("-> bool", optional, &["check", "."]).expect_status(0);
}

#[test]
fn what_only_rustc_sees_is_said_of_the_declaration() {
    let aliased = said_by_rustc(
        "pub fn circle(a: f64, b: f64) -> f64 {",
        "type Angle = i32;\npub fn circle(a: Angle, b: f64) -> f64 {\n    let a = f64::from(a);",
    );
    assert!(aliased.contains("error[E0701]"), "{aliased}");
    assert!(aliased.contains("main.cmsl:12:"), "{aliased}");
    assert!(aliased.contains("\n19 │"), "{aliased}");
    assert!(aliased.contains("feed.rs:"), "{aliased}");
    let counted = said_by_rustc(
        "-> bool {\n        self.left == 0",
        "-> <i32 as std::ops::Add>::Output {\n        self.left",
    );
    assert!(counted.contains("main.cmsl:10:"), "{counted}");
    assert!(counted.contains("\n18 │"), "{counted}");
}

#[test]
fn a_mistake_inside_the_users_rust_is_shown_as_rustc_says_it() {
    let stderr = said_by_rustc("a + b", "a + c");
    assert!(stderr.contains("error[E0425]"), "{stderr}");
    assert!(stderr.contains("feed.rs:23:9"), "{stderr}");
}

#[test]
fn what_is_declared_may_be_handed_the_way_to_what_is_outside() {
    for (wrong, instead) in [
        ("fn circle(a", "fn circle(_: &cmsl_runtime::Outside, a"),
        (
            "at_end(&self",
            "at_end(&self, _: &mut cmsl_runtime::Outside",
        ),
        (
            "fn new(_path",
            "fn new(_: &mut cmsl_runtime::Outside, _path",
        ),
    ] {
        let outcome = with(wrong, instead, &["run", "."]).expect_status(0);
        assert_eq!(outcome.stdout, "3 3\n", "{}", outcome.stderr);
    }
    // It stands before all others, and is borrowed.
    insta::assert_snapshot!(
        "outside_in_the_wrong_place",
        said("b: f64)", "b: f64, outside: &mut cmsl_runtime::Outside)")
    );
    insta::assert_snapshot!(
        "outside_by_value",
        said(
            "next(&mut self, at",
            "next(&mut self, outside: cmsl_runtime::Outside, at"
        )
    );
    insta::assert_snapshot!(
        "outside_beside_a_wrong_parameter",
        said(
            "fn circle(a: f64",
            "fn circle(_: &mut cmsl_runtime::Outside, a: i32"
        )
    );
}
