//! Syntax trees to a checked program: the phase between parsing and emission.
//!
//! The work is done in passes over the whole program: declare all names, resolve the types of all
//! declarations, derive the class hierarchy, lower the bodies, follow effects through calls. What is wrong
//! becomes a [`Diagnostic`] and a poisoned type, which silences what follows from it, so that one mistake
//! gives one message and several mistakes are reported in one run. The families of rules live in the
//! modules below, each with its codes and their explanations.

pub mod classes;
pub mod names;
pub mod servers;
pub mod types;
pub mod unsupported;

mod consts;
mod effects;
mod sharing;

use cmsl_parser::diagnostic::Code;
use cmsl_parser::{Diagnostic, Sources, ast};

use crate::ir::Program;
use crate::resolve::Checker;

/// All rules of this crate, by family.
pub static RULES: &[&[Code]] = &[
    names::NAMES,
    types::TYPES,
    classes::CLASSES,
    servers::SERVERS,
    unsupported::UNSUPPORTED,
];

/// Checks a program that is made of these files. There is a program only if no diagnostic is an error.
#[must_use]
pub fn check(sources: &Sources, files: &[ast::File]) -> (Option<Program>, Vec<Diagnostic>) {
    let mut checker = Checker::new(sources);
    checker.declare(files);
    checker.resolve();
    checker.lower();
    effects::follow(&mut checker);
    consts::check(&mut checker);
    sharing::check(&mut checker);
    let mut diagnostics = checker.diagnostics;
    cmsl_parser::diagnostic::sort(&mut diagnostics);
    let program = (!diagnostics.iter().any(Diagnostic::is_error)).then_some(checker.program);
    (program, diagnostics)
}
