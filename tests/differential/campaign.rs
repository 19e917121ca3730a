//! `cargo run -p cmsl-tests --bin differential -- --seeds 5000` compares so many random programs; `--from 17` says with which seed to
//! begin, `--shrink` makes the first that differs smaller, `--show 17` prints the program of a seed.

use std::process::ExitCode;

use cmsl_tests::differential::{generator, judge};
use cmsl_tests::same_command;

/// Seeds whose programs are built at a time.
const AT_A_TIME: u64 = 150;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let number = |name: &str| -> Option<u64> {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)?.parse().ok()
    };
    if let Some(seed) = number("--show") {
        print!("{}", generator::program(seed));
        return ExitCode::SUCCESS;
    }
    same_command();
    let shrinks = words.iter().any(|word| word == "--shrink");
    let first = number("--from").unwrap_or(0);
    let end = first + number("--seeds").unwrap_or(1);
    let mut from = first;
    let mut verdict = ExitCode::SUCCESS;
    while from < end {
        let to = end.min(from + AT_A_TIME);
        let judged = judge("differential-campaign", from..to, shrinks);
        println!(
            "seeds {from} to {}: {} compared, {} not run, {} differ",
            to - 1,
            judged.compared,
            judged.passed_over.len(),
            judged.differences
        );
        for why in judged.passed_over.iter().take(3) {
            println!("{why}");
        }
        if !judged.report.is_empty() {
            println!("{}", judged.report);
            verdict = ExitCode::FAILURE;
        }
        from = to;
    }
    verdict
}
