//! A checker counts only once it has caught a planted fault. The command `campaign mutants` does this for all of them.

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::{Plan, run};

/// The property by which the fault is found, within so many seeds and with the protocol's own assertions off.
fn found_by(mutant: Mutant, seeds: u64) -> Option<&'static str> {
    found(Planted::one(mutant), seeds)
}

fn found(planted: Planted, seeds: u64) -> Option<&'static str> {
    (0..seeds).find_map(|seed| {
        let plan = Plan {
            checks: Checks::Off,
            planted,
            ..Plan::usual(if seed % 2 == 0 { 3 } else { 5 })
        };
        run(seed, &plan)
            .violation
            .map(|violation| violation.property)
    })
}

/// What is found below is the planted fault's doing.
#[test]
fn without_a_fault_nothing_is_found() {
    assert_eq!(found(Planted::default(), 100), None);
}

/// The canary: if this one is not found, the campaign sees nothing.
#[test]
fn an_answer_before_the_issue_is_found() {
    assert_eq!(found_by(Mutant::M30, 50), Some("exactly once"));
}

#[test]
fn a_quorum_of_half_the_devices_is_found() {
    assert_eq!(found_by(Mutant::M16, 500), Some("chosen"));
}

#[test]
fn a_leader_that_takes_old_votes_of_some_for_votes_of_all_is_found() {
    assert_eq!(found_by(Mutant::M23, 500), Some("chosen"));
}

#[test]
fn executing_again_instead_of_proposing_again_is_found() {
    assert!(matches!(
        found_by(Mutant::M28, 500),
        Some("agreement" | "dependence")
    ));
}

#[test]
fn a_read_that_no_quorum_confirms_is_found() {
    assert_eq!(found_by(Mutant::M36, 500), Some("linearizable"));
}

#[test]
fn a_read_of_what_is_not_issued_is_found() {
    assert_eq!(found_by(Mutant::M37, 500), Some("linearizable"));
}

#[test]
fn a_confirmation_that_serves_later_reads_is_found() {
    assert_eq!(found_by(Mutant::M38, 500), Some("linearizable"));
}

#[test]
fn a_deposed_leader_that_keeps_its_state_is_found() {
    assert!(found_by(Mutant::M29, 500).is_some());
}
