//! `cmsl sim`: a program in the simulator.

mod replay;
mod shrink;
mod step;

use crate::args::{MessageFormat, Recording, Sim};
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::failure::{Failure, exit};
use crate::front;
use crate::preflight::preflight;
use crate::project::Project;
use replay::Plan;
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
    let plan = Plan::of(arguments)?;
    let project = Project::open(&plan.program)?;
    front::warn_of_direct_uses(&project, MessageFormat::Human)?;
    let cache = Cache::open()?;
    let hosts = plan.hosts.unwrap_or(project.hosts);
    let generated = front::compile(&project, &cache.runtime()?)?;
    preflight(&project, &generated, usize::from(hosts), &[])?;
    let executable = build::executable_of(&generated, &project, &cache, Profile::Simulation)?;
    let runs = Runs {
        plan,
        executable,
        hosts,
        folder: project.folder.clone(),
    };
    if arguments.step {
        return step::walk(&runs).map(|()| 0);
    }
    let faults = &runs.plan.faults;
    let run = runs.run(faults, arguments.picture.as_deref(), true)?;
    if run.status == FOUND && run.found.is_some() {
        // One fault that was given is as few as it gets.
        let is_small = faults != "all" && run.faults.len() < 2;
        let needed = if is_small {
            faults.clone()
        } else {
            shrink::shrink(&runs, &run)?
        };
        if arguments.picture.is_none() {
            let name = format!("sim-{}.svg", runs.plan.seed);
            runs.run(&needed, Some(Path::new(&name)), false)?;
            println!("-- a picture of it: {name}");
        }
    }
    Ok(run.status)
}

/// Runs of one program from one seed.
struct Runs {
    plan: Plan,
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

impl Runs {
    /// What runs the program among these faults; the options of the simulator may follow.
    fn command(&self, faults: &str) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .arg("sim")
            .args(["--seed", &self.plan.seed.to_string()])
            .args(["--hosts", &self.hosts.to_string()])
            .args(["--faults", faults])
            .args(["--beyond", if self.plan.beyond { "yes" } else { "no" }])
            .args(["--seconds", &self.plan.at_most.to_string()])
            .args(
                self.plan
                    .outside
                    .iter()
                    .flat_map(|recording| ["--outside".to_owned(), words_of(recording)]),
            )
            .current_dir(&self.folder)
            .stdout(Stdio::piped());
        command
    }

    /// Something with the program's process failed.
    fn failed(&self, doing: &str, why: &std::io::Error) -> Failure {
        Failure::file(doing, &self.executable, why)
    }

    /// Runs the program, draws its end if there is a file for that, and shows what it prints if told so.
    fn run(&self, faults: &str, picture: Option<&Path>, shows: bool) -> Result<Run, Failure> {
        let failed = |doing: &str, why: &std::io::Error| self.failed(doing, why);
        let mut command = self.command(faults);
        if let Some(picture) = picture {
            // The program runs in the folder of its project.
            let here = std::env::current_dir().map_err(|why| failed("start", &why))?;
            command.arg("--picture").arg(here.join(picture));
        }
        let mut child = command
            .arg("--")
            .args(&self.plan.arguments)
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

    /// The command that shows the same again without a fault.
    fn alone(&self) -> String {
        let Plan {
            program,
            seed,
            arguments,
            ..
        } = &self.plan;
        let program = quoted(&program.display().to_string());
        let hosts = self.hosts;
        let mut command = format!("cmsl sim {program} --seed {seed} --hosts {hosts} --faults none");
        for recording in &self.plan.outside {
            command.push_str(" --outside ");
            command.push_str(&quoted(&words_of(recording)));
        }
        if !arguments.is_empty() {
            command.push_str(" -- ");
            let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
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

/// A recording as the option has it.
fn words_of(recording: &Recording) -> String {
    format!("{}={}", recording.address, recording.file.display())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
