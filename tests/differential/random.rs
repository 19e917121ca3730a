//! Random programs do what the interpreter says, as local objects and as replicated servers.

use cmsl_tests::differential::judge;

/// How many programs a test run compares.
const SEEDS: u64 = 300;

/// So many are built at a time.
const AT_A_TIME: u64 = 150;

/// At least so many of a hundred must have been compared.
const COMPARED_MIN: usize = 90;

#[test]
fn random_programs_do_what_the_interpreter_says() {
    let mut compared = 0;
    let mut passed_over = Vec::new();
    for first in (0..SEEDS).step_by(AT_A_TIME as usize) {
        let judged = judge("differential-programs", first..first + AT_A_TIME, false);
        assert!(judged.report.is_empty(), "{}", judged.report);
        compared += judged.compared;
        passed_over.extend(judged.passed_over);
    }
    assert!(
        compared * 100 >= COMPARED_MIN * SEEDS as usize,
        "only {compared} were compared: {passed_over:?}"
    );
}
