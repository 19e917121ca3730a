//! `cargo run -p cmsl-tests --bin seeds -- [FROM [COUNT]]` runs seeds of 3 and of 5 devices and prints what happened: for a longer campaign than
//! the test's, or for one seed again.

use std::process::ExitCode;

use cmsl_runtime::sim::{Counts, Plan, run};

fn main() -> ExitCode {
    let mut numbers = std::env::args()
        .skip(1)
        .map_while(|argument| argument.parse::<u64>().ok());
    let from = numbers.next().unwrap_or(0);
    let count = numbers.next().unwrap_or(1);
    let mut violations = 0;
    let mut faults = Counts::default();
    let (mut commands, mut reads, mut seconds) = (0, 0, 0.0);
    for seed in from..from + count {
        for devices in [3, 5] {
            let report = run(seed, &Plan::usual(devices));
            faults.add(&report.faults);
            commands += report.commands;
            reads += report.reads;
            seconds += report.lasted.as_secs_f64();
            if count == 1 {
                println!("{report:#?}");
            }
            if let Some(violation) = &report.violation {
                println!("seed {seed} of {devices} devices: {violation}");
                violations += 1;
            }
        }
    }
    println!(
        "{count} seeds twice: {commands} commands, {reads} reads, {seconds:.0} s of virtual time, {faults:?}, {violations} violations"
    );
    if violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
