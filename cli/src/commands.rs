//! One module a subcommand, and the way from the command line to them.

mod build;
mod check;
mod clean;
mod completions;
mod emit;
mod explain;
mod fmt;
mod lsp;
mod new;
mod replicate;
mod run;
mod sim;
mod status;

use crate::args::{Arguments, Command};
use crate::failure::exit;
use crate::say::print;
use clap::Parser as _;
use std::process::ExitCode;

/// Runs the command that the process was started with.
///
/// Wrong words on the command line end here with clap's message and status 2.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Run(run) => return run::run(run),
        Command::Sim(sim) => return sim::sim(sim),
        Command::Lsp(_) => return lsp::lsp(),
        Command::New(new) => new::new(new),
        Command::Check(check) => check::check(check),
        Command::Fmt(fmt) => fmt::fmt(fmt),
        Command::Emit(emit) => emit::emit(emit),
        Command::Replicate(replicate) => replicate::replicate(replicate),
        Command::Build(build) => build::build(build),
        Command::Status(status) => status::status(status),
        Command::Explain(explain) => explain::explain(explain),
        Command::Clean => clean::clean(),
        Command::Completions(completions) => completions::completions(completions),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            exit(failure.status())
        }
    }
}
