//! Crashes at each effect of the scripted scenarios find what is planted. That they find nothing else, the runtime's own tests say.

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::every_effect::{Crashes, crash_at_every_effect};
use cmsl_runtime::sim::scenarios;

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
