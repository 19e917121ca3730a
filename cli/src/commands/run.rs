//! `cmsl run`: a cluster of its own for one run of a program.

use crate::args::Run;
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::cluster::{Cluster, Setup};
use crate::failure::{Failure, exit};
use crate::project::Project;
use crate::schedule;
use std::process::ExitCode;

/// Builds and runs; the exit status is main's, or says what failed around it.
pub fn run(arguments: &Run) -> ExitCode {
    match attempt(arguments) {
        Ok(status) => exit(status),
        Err(failure) => {
            failure.report();
            exit(failure.status_of_run())
        }
    }
}

fn attempt(arguments: &Run) -> Result<u8, Failure> {
    let project = Project::open(&arguments.file)?;
    let count = arguments.hosts.unwrap_or(project.hosts);
    let hosts: Vec<String> = (1..=count).map(|number| format!("host{number}")).collect();
    let steps =
        schedule::plan(&arguments.kill, &arguments.restart, &hosts).map_err(Failure::Usage)?;
    let cache = Cache::open()?;
    let executable = build::executable(&project, &cache, Profile::of_flag(arguments.release))?;
    let cluster = Cluster::start(Setup {
        executable: &executable,
        hosts: &hosts,
        data: arguments.data.as_deref(),
        keep: arguments.keep,
        cache: &cache,
        name: &project.name,
    })?;
    cluster.run_main(&arguments.arguments, steps)
}
