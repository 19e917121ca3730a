//! Seeds of the simulator, and what they showed together.

use std::time::Duration;

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::{Counts, Plan, Violation, check, record, run};

use super::linearizable::{Verdict, judge};

/// What some seeds showed.
#[derive(Debug, Default)]
pub struct Seeds {
    /// How many were run.
    pub count: u64,
    /// How many a second time, to the same trace.
    pub repeated: u64,
    /// For how many the search found an order of all requests, one for each account, and none in time.
    pub searched: [u64; 3],
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
    /// Identifies all traces together, whatever the order of the seeds.
    pub traces: u64,
    /// What was found.
    pub violations: Vec<String>,
}

/// One seed in a hundred is run twice.
const REPEATED: u64 = 100;

/// The requests of one seed in so many are put in order by the search, too; odd, so that groups of three and of five have their turns.
const SEARCHED: u64 = 19;

/// The devices of a seed: three and five in turn.
#[must_use]
pub fn plan(seed: u64) -> Plan {
    Plan::usual(if seed.is_multiple_of(2) { 3 } else { 5 })
}

impl Seeds {
    /// Runs one more.
    pub fn add(&mut self, seed: u64, elapsed: impl Fn() -> Duration) {
        let (plan, begun) = (plan(seed), elapsed());
        let (report, history) = record(seed, &plan, check::all());
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
        self.traces = self.traces.wrapping_add(report.trace);
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
        if seed.is_multiple_of(SEARCHED) {
            match judge(&history) {
                Verdict::Linearizable => self.searched[0] += 1,
                Verdict::ByAccount => self.searched[1] += 1,
                Verdict::Undecided => self.searched[2] += 1,
                Verdict::Impossible => found("the search finds no order".to_owned()),
            }
        }
        if seed.is_multiple_of(REPEATED) {
            self.repeated += 1;
            if run(seed, &plan).trace != report.trace {
                found("another trace the second time".to_owned());
            }
        }
    }
    /// Adds what others showed.
    #[must_use]
    pub fn and(mut self, other: Seeds) -> Seeds {
        self.count += other.count;
        self.repeated += other.repeated;
        for (sum, count) in self.searched.iter_mut().zip(other.searched) {
            *sum += count;
        }
        self.faults.add(&other.faults);
        for (sum, count) in self.messages.iter_mut().zip(other.messages) {
            *sum += count;
        }
        self.commands += other.commands;
        self.reads += other.reads;
        self.seconds += other.seconds;
        self.three.0 += other.three.0;
        self.three.1 += other.three.1;
        self.traces = self.traces.wrapping_add(other.traces);
        self.violations.extend(other.violations);
        self
    }

    /// Requests answered in a simulated second.
    #[must_use]
    pub fn operations_a_second(&self) -> f64 {
        (self.commands + self.reads) as f64 / self.seconds.max(1.0)
    }

    /// Simulated seconds from one fault to the next.
    #[must_use]
    pub fn seconds_a_fault(&self) -> f64 {
        self.seconds / (self.faults.total().max(1) as f64)
    }

    /// The figures: what each says, what was reached, and what the short form of a campaign is asked for.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; 3]> {
        let row = |figure: &str, reached, asked: &str| [figure.into(), reached, asked.into()];
        let faults = &self.faults;
        let [lost, doubled, late, replayed] = self.messages;
        let [whole, by_account, undecided] = self.searched;
        vec![
            row(
                "simulated time",
                format!(
                    "{:.2} days in {} seeds, {:.0} operations/s, a fault every {:.1} s",
                    self.seconds / 86_400.0,
                    self.count,
                    self.operations_a_second(),
                    self.seconds_a_fault()
                ),
                "1 day, 20 operations/s, a fault every 5 s",
            ),
            row(
                "effective faults",
                format!(
                    "{}: {} crashes ({} lost writes), {} cuts, {} pauses, {} stalls",
                    faults.total(),
                    faults.crashes,
                    faults.writes_lost,
                    faults.cuts,
                    faults.pauses,
                    faults.stalls
                ),
                "17,000",
            ),
            row(
                "messages disturbed",
                format!("{lost} lost, {doubled} doubled, {late} late, {replayed} replayed"),
                "",
            ),
            row(
                "commands in checked histories",
                format!("{}, and {} reads", self.commands, self.reads),
                "1,000,000",
            ),
            row(
                "histories put in order by a search",
                format!("{whole} whole, {by_account} by account, {undecided} not decided"),
                "5 of 100",
            ),
            row(
                "simulated seconds a second, three devices",
                format!("{:.0}", self.three.1 / self.three.0.max(0.001)),
                "1,000",
            ),
            row(
                "seeds run twice, to the same trace",
                self.repeated.to_string(),
                "1 of 100",
            ),
        ]
    }
}

/// The first seed by which a planted fault is found, with the protocol's own assertions off.
#[must_use]
pub fn kill(mutant: Mutant, seeds: u64) -> Option<(u64, Violation)> {
    (0..seeds).find_map(|seed| {
        let report = run(seed, &planted(seed, Planted::one(mutant)));
        report.violation.map(|violation| (seed, violation))
    })
}

/// The first seed whose requests have no order, with a fault planted and no other judge.
#[must_use]
pub fn impossible(fault: Planted, seeds: u64) -> Option<u64> {
    (0..seeds).find(|seed| {
        let (_, history) = record(*seed, &planted(*seed, fault), Vec::new());
        judge(&history) == Verdict::Impossible
    })
}

fn planted(seed: u64, planted: Planted) -> Plan {
    Plan {
        checks: Checks::Off,
        planted,
        ..plan(seed)
    }
}

/// A planted fault is to be found within so many seeds.
pub const SEEDS_FOR_A_MUTANT: u64 = 500;

/// The one that is in every campaign: if it is not found, the campaign sees nothing.
pub const CANARY: Mutant = Mutant::M30;

/// The planted faults whose turn it is on this day: each has its own one day of ten.
#[must_use]
pub fn tenth(day: u64) -> Vec<Mutant> {
    let turn = usize::try_from(day % 10).unwrap_or(0);
    let mutants = Mutant::ALL.into_iter().skip(turn);
    mutants.step_by(10).collect()
}
