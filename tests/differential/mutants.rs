//! `cargo run -p cmsl-tests --bin compiler-mutants` plants each fault in the compiler in turn, and prints which program finds it.

use std::process::ExitCode;

use cmsl_codegen::planted::Mutant;
use cmsl_tests::differential::planted::find;
use cmsl_tests::same_command;

fn main() -> ExitCode {
    same_command();
    let found = find("compiler-with-faults", &Mutant::ALL);
    println!("{:24} {:36} what is wrong with it", "mutant", "found by");
    for found in &found {
        let by = found.by.as_deref().unwrap_or("NOBODY");
        println!(
            "{:24} {by:36} {}",
            format!("{:?}", found.mutant),
            found.mutant.what()
        );
    }
    let survivors = found.iter().filter(|found| found.by.is_none()).count();
    println!("{survivors} of {} survived", found.len());
    if survivors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
