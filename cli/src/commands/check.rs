//! `cmsl check`: what is wrong with programs, and what the compiler knows about them.

use crate::args::{Check, MessageFormat};
use crate::failure::Failure;
use crate::front;
use crate::project::Project;
use crate::say;
use cmsl_codegen::Loaded;
use cmsl_codegen::ir::Program;
use cmsl_codegen::report;
use std::path::Path;

/// Reports the diagnostics of every program named; fails if any has an error.
pub fn check(arguments: &Check) -> Result<(), Failure> {
    let mut worst = None;
    for path in &arguments.files {
        match check_one(path, arguments) {
            Ok(()) => {}
            // The others are still worth a look; the first failure decides the status.
            Err(failure) => {
                failure.report();
                worst.get_or_insert(failure);
            }
        }
    }
    match worst {
        None => Ok(()),
        Some(failure) => Err(Failure::Reported(failure.status())),
    }
}

fn check_one(path: &Path, arguments: &Check) -> Result<(), Failure> {
    let project = Project::open(path)?;
    let (program, loaded) = front::check(&project, arguments.message_format)?;
    front::warn_of_direct_uses(&project, arguments.message_format)?;
    if arguments.effects {
        effects(&program, &loaded, arguments.message_format)?;
    }
    if arguments.explain_parallel {
        explain_parallel(&program, &loaded, arguments.message_format)?;
    }
    Ok(())
}

fn explain_parallel(
    program: &Program,
    loaded: &Loaded,
    format: MessageFormat,
) -> Result<(), Failure> {
    match format {
        MessageFormat::Human => say::print(&report::parallel_loops(program, &loaded.sources)),
        MessageFormat::Json => {
            let loops = program.loops.iter();
            say::json_lines(loops.map(|item| front::loop_json(&loaded.sources, item)))
        }
    }
}

fn effects(program: &Program, loaded: &Loaded, format: MessageFormat) -> Result<(), Failure> {
    let rows = report::effects(program);
    match format {
        MessageFormat::Human => say::print(&report::effects_table(&rows)),
        MessageFormat::Json => {
            let lines = rows
                .iter()
                .map(|row| front::effects_json(&loaded.sources, row));
            say::json_lines(lines)
        }
    }
}
