//! One program and what is expected of it.

use crate::{Outcome, repository, run};
use cmsl_parser::Sources;
use cmsl_parser::diagnostic::{Colours, render};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Without a cluster: one that creates servers gets a host by itself.
    One,
    /// In a cluster of four hosts.
    Four,
}

/// What the output is compared with.
#[derive(Clone, Debug)]
enum Expected {
    File(PathBuf),
    Text(String),
}

/// One program.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique among the programs of its folder.
    pub name: String,
    /// The Rust that it is printed as.
    pub rust: cmsl_codegen::emit::Emitted,
    /// The code behind its extern declarations.
    pub externs: Option<String>,
    /// The names of its server classes.
    pub servers: Vec<String>,
    args: Vec<String>,
    status: i32,
    stderr: Option<String>,
    only: Option<Place>,
    expected: Expected,
}

impl Case {
    /// The program in a file below the repository, with its output in the file beside it.
    pub fn of_file(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let externs = std::fs::read_to_string(path.with_extension("rs")).ok();
        let expected = Expected::File(path.with_extension("out"));
        let shown = path.strip_prefix(repository()).unwrap();
        Case::new(name, shown, &text, externs, expected)
    }

    /// A program that stands in a page, with its output below it.
    pub fn of_text(name: String, page: &Path, text: &str, output: String) -> Case {
        Case::new(name, page, text, None, Expected::Text(output))
    }

    /// A program whose output somebody else judges.
    #[must_use]
    pub fn unjudged(name: String, rust: cmsl_codegen::emit::Emitted, servers: Vec<String>) -> Case {
        Case {
            name,
            rust,
            externs: None,
            servers,
            args: Vec::new(),
            status: 0,
            stderr: None,
            only: None,
            expected: Expected::Text(String::new()),
        }
    }

    fn new(
        name: String,
        path: &Path,
        text: &str,
        externs: Option<String>,
        expected: Expected,
    ) -> Case {
        let said = |what: &str| {
            text.lines()
                .take_while(|line| line.starts_with("//"))
                .find_map(|line| line.strip_prefix(&format!("// {what}: ")))
                .map(str::to_owned)
        };
        let (rust, servers) =
            compile_with(path, text, externs.as_deref()).unwrap_or_else(|why| panic!("{why}"));
        Case {
            args: said("args").map_or(Vec::new(), |args| {
                args.split_whitespace().map(str::to_owned).collect()
            }),
            status: said("status").map_or(0, |status| status.parse().unwrap()),
            stderr: said("stderr"),
            only: said("hosts").map(|hosts| match hosts.as_str() {
                "1" => Place::One,
                "4" => Place::Four,
                other => panic!("{name}: hosts: {other}"),
            }),
            name,
            rust,
            externs,
            servers,
            expected,
        }
    }

    /// Whether it is to run there.
    pub fn runs_on(&self, place: Place) -> bool {
        match self.only {
            Some(only) => only == place,
            None => place == Place::One || !self.servers.is_empty(),
        }
    }

    /// Runs the command and tells what differs from what is expected; empty if nothing does.
    pub fn differences(&self, place: Place, mut command: Command) -> String {
        command
            .args(&self.args)
            .current_dir(repository())
            .stdin(Stdio::null());
        let outcome = run(command);
        let writes = place == Place::One || self.only == Some(place);
        if writes
            && std::env::var_os("UPDATE_EXPECT").is_some()
            && let Expected::File(path) = &self.expected
        {
            std::fs::write(path, &outcome.stdout).unwrap();
        }
        let report = self.compare(&outcome);
        if report.is_empty() {
            return report;
        }
        let name = &self.name;
        format!("{name} ({place:?}): {report}stderr:\n{}\n", outcome.stderr)
    }

    fn compare(&self, outcome: &Outcome) -> String {
        let mut report = String::new();
        let expected = match &self.expected {
            Expected::File(path) => std::fs::read_to_string(path).unwrap_or_default(),
            Expected::Text(text) => text.clone(),
        };
        if outcome.status != Some(self.status) {
            let _ = writeln!(report, "status {:?}, not {}", outcome.status, self.status);
        }
        if outcome.stdout != expected {
            let _ = writeln!(report, "printed\n{}instead of\n{expected}", outcome.stdout);
        }
        if let Some(stderr) = &self.stderr
            && !outcome.stderr.contains(stderr)
        {
            let _ = writeln!(report, "no \"{stderr}\" on stderr");
        }
        report
    }
}

/// Compiles a text as if it stood in that file below the repository; gives the Rust and the names of the server
/// classes.
///
/// # Errors
/// What the compiler says of a program that has mistakes.
pub fn compile(
    path: &Path,
    text: &str,
) -> Result<(cmsl_codegen::emit::Emitted, Vec<String>), String> {
    compile_with(path, text, None)
}

/// The same with the Rust code behind its extern declarations.
fn compile_with(
    path: &Path,
    text: &str,
    externs: Option<&str>,
) -> Result<(cmsl_codegen::emit::Emitted, Vec<String>), String> {
    let root = repository();
    let mut loaded = cmsl_codegen::load(path, text.as_bytes().to_vec(), &mut |import| {
        std::fs::read(root.join(import))
    });
    let (mut program, more) =
        cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    loaded.diagnostics.extend(more);
    if let (Some(program), Some(text)) = (&mut program, externs) {
        let file = cmsl_codegen::RustFile {
            inside: "externs.rs".to_owned(),
            name: "externs.rs".to_owned(),
            text: text.to_owned(),
        };
        let more = cmsl_codegen::embedding(program, &[file]);
        loaded.diagnostics.extend(more);
    }
    if loaded.diagnostics.iter().all(|found| !found.is_error())
        && let Some(program) = program
    {
        return Ok(emit(&program, &loaded.sources, path));
    }
    Err(render(&loaded.sources, &loaded.diagnostics, Colours::Off))
}

fn emit(
    program: &cmsl_codegen::ir::Program,
    sources: &Sources,
    path: &Path,
) -> (cmsl_codegen::emit::Emitted, Vec<String>) {
    let name = path.file_stem().unwrap().to_string_lossy();
    let rust = cmsl_codegen::emit::emit(program, sources, &name, "0");
    let servers = rust
        .main
        .split("ServerClass {\n")
        .skip(1)
        .filter_map(|text| text.split('"').nth(1))
        .map(str::to_owned)
        .collect();
    (rust, servers)
}
