//! A crash at every effect: a scenario is played once to count the effects of each device, and then once for each effect and side, with a crash there.

use std::time::Duration;

use super::{CrashAt, Moment, Plan, Scenario, Unsynced, Violation, play};
use crate::protocol::executive::{Checks, Planted};

/// How a device crashes at an effect. Before it with all writes lost, to stay away until others have noticed, and after it with all writes kept, to be
/// back before they have: what is on the disk is then as little or as much as can be.
const WAYS: [(Moment, Unsynced, Duration); 2] = [
    (Moment::Before, Unsynced::Lost, Duration::from_millis(500)),
    (Moment::After, Unsynced::Kept, Duration::from_millis(10)),
];

/// What came of the crashes.
#[derive(Debug, Default)]
pub struct Crashes {
    /// The scenarios.
    pub scenarios: usize,
    /// Effects of all devices in them.
    pub effects: u64,
    /// Crashes made.
    pub made: u64,
    /// Simulated time.
    pub seconds: f64,
    /// What was found: the scenario, the crash and the violation.
    pub violations: Vec<String>,
}

/// Plays these scenarios with a crash of each device at each of its effects, until a violation is found.
#[must_use]
pub fn crash_at_every_effect(scenarios: &[Scenario], checks: Checks, planted: Planted) -> Crashes {
    let plan = Plan {
        checks,
        planted,
        ..Plan::usual(3)
    };
    let mut crashes = Crashes::default();
    for scenario in scenarios {
        crashes.scenarios += 1;
        crash_in(scenario, &plan, &mut crashes);
        if !crashes.violations.is_empty() {
            break;
        }
    }
    crashes
}

fn crash_in(scenario: &Scenario, plan: &Plan, crashes: &mut Crashes) {
    let calm = play(scenario, plan, None);
    let name = scenario.name;
    if let Some(violation) = &calm.violation {
        crashes.note(format!("{name}, without a crash"), violation);
        return;
    }
    for (device, effects) in calm.effects.iter().enumerate() {
        crashes.effects += effects;
        for effect in 0..*effects {
            for (moment, unsynced, down) in WAYS {
                let crash = CrashAt {
                    device,
                    effect,
                    moment,
                    unsynced,
                    down,
                };
                let report = play(scenario, plan, Some(crash));
                crashes.made += u64::from(report.crashed_as_planned);
                crashes.seconds += report.lasted.as_secs_f64();
                if let Some(violation) = &report.violation {
                    crashes.note(format!("{name}, {crash:?}"), violation);
                    return;
                }
            }
        }
    }
}

impl Crashes {
    fn note(&mut self, place: String, violation: &Violation) {
        self.violations.push(format!("{place}: {violation}"));
    }

    /// How many crashes there are to make.
    #[must_use]
    pub fn due(&self) -> u64 {
        self.effects * WAYS.len() as u64
    }
}
