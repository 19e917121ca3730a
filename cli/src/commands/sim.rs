//! `cmsl sim`: a program in the simulator.

mod shrink;

use crate::args::Sim;
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::failure::{Failure, exit};
use crate::front;
use crate::preflight::preflight;
use crate::project::Project;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The exit status of a run that found something.
const FOUND: u8 = 1;

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
    let faults = faults(&arguments.faults)?;
    let project = Project::open(&arguments.file)?;
    let cache = Cache::open()?;
    let hosts = arguments.hosts.unwrap_or(project.hosts);
    let generated = front::compile(&project, &cache.runtime()?)?;
    preflight(&project, &generated, usize::from(hosts), &[])?;
    let executable = build::executable_of(&generated, &project, &cache, Profile::Simulation)?;
    let runs = Runs {
        arguments,
        executable,
        hosts,
        folder: project.folder.clone(),
    };
    let run = runs.run(&faults, true)?;
    // A file with one fault is as small as it gets.
    let is_small = faults != "all" && run.faults.len() < 2;
    if run.status == FOUND && run.found.is_some() && !is_small {
        shrink::shrink(&runs, &run)?;
    }
    Ok(run.status)
}

/// What is to fail, as the program is told; a file by its whole path.
fn faults(wish: &str) -> Result<String, Failure> {
    if ["all", "none"].contains(&wish) {
        return Ok(wish.to_owned());
    }
    let path = std::fs::canonicalize(wish).map_err(|why| {
        Failure::Usage(format!(
            "--faults: all, none, or a file that says what fails; cannot read {wish}: {why}"
        ))
    })?;
    Ok(path.to_string_lossy().into_owned())
}

/// Runs of one program from one seed.
struct Runs<'a> {
    arguments: &'a Sim,
    executable: PathBuf,
    hosts: u16,
    folder: PathBuf,
}

/// What one run showed.
struct Run {
    status: u8,
    /// The lines of the faults.
    faults: Vec<String>,
    /// What was found.
    found: Option<String>,
}

impl Runs<'_> {
    /// Runs the program; if told so, shows what it prints.
    fn run(&self, faults: &str, shows: bool) -> Result<Run, Failure> {
        let failed =
            |doing: &str, why: &std::io::Error| Failure::file(doing, &self.executable, why);
        let mut child = Command::new(&self.executable)
            .arg("sim")
            .args(["--seed", &self.arguments.seed.to_string()])
            .args(["--hosts", &self.hosts.to_string()])
            .args(["--faults", faults])
            .args(["--seconds", &self.arguments.at_most.to_string()])
            .arg("--")
            .args(&self.arguments.arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::piped())
            .stderr(if shows {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .spawn()
            .map_err(|why| failed("start", &why))?;
        let mut run = Run {
            status: u8::MAX,
            faults: Vec::new(),
            found: None,
        };
        if let Some(stdout) = child.stdout.take() {
            run.read(BufReader::new(stdout), shows)
                .map_err(|why| failed("read what is printed by", &why))?;
        }
        let status = child.wait().map_err(|why| failed("wait for", &why))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        run.status = code.unwrap_or(u8::MAX);
        Ok(run)
    }

    /// The command that shows the same again.
    fn command(&self, faults: &str) -> String {
        let Sim { file, seed, .. } = self.arguments;
        let mut command = format!(
            "cmsl sim {} --seed {seed} --hosts {} --faults {faults}",
            quoted(&file.display().to_string()),
            self.hosts
        );
        if !self.arguments.arguments.is_empty() {
            command.push_str(" -- ");
            let words: Vec<String> = self
                .arguments
                .arguments
                .iter()
                .map(|word| quoted(word))
                .collect();
            command.push_str(&words.join(" "));
        }
        command
    }
}

impl Run {
    /// Takes what is printed, and shows it if told so. What the program prints may be any bytes.
    fn read(&mut self, mut from: impl BufRead, shows: bool) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let mut bytes = Vec::new();
        while from.read_until(b'\n', &mut bytes)? > 0 {
            if shows {
                out.write_all(&bytes)?;
                out.flush()?;
            }
            let line = String::from_utf8_lossy(&bytes);
            if let Some(told) = line.trim_end().strip_prefix("-- ") {
                if let Some(found) = told.strip_prefix("found: ") {
                    self.found = Some(found.to_owned());
                } else if told.contains(" s: host") {
                    self.faults.push(told.to_owned());
                }
            }
            bytes.clear();
        }
        Ok(())
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Writes a file of faults.
fn write_faults(path: &Path, head: &str, faults: &[String]) -> Result<(), Failure> {
    let text = format!("# {head}\n{}\n", faults.join("\n"));
    std::fs::write(path, text).map_err(|why| Failure::file("write", path, &why))
}
