//! Seeds of the simulator, and what they showed together.

use std::time::Duration;

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::{Counts, Plan, Violation, run};

/// What some seeds showed.
#[derive(Debug, Default)]
pub struct Seeds {
    /// How many were run.
    pub count: u64,
    /// How many a second time, to the same trace.
    pub repeated: u64,
    /// Faults that had an effect.
    pub faults: Counts,
    /// Messages lost, doubled, late and replayed.
    pub messages: [u64; 4],
    /// Requests in sequence that were answered.
    pub commands: u64,
    /// Reads that were answered.
    pub reads: u64,
    /// Simulated seconds.
    pub seconds: f64,
    /// Seconds on the clock of the seeds with three devices, and simulated ones in them.
    pub three: (f64, f64),
    /// What was found.
    pub violations: Vec<String>,
}

/// One seed in a hundred is run twice.
const REPEATED: u64 = 100;

/// The devices of a seed: three and five in turn.
#[must_use]
pub fn plan(seed: u64) -> Plan {
    Plan::usual(if seed.is_multiple_of(2) { 3 } else { 5 })
}

impl Seeds {
    /// Runs one more.
    pub fn add(&mut self, seed: u64, elapsed: impl Fn() -> Duration) {
        let (plan, begun) = (plan(seed), elapsed());
        let report = run(seed, &plan);
        let lasted = report.lasted.as_secs_f64();
        if plan.devices == 3 {
            self.three.0 += (elapsed() - begun).as_secs_f64();
            self.three.1 += lasted;
        }
        self.count += 1;
        self.faults.add(&report.faults);
        let traffic = report.traffic;
        let messages = [
            traffic.lost,
            traffic.doubled,
            traffic.late,
            traffic.replayed,
        ];
        for (sum, count) in self.messages.iter_mut().zip(messages) {
            *sum += count;
        }
        self.commands += report.commands;
        self.reads += report.reads;
        self.seconds += lasted;
        let mut found = |what: String| {
            let devices = plan.devices;
            self.violations
                .push(format!("seed {seed} of {devices} devices: {what}"));
        };
        if let Some(violation) = &report.violation {
            found(violation.to_string());
        } else if report.commands < plan.commands || report.faults.total() < plan.faults {
            found(format!(
                "too little: {} commands, {:?}",
                report.commands, report.faults
            ));
        }
        if seed.is_multiple_of(REPEATED) {
            self.repeated += 1;
            if run(seed, &plan).trace != report.trace {
                found("another trace the second time".to_owned());
            }
        }
    }
}

/// The first seed by which a planted fault is found, with the protocol's own assertions off.
#[must_use]
pub fn kill(mutant: Mutant, seeds: u64) -> Option<(u64, Violation)> {
    (0..seeds).find_map(|seed| {
        let plan = Plan {
            checks: Checks::Off,
            planted: Planted::one(mutant),
            ..plan(seed)
        };
        run(seed, &plan)
            .violation
            .map(|violation| (seed, violation))
    })
}
