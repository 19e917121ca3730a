//! A few seeds and all scenarios beside the units, for those who change one of them and want to know soon. The campaigns run thousands of seeds.

use super::every_effect::crash_at_every_effect;
use super::{Plan, Report, Scenario, play, run, scenarios};
use crate::protocol::executive::{Checks, Planted};
use std::collections::BTreeSet;
use std::env;
use std::time::Duration;

/// So many seeds, unless `CMSL_SEEDS` says otherwise.
const SEEDS: u64 = 12;

#[test]
fn seeds_hold() {
    let asked = env::var("CMSL_SEEDS").ok();
    let seeds = asked.map_or(SEEDS, |asked| asked.parse().expect("a number of seeds"));
    for seed in 0..seeds {
        let devices = if seed % 2 == 0 { 3 } else { 5 };
        let report = run(seed, &Plan::usual(devices));
        assert_eq!(report.violation, None, "seed {seed}");
    }
}

#[test]
fn at_least_twenty_scenarios_have_names_of_their_own() {
    let scenarios = scenarios::all();
    let names: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), scenarios.len());
    assert!(names.len() >= 20);
}

/// What happens in a scenario happens while its clients ask, not before.
#[test]
fn clients_begin_when_their_scripts_say() {
    for scenario in scenarios::all() {
        let begins = scenario.clients.iter().map(|script| script.begins).min();
        let report = play(&scenario, &Plan::usual(3), None);
        assert_eq!(report.asked, begins, "{}", scenario.name);
    }
}

/// Every `parts`th scenario from `part` on, with a crash of each device before and after each of its effects.
fn crash_in_part(part: usize, parts: usize) {
    let scenarios = scenarios::all().into_iter().skip(part).step_by(parts);
    let scenarios: Vec<Scenario> = scenarios.collect();
    let crashes = crash_at_every_effect(&scenarios, Checks::Enforced, Planted::default());
    println!("{crashes:?}");
    assert_eq!(crashes.violations, [] as [&str; 0]);
    assert_eq!(crashes.made, crashes.due(), "each planned crash happens");
}

#[test]
fn even_scenarios_survive_a_crash_at_every_effect() {
    crash_in_part(0, 2);
}

#[test]
fn odd_scenarios_survive_a_crash_at_every_effect() {
    crash_in_part(1, 2);
}

/// What a scenario costs: messages with the heartbeats, effects of each device, commands, and the time until all is answered and everywhere.
fn cost(scenario: &Scenario) -> String {
    let report = play(scenario, &Plan::usual(3), None);
    assert_eq!(report.violation, None, "{}", scenario.name);
    let effects: Vec<String> = report.effects.iter().map(u64::to_string).collect();
    format!(
        "{}: {} messages, {} effects, {} commands, {:?}",
        scenario.name,
        report.traffic.sent,
        effects.join("+"),
        report.issued,
        report.lasted
    )
}

/// What seeds cost all together, with faults and a network that loses, doubles and delays.
fn cost_among_faults(devices: usize) -> String {
    let reports: Vec<Report> = (0..SEEDS)
        .map(|seed| run(seed, &Plan::usual(devices)))
        .collect();
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum::<u64>();
    format!(
        "{SEEDS} seeds of {devices} devices: {} messages, {} effects, {} commands, {} requests in sequence and {} reads answered, {:?}",
        sum(|report| report.traffic.sent),
        sum(|report| report.effects.iter().sum()),
        sum(|report| report.issued),
        sum(|report| report.commands),
        sum(|report| report.reads),
        reports.iter().map(|report| report.lasted).sum::<Duration>()
    )
}

/// Nothing here is right or wrong; but what makes the protocol say more, write more or wait longer shall be seen when it is made.
#[test]
fn the_costs() {
    let mut costs: Vec<String> = scenarios::all().iter().map(cost).collect();
    costs.extend([3, 5].map(cost_among_faults));
    insta::assert_snapshot!(costs.join("\n"));
}
