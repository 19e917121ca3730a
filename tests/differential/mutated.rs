//! A set of programs counts only once it has found planted faults. The command `compiler-mutants` shows what finds each.

use cmsl_codegen::planted::Mutant;
use cmsl_tests::differential::planted::find;

#[test]
fn each_fault_planted_in_the_compiler_is_found() {
    let found = find("compiler-with-faults", &Mutant::ALL);
    let survivors: Vec<Mutant> = found
        .iter()
        .filter(|found| found.by.is_none())
        .map(|found| found.mutant)
        .collect();
    assert!(survivors.is_empty(), "{survivors:?} are not found");
}
