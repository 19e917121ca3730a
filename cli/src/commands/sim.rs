//! `cmsl sim`: a program in the simulator.

use crate::args::Sim;
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::failure::{Failure, exit};
use crate::front;
use crate::preflight::preflight;
use crate::project::Project;
use std::process::{Command, ExitCode};

/// Builds and simulates; the exit status is the simulation's, or says what failed around it.
pub fn sim(arguments: &Sim) -> ExitCode {
    match attempt(arguments) {
        Ok(status) => exit(status),
        Err(failure) => {
            failure.report();
            exit(failure.status_of_run())
        }
    }
}

fn attempt(arguments: &Sim) -> Result<u8, Failure> {
    let project = Project::open(&arguments.file)?;
    let cache = Cache::open()?;
    let hosts = arguments.hosts.unwrap_or(project.hosts);
    let generated = front::compile(&project, &cache.runtime()?)?;
    preflight(&project, &generated, usize::from(hosts), &[])?;
    let executable = build::executable_of(&generated, &project, &cache, Profile::Simulation)?;
    let status = Command::new(&executable)
        .arg("sim")
        .args(["--seed", &arguments.seed.to_string()])
        .args(["--hosts", &hosts.to_string()])
        .args(["--faults", &arguments.faults])
        .args(["--seconds", &arguments.at_most.to_string()])
        .arg("--")
        .args(&arguments.arguments)
        .current_dir(&project.folder)
        .status()
        .map_err(|why| Failure::file("start", &executable, &why))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX))
}
