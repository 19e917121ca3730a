//! Two ways to run a program that must agree: the compiler and an interpreter that shares nothing with it but the parser.
//!
//! [`generator`] writes random programs, [`interpreter`] says what they print, [`compare`] builds and runs them, [`shrink`] makes
//! smaller what differs. [`planted`] says which programs find the faults that can be planted in the compiler.

pub mod compare;
pub mod generator;
pub mod interpreter;
pub mod planted;
pub mod shrink;

use compare::{Subject, differences};
use std::fmt::Write as _;
use std::ops::Range;

/// What became of some seeds.
pub struct Judged {
    /// How many programs were run in each way.
    pub compared: usize,
    /// Why the others were not.
    pub passed_over: Vec<String>,
    /// How many do not do what they should.
    pub differences: usize,
    /// What differs, and how to make the first of them smaller; empty if nothing does.
    pub report: String,
}

/// Compares the programs of these seeds; if told so, makes the first that differs smaller, which takes its time.
#[must_use]
pub fn judge(krate: &str, seeds: Range<u64>, shrinks: bool) -> Judged {
    let mut subjects = Vec::new();
    let mut passed_over = Vec::new();
    for seed in seeds {
        match Subject::of_seed(seed) {
            Ok(subject) => subjects.push(subject),
            Err(why) => passed_over.push(format!("seed {seed}: {why}")),
        }
    }
    let compared = subjects.len();
    let mut found = differences(krate, subjects);
    let mut report = String::new();
    let count = found.len();
    for one in &found {
        let _ = writeln!(report, "{}: {}", one.name, one.report);
    }
    if count > 0 {
        let first = found.swap_remove(0);
        let seed = first.name.trim_start_matches("seed_").to_owned();
        if shrinks {
            let small = shrink::shrink(first);
            let _ = writeln!(report, "smallest:\n{}\n{}", small.text, small.report);
        }
        let again = "cargo run -p cmsl-tests --bin differential --";
        let _ = writeln!(report, "smaller: {again} --from {seed} --shrink");
    }
    Judged {
        compared,
        passed_over,
        differences: count,
        report,
    }
}
