//! Programs run in each way: interpreted, compiled on a local object, compiled as a replicated server.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use super::generator;
use super::interpreter::{self, End, Run};
use crate::programs::{self, Bundle, Case, Hosts, compile};
use crate::{Outcome, run};

/// What main is told: to make its calls of a local object, or of a replicated server.
const WAYS: [&str; 2] = ["new", "server"];

/// Programs in one executable.
const IN_ONE: usize = 80;

/// A program, compiled, with what it prints in each of the ways to run it.
pub struct Subject {
    /// A name for it.
    pub name: String,
    /// Its text.
    pub text: String,
    case: Case,
    expected: Vec<Run>,
}

/// A program that does something else than the interpreter says.
pub struct Difference {
    /// Which program.
    pub name: String,
    /// Its text.
    pub text: String,
    /// In which way it ran, and what it did.
    pub report: String,
}

impl Subject {
    /// A program by its text.
    ///
    /// # Errors
    /// What the compiler says against it, or why the interpreter does not run it.
    pub fn of_text(name: String, text: String) -> Result<Subject, String> {
        let path = format!("{name}.cmsl");
        let (rust, servers) = compile(Path::new(&path), &text)?;
        let loaded = load(&path, &text);
        let mut expected = Vec::new();
        for way in WAYS {
            let ran = interpreter::run(&loaded.sources, &loaded.files, &[way.to_owned()]);
            if let End::Abandoned(why) = ran.end {
                return Err(format!("not interpreted: {why}"));
            }
            expected.push(ran);
        }
        let case = Case::unjudged(name.clone(), rust, servers);
        Ok(Subject {
            name,
            text,
            case,
            expected,
        })
    }

    /// The program of a seed.
    ///
    /// # Errors
    /// As for any text.
    pub fn of_seed(seed: u64) -> Result<Subject, String> {
        Subject::of_text(format!("seed_{seed}"), generator::program(seed))
    }
}

/// The syntax tree of a program that imports nothing.
pub(super) fn load(path: &str, text: &str) -> cmsl_codegen::Loaded {
    cmsl_codegen::load(Path::new(path), text.into(), &mut |_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
}

/// Builds the programs and runs them; tells which do something else than they should, or become Rust that is wrong.
#[must_use]
pub fn differences(krate: &str, mut subjects: Vec<Subject>) -> Vec<Difference> {
    let mut found = Vec::new();
    let bundles = loop {
        let chunks = subjects.chunks(IN_ONE).zip(0..);
        let bundles: Vec<Bundle> = chunks
            .map(|(some, number)| {
                let cases = some.iter().map(|subject| subject.case.clone()).collect();
                Bundle::new(format!("{krate}-{number}"), cases)
            })
            .collect();
        let Err(why) = programs::try_build(krate, &bundles) else {
            break bundles;
        };
        let before = subjects.len();
        subjects.retain(|subject| {
            let report = of_rustc(&why, &subject.name);
            if let Some(report) = &report {
                found.push(Difference {
                    name: subject.name.clone(),
                    text: subject.text.clone(),
                    report: report.clone(),
                });
            }
            report.is_none()
        });
        assert!(subjects.len() < before, "{why}");
    };
    for (bundle, some) in bundles.iter().zip(subjects.chunks(IN_ONE)) {
        let hosts = Hosts::start(&bundle.executable());
        let reports = programs::each(some, |subject| {
            let reports = WAYS.iter().zip(&subject.expected).map(|(way, expected)| {
                let mut command = bundle.command(&subject.case);
                command.arg(way).stdin(Stdio::null());
                if *way == "server" {
                    command.env("CMSL_CLUSTER", hosts.addresses());
                }
                report(way, &run(command), expected)
            });
            reports.collect::<String>()
        });
        for (subject, report) in some.iter().zip(reports) {
            if !report.is_empty() {
                found.push(Difference {
                    name: subject.name.clone(),
                    text: subject.text.clone(),
                    report,
                });
            }
        }
    }
    found
}

/// The first error that rustc has against a program.
fn of_rustc(said: &str, name: &str) -> Option<String> {
    let file = format!("/case_{name}.rs:");
    let errors = said.split("\n\n").filter(|part| part.starts_with("error"));
    let mut own = errors.filter(|part| {
        let place = part
            .lines()
            .find(|line| line.trim_start().starts_with("-->"));
        place.is_some_and(|place| place.contains(&file))
    });
    own.next().map(|error| format!("rustc: {error}\n"))
}

/// What differs in one way to run; empty if nothing does.
fn report(way: &str, outcome: &Outcome, expected: &Run) -> String {
    let mut report = String::new();
    let status = match &expected.end {
        End::Status(status) => *status,
        _ => 101,
    };
    if outcome.status != Some(status) {
        let _ = writeln!(report, "{way}: status {:?}, not {status}", outcome.status);
    }
    if outcome.stdout != expected.output {
        let lines = outcome.stdout.lines().zip(expected.output.lines());
        let first = lines.zip(1..).find(|((a, b), _)| a != b);
        match first {
            Some(((printed, said), line)) => {
                let _ = writeln!(
                    report,
                    "{way}: line {line} is\n{printed}\ninstead of\n{said}"
                );
            }
            None => {
                let (printed, said) = (outcome.stdout.len(), expected.output.len());
                let _ = writeln!(report, "{way}: {printed} bytes are printed, not {said}");
            }
        }
    }
    if let End::Uncaught { class, line } = &expected.end {
        let is_said = outcome.stderr.contains(&format!("uncaught {class}:"));
        if !is_said || !outcome.stderr.contains(&format!(".cmsl:{line}:")) {
            let _ = writeln!(report, "{way}: no {class} of line {line}");
        }
    }
    if !report.is_empty() && !outcome.stderr.is_empty() {
        let _ = writeln!(report, "stderr: {}", outcome.stderr);
    }
    report
}
