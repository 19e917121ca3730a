//! Every state that three devices can be in, up to a million of them: agreement, dependence, promises kept and exactly once hold in each; and the search
//! finds what is planted.

use cmsl_runtime::protocol::executive::{Mutant, Planted};
use cmsl_tests::laboratory::exhaustive::{Bounds, search};

const BOUNDS: Bounds = Bounds {
    ballots: 2,
    requests: 2,
    restarts: 0,
    states: 1_000_000,
};

#[test]
fn a_million_states_hold() {
    let searched = search(BOUNDS, Planted::default());
    println!("{searched:?}");
    assert_eq!(searched.violation, None);
    assert!(searched.exhausted || searched.states >= BOUNDS.states);
    let all = [
        "a command is issued by two devices",
        "the second command is proposed again",
        "a device leads after another",
    ];
    assert_eq!(searched.reached, all, "otherwise the search shows nothing");
}

#[test]
fn planted_faults_are_found() {
    let mutants = [
        Mutant::M16,
        Mutant::M18,
        Mutant::M19,
        Mutant::M30,
        Mutant::M31,
        Mutant::M63,
    ];
    for mutant in mutants {
        let searched = search(BOUNDS, Planted::one(mutant));
        println!(
            "{mutant:?}: {:?} in {} states",
            searched.violation, searched.states
        );
        assert!(searched.violation.is_some(), "{mutant:?}");
    }
}
