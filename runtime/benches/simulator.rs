//! The speed of the simulator: simulated seconds in a second of one processor, for groups of three devices with their clients, faults and judges.
//!
//! `cargo bench -p cmsl-runtime --features sim --bench simulator`

use std::time::Instant;

use cmsl_runtime::sim::{Plan, run};

/// So many runs are measured at a time.
const SEEDS: u64 = 200;

/// The best of so many measurements counts: what else the machine does only slows it down.
const ROUNDS: usize = 5;

/// What is asked for.
const BAR: f64 = 1_000.0;

/// A group of three devices with the usual faults.
fn simulate() -> (f64, u64) {
    let plan = Plan::usual(3);
    let reports = (0..SEEDS).map(|seed| run(seed, &plan));
    reports.fold((0.0, 0), |(seconds, operations), report| {
        let operations = operations + report.commands + report.reads;
        (seconds + report.lasted.as_secs_f64(), operations)
    })
}

fn main() {
    if !std::env::args().any(|word| word == "--bench") {
        eprintln!("measured by: cargo bench -p cmsl-runtime --features sim --bench simulator");
        return;
    }
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let (seconds, operations) = simulate();
        let rate = seconds / begun.elapsed().as_secs_f64();
        let busy = operations as f64 / seconds;
        println!(
            "  {seconds:.0} simulated seconds, {busy:.1} operations in each: {rate:.0} a second"
        );
        best = best.max(rate);
    }
    let verdict = if best >= BAR { "holds" } else { "MISSED" };
    println!("simulated_seconds_per_s = {best:.0} (at least {BAR}: {verdict})");
}
