//! Clippy has nothing against what is printed: for all programs here, those of the book, and the examples.
//!
//! What it may not say is written in each printed file with its reason. Printed once more without that, the same programs
//! show that each of these allowances is needed, and that clippy looks at all.

use crate::{book, folders};
use cmsl_tests::programs::{self as bundle, Bundle, Case};
use cmsl_tests::{Cmsl, beside_tests, repository, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// What the lines that carry allowances are made of.
const ALLOWANCE: &str = concat!("#![", "allow(");

#[test]
fn clippy_has_nothing_against_printed_rust() {
    let folder = bundle::write("linted", &bundles());
    let complaints = complaints(&folder);
    assert!(complaints.is_empty(), "{}", shown(&complaints));
}

#[test]
fn clippy_has_nothing_against_a_program_with_its_rust_code() {
    let folder = beside_tests("linted-with-its-rust");
    let _ = Cmsl::new(["emit", "--out"])
        .arg(&folder)
        .arg(repository().join("examples/air-traffic-control"))
        .run()
        .expect_status(0);
    let complaints = complaints(&folder);
    assert!(complaints.is_empty(), "{}", shown(&complaints));
}

/// What a declaration names, and where it asks the operating system or goes through a map in its own order.
const DIRECT: &str = "//! Three things that no simulation can give.

use std::collections::HashMap;

pub fn total() -> i64 {
    let known: HashMap<i64, std::time::Instant> = HashMap::new();
    let mut total = i64::try_from(std::fs::read(\"a\").map_or(0, |bytes| bytes.len())).unwrap_or(0);
    for key in known.keys() {
        total += key;
    }
    println!(\"{:?}\", std::time::Instant::now());
    total
}
";

/// The same by what it is handed.
const HANDED: &str = "//! What a simulation can give.

use cmsl_runtime::Outside;

pub fn total(outside: &mut Outside) -> i64 {
    let bytes = outside.read(\"a\").map_or(0, |bytes| bytes.len());
    println!(\"{:?}\", outside.monotonic());
    i64::try_from(bytes).unwrap_or(0)
}
";

#[test]
fn clippy_denies_rust_code_what_no_simulation_can_give() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "cmsl.toml",
        "name = \"direct\"\nmain = \"main.cmsl\"\nextern = \"code.rs\"\n",
    );
    let program =
        "extern \"rust\" { long total (); }\nvoid main () { println (\"{}\", total ()); }\n";
    write("main.cmsl", program);
    let complaints_of = |code: &str| {
        write("code.rs", code);
        let crate_folder = beside_tests("linted-outside");
        let emit = Cmsl::new(["emit", "--out"])
            .arg(&crate_folder)
            .arg(folder.path());
        let _ = emit.run().expect_status(0);
        complaints(&crate_folder)
    };
    let direct = complaints_of(DIRECT);
    let lints: Vec<&str> = direct.iter().map(|(lint, _)| lint.as_str()).collect();
    let mut expected = ["clippy::disallowed_methods"; 3];
    expected[2] = "clippy::iter_over_hash_type";
    let mut sorted = lints.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected, "{}", shown(&direct));
    assert!(
        shown(&direct).contains("use 'outside.monotonic'"),
        "{}",
        shown(&direct)
    );
    let handed = complaints_of(HANDED);
    assert!(handed.is_empty(), "{}", shown(&handed));
}

#[test]
fn each_allowance_is_needed_by_some_program() {
    let mut allowed = BTreeSet::new();
    let mut bundles = bundles();
    for case in bundles.iter_mut().flat_map(|bundle| &mut bundle.cases) {
        case.rust.main = without_allowances(&case.rust.main, &mut allowed);
    }
    let folder = bundle::write("linted-bare", &bundles);
    let complaints = complaints(&folder);
    let needed: BTreeSet<String> = complaints.iter().map(|(lint, _)| lint.clone()).collect();
    assert_eq!(allowed, needed, "{}", shown(&complaints));
}

/// All programs but those that need crates of their own.
fn bundles() -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = folders().into_iter().map(Bundle::of_folder).collect();
    bundles.push(Bundle::new("book".to_owned(), book::programs()));
    let supply = Case::of_file(&repository().join("examples/supply-chain/src/main.cmsl"));
    bundles.push(Bundle::new("supply".to_owned(), vec![supply]));
    bundles
}

/// What clippy says of a crate: lint and text.
fn complaints(folder: &Path) -> Vec<(String, String)> {
    let mut cargo = bundle::cargo("clippy", folder);
    cargo.args(["--message-format=json", "--no-deps", "--"]);
    cargo.args(["-D", "warnings", "-W", "clippy::all"]);
    let outcome = run(cargo);
    let mut finished = false;
    let mut complaints = Vec::new();
    for line in outcome.stdout.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        finished |= message["reason"] == "build-finished";
        let lint = message["message"]["code"]["code"].as_str();
        let text = message["message"]["rendered"].as_str();
        if let (Some(lint), Some(text)) = (lint, text) {
            complaints.push((lint.to_owned(), text.to_owned()));
        }
    }
    assert!(finished, "{}", outcome.stderr);
    complaints
}

fn shown(complaints: &[(String, String)]) -> String {
    let lines = complaints
        .iter()
        .map(|(lint, text)| format!("{lint}: {text}\n"));
    lines.collect()
}

/// A printed file without its allowances, whose lints it adds to a set.
fn without_allowances(main: &str, lints: &mut BTreeSet<String>) -> String {
    let (head, items) = main.split_once("mod positions;").unwrap();
    let mut rest = head.to_owned();
    while let Some(start) = rest.find(ALLOWANCE) {
        let end = start + rest[start..].find(")]").unwrap() + 2;
        let (names, _) = rest[start..end].split_once("reason").unwrap();
        let names = names.trim_start_matches(ALLOWANCE).split(',');
        lints.extend(
            names
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty()),
        );
        rest.replace_range(start..end, "");
    }
    format!("{rest}mod positions;{items}")
}
