//! `cmsl run`: a cluster of its own for one run of a program.

use crate::args::Run;
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::cluster::{self, Cluster, Setup};
use crate::failure::{Failure, exit};
use crate::front;
use crate::preflight::preflight;
use crate::project::{HOSTS_DEFAULT, Project};
use crate::schedule;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
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
    let subject = Subject::open(&arguments.file)?;
    let count = arguments.hosts.unwrap_or(subject.hosts());
    let hosts: Vec<String> = (1..=count).map(|number| format!("host{number}")).collect();
    let steps =
        schedule::plan(&arguments.kill, &arguments.restart, &hosts).map_err(Failure::Usage)?;
    let data = match &arguments.data {
        Some(path) => Some(cluster::open_data(path, &hosts)?),
        None => None,
    };
    let cache = Cache::open()?;
    let executable = match &subject {
        Subject::Executable(path) => path.clone(),
        Subject::Program(project) => {
            let generated = front::compile(project, &cache.runtime()?)?;
            preflight(project, &generated, hosts.len(), &arguments.kill)?;
            let profile = Profile::of_flag(arguments.release);
            build::executable_of(&generated, project, &cache, profile)?
        }
    };
    let cluster = Cluster::start(Setup {
        executable: &executable,
        hosts: &hosts,
        data,
        keep: arguments.keep,
        cache: &cache,
        name: &subject.name(),
    })?;
    cluster.run_main(&arguments.arguments, subject.folder(), steps)
}

/// What is to run.
enum Subject {
    /// A program, to be built first.
    Program(Project),
    /// An executable that `cmsl build` made.
    Executable(PathBuf),
}

impl Subject {
    fn open(path: &Path) -> Result<Self, Failure> {
        let is_executable = path.is_file()
            && path.extension().is_none()
            && path
                .metadata()
                .is_ok_and(|about| about.permissions().mode() & 0o111 != 0);
        if !is_executable {
            return Project::open(path).map(Self::Program);
        }
        let absolute = path
            .canonicalize()
            .map_err(|why| Failure::file("find", path, &why))?;
        Ok(Self::Executable(absolute))
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Program(project) => Some(&project.folder),
            Self::Executable(_) => None,
        }
    }

    fn hosts(&self) -> u16 {
        match self {
            Self::Program(project) => project.hosts,
            Self::Executable(_) => HOSTS_DEFAULT,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Program(project) => project.name.clone(),
            Self::Executable(path) => path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        }
    }
}
