//! `cargo run -p cmsl-tests --bin mutants -- [SEEDS [MUTANT…]]` plants each fault in turn, or those named, with the protocol's own assertions off, and prints which
//! checker found it at which seed.

use std::process::ExitCode;

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::{Plan, run};

fn main() -> ExitCode {
    let seeds = std::env::args()
        .nth(1)
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(500);
    println!(
        "{:6} {:>5}  {:14} what is wrong with it",
        "mutant", "seed", "found by"
    );
    let named: Vec<String> = std::env::args().skip(2).collect();
    let (mut planted, mut survivors) = (0, 0);
    for mutant in Mutant::ALL {
        if !named.is_empty() && !named.contains(&format!("{mutant:?}")) {
            continue;
        }
        planted += 1;
        let found = (0..seeds).find_map(|seed| {
            let plan = Plan {
                checks: Checks::Off,
                planted: Planted::one(mutant),
                ..Plan::usual(if seed % 2 == 0 { 3 } else { 5 })
            };
            run(seed, &plan)
                .violation
                .map(|violation| (seed, violation))
        });
        match found {
            Some((seed, violation)) => {
                println!(
                    "{mutant:?}    {seed:>5}  {:14} {}",
                    violation.property,
                    mutant.what()
                );
            }
            None => {
                println!("{mutant:?}        -  {:14} {}", "NOBODY", mutant.what());
                survivors += 1;
            }
        }
    }
    println!("{survivors} of {planted} survived {seeds} seeds each");
    if survivors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
