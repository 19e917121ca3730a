//! In each of the scripted scenarios, each device crashes before and after each of its effects, and everything holds.

use std::collections::BTreeSet;

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::Scenario;
use cmsl_tests::laboratory::every_effect::{Crashes, crash_at_every_effect};
use cmsl_tests::laboratory::scenarios;

/// Crashes in every `parts`th scenario from `part` on.
fn crash_in_part(part: usize, parts: usize) {
    let scenarios: Vec<Scenario> = scenarios::all()
        .into_iter()
        .skip(part)
        .step_by(parts)
        .collect();
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

#[test]
fn at_least_twenty_scenarios_have_names_of_their_own() {
    let names: BTreeSet<&str> = scenarios::all()
        .iter()
        .map(|scenario| scenario.name)
        .collect();
    assert_eq!(names.len(), scenarios::all().len());
    assert!(names.len() >= 20);
}

/// What the crashes find when this is planted.
fn found(mutant: Mutant) -> Crashes {
    crash_at_every_effect(&scenarios::all(), Checks::Off, Planted::one(mutant))
}

#[test]
fn an_answer_before_the_issue_is_found_by_a_crash() {
    let found = found(Mutant::M30);
    assert!(found.violations[0].contains("exactly once"), "{found:?}");
}

#[test]
fn a_ballot_that_is_forgotten_at_the_restart_is_found_by_a_crash() {
    let found = found(Mutant::M05);
    assert!(found.violations[0].contains("were proposed"), "{found:?}");
}

#[test]
fn a_nested_call_that_leaves_before_its_step_is_issued_is_found_by_a_crash() {
    let found = found(Mutant::M64);
    assert!(found.violations[0].contains("nested calls"), "{found:?}");
}
