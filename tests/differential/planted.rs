//! The programs that find each fault that can be planted in the compiler.

use std::process::Stdio;

use cmsl_codegen::planted::{Mutant, with};

use crate::programs::{self, Bundle, Case, Hosts, Place};
use crate::repository;

/// The programs that should find a fault, of `tests/programs`.
fn finders(mutant: Mutant) -> &'static [&'static str] {
    match mutant {
        Mutant::AddSubtracts => &["statements/order_of_evaluation"],
        Mutant::OverflowWraps => &["values/int_limits", "values/long_limits"],
        Mutant::ShiftUnbounded => &["values/shifts"],
        Mutant::CastUnchecked => &["values/casts_out_of_range"],
        Mutant::WideningKeepsLowBits => &["values/widening", "values/numbers_meet"],
        Mutant::RightOperandFirst => &["statements/order_of_evaluation"],
        Mutant::ShortCircuitLost | Mutant::BothBranchesEvaluated => &["statements/short_circuit"],
        Mutant::LessTakesEqual => &["statements/loops", "statements/control"],
        Mutant::NanEqualsItself => &["values/one_nan"],
        Mutant::NullNeverFound => &["classes/inverse_one_to_one", "classes/relations"],
        Mutant::StepYieldsNew => &["statements/increments"],
        Mutant::CompoundForgetsOld => &["statements/for_every", "collections/collections"],
        Mutant::GroupIndexIsFirst => &["references/one_or_many"],
        Mutant::SwitchNeverFalls => &["statements/switch_falls_through"],
        Mutant::SwitchForgetsDefault => &["statements/switch_default"],
        Mutant::ForEveryIncludesEnd | Mutant::ForEveryForgetsStart => &["statements/for_every"],
        Mutant::DoTestsFirst => &["statements/do_runs_once"],
        Mutant::LastCatchFirst => &["exceptions/first_fitting_catch"],
        Mutant::VirtualCallsBase => &["classes/virtual_methods", "classes/classes"],
        Mutant::BaseConstructorSkipped => &["classes/base_constructors"],
        Mutant::InitialValuesForgotten => &["classes/initial_values"],
        Mutant::OverloadTakesFirst => &["classes/overloading"],
        Mutant::PreSkipped => &["contracts/preconditions"],
        Mutant::PostSkipped => &["contracts/postconditions"],
        Mutant::InvariantSkipped => &["contracts/invariants"],
        Mutant::InverseForgotten => &["classes/relations"],
        Mutant::AttributeNotCopied => &["communication/by_value", "communication/deep_structures"],
        Mutant::TemplateBackwards => &["text/templates"],
        Mutant::ServerIsLocal => &["servers/one_text_two_meanings"],
        Mutant::ToleranceForgotten => &["servers/too_few_hosts"],
        Mutant::RaisingCommandsComplete => &["servers/writes_after_undo"],
        Mutant::LoopVariableShared => &["statements/for_every_own_variable"],
    }
}

/// A program, compiled with a fault planted.
fn mutated(mutant: Mutant, number: usize, name: &str) -> Case {
    let path = repository().join(format!("tests/programs/{name}.cmsl"));
    let mut case = with(mutant, || Case::of_file(&path));
    case.name = format!("with_{number}_{}", case.name);
    case
}

/// What became of a fault.
pub struct Found {
    /// Which fault.
    pub mutant: Mutant,
    /// The first program that prints something else than it should, if one does.
    pub by: Option<String>,
}

/// Compiles the programs that should find each fault with that fault planted, all into one executable, and runs them.
#[must_use]
pub fn find(krate: &str, mutants: &[Mutant]) -> Vec<Found> {
    let mut cases = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        for name in finders(*mutant) {
            cases.push((number, (*name).to_owned(), mutated(*mutant, number, name)));
        }
    }
    let owners: Vec<usize> = cases.iter().map(|(number, ..)| *number).collect();
    let names: Vec<String> = cases.iter().map(|(_, name, _)| name.clone()).collect();
    let cases: Vec<Case> = cases.into_iter().map(|(.., case)| case).collect();
    let bundle = Bundle::new(krate.to_owned(), cases);
    programs::build(krate, std::slice::from_ref(&bundle));
    let hosts = Hosts::start(&bundle.executable());
    let differ = programs::each(&bundle.cases, |case| {
        let mut command = bundle.command(case);
        command.stdin(Stdio::null());
        let place = if case.runs_on(Place::One) {
            Place::One
        } else {
            command.env("CMSL_CLUSTER", hosts.addresses());
            Place::Four
        };
        !case.differences(place, command).is_empty()
    });
    let found = |number: usize| {
        let all = owners.iter().zip(&names).zip(&differ);
        let mut by = all.filter(|((owner, _), differs)| **owner == number && **differs);
        by.next().map(|((_, name), _)| name.clone())
    };
    mutants
        .iter()
        .enumerate()
        .map(|(number, mutant)| Found {
            mutant: *mutant,
            by: found(number),
        })
        .collect()
}
