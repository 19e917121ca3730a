//! Programs and what they print.
//!
//! Each `FOLDER/NAME.cmsl` here has its output in `NAME.out`, byte for byte, and perhaps the Rust code behind its
//! `extern` declarations in `NAME.rs`. Comments in its first lines say more: `// args: …`, `// status: …` (0 if
//! absent), `// stderr: …`, a text that must occur there, and `// hosts: 1` or `// hosts: 4`, what it needs. A program runs
//! on one host and, if it has server classes, on the four of a cluster, with equal output; what says `hosts` runs there only.
//! `UPDATE_EXPECT=1` writes the outputs; read them against the language's page before you keep them.
//!
//! The programs of the book are run too, its other examples are checked, and the Rust that it shows is compared.

mod book;
mod limits;
mod lint;

use cmsl_tests::programs::{self, Bundle, Case, Hosts, Place};
use cmsl_tests::repository;
use std::path::PathBuf;

#[test]
fn each_program_prints_what_is_written_beside_it() {
    let bundles: Vec<Bundle> = folders().into_iter().map(Bundle::of_folder).collect();
    programs::build("programs-in-one", &bundles);
    let report: String = bundles.iter().map(differences).collect();
    assert!(report.is_empty(), "{report}");
}

#[test]
fn each_program_of_the_book_prints_what_stands_below_it() {
    let bundle = Bundle::new("book".to_owned(), book::programs());
    programs::build("book-in-one", std::slice::from_ref(&bundle));
    let report = differences(&bundle);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn each_fragment_of_the_book_compiles() {
    let report = book::mistakes_in_fragments();
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_rust_in_the_book_is_what_is_printed_today() {
    let report = book::outdated_rust();
    assert!(report.is_empty(), "{report}");
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let report = book::pages_out_of_the_summary();
    assert!(report.is_empty(), "{report}");
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(repository().join("tests/programs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Runs all programs of a bundle and tells what differs; empty if nothing does.
fn differences(bundle: &Bundle) -> String {
    let mut report = differences_alone(bundle);
    let together: Vec<&Case> = bundle
        .cases
        .iter()
        .filter(|case| case.runs_on(Place::Four))
        .collect();
    if !together.is_empty() {
        let hosts = Hosts::start(&bundle.executable());
        report += &programs::each(together, |case| {
            let mut command = bundle.command(case);
            command.env("CMSL_CLUSTER", hosts.addresses());
            case.differences(Place::Four, command)
        })
        .concat();
    }
    report
}

/// The same, each without a cluster.
fn differences_alone(bundle: &Bundle) -> String {
    let alone = bundle.cases.iter().filter(|case| case.runs_on(Place::One));
    programs::each(alone, |case| {
        case.differences(Place::One, bundle.command(case))
    })
    .concat()
}
