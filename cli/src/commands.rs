//! One module a subcommand, and the way from the command line to them.

mod build;
mod check;
mod clean;
mod completions;
mod emit;
mod explain;
mod new;
mod run;
mod status;

use crate::args::{Arguments, Command};
use crate::failure::{Failure, exit};
use clap::Parser as _;
use std::process::ExitCode;

/// Runs the command that the process was started with.
///
/// Wrong words on the command line end here with clap's message and status 2.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Run(run) => return run::run(run),
        Command::New(new) => new::new(new),
        Command::Check(check) => check::check(check),
        Command::Emit(emit) => emit::emit(emit),
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

/// Writes a command's result to stdout; a reader that went away is no failure.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _};
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(()),
        Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(why) => Err(Failure::world(format!("cannot write to stdout: {why}"))),
    }
}
