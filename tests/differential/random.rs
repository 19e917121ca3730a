//! Random programs do what the interpreter says, as local objects and as replicated servers.

use cmsl_tests::differential::judge;

/// How many programs a test run compares.
const SEEDS: u64 = 60;

/// At least so many of a hundred must have been compared.
const COMPARED_MIN: usize = 90;

#[test]
fn random_programs_do_what_the_interpreter_says() {
    let judged = judge("differential-programs", 0..SEEDS, false);
    println!("{:?}", judged.passed_over);
    assert!(judged.report.is_empty(), "{}", judged.report);
    assert!(
        judged.compared * 100 >= COMPARED_MIN * SEEDS as usize,
        "only {} were compared: {:?}",
        judged.compared,
        judged.passed_over
    );
}
