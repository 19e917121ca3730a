//! The way through the compiler: from a project to diagnostics, or to the files of a crate.

mod catalogue;
mod externs;
mod manifest;

pub use catalogue::{codes, explanation, pages};

use crate::failure::Failure;
use crate::project::Project;
use cmsl_codegen::{Loaded, load};
use cmsl_codegen::ir::Program;
use cmsl_parser::diagnostic::{self, Colours, Diagnostic};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// A generated crate.
#[derive(Debug)]
pub struct Generated {
    /// Its files: path relative to the crate, and text.
    pub files: BTreeMap<String, String>,
    /// The user's Rust files among them, with where they come from.
    pub user_files: Vec<(String, PathBuf)>,
}

impl Generated {
    /// Writes the files; those that are already so are left alone, for cargo looks at their times.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            if std::fs::read_to_string(&path).is_ok_and(|old| old == *text) {
                continue;
            }
            crate::cache::write(&path, text)?;
        }
        Ok(())
    }
}

/// Reports the program's diagnostics; fails if there is an error among them.
pub fn check(project: &Project) -> Result<(), Failure> {
    checked(project).map(drop)
}

/// The Rust that the program is compiled to, one file after the other.
pub fn rust_text(project: &Project) -> Result<String, Failure> {
    let files = emitted(project)?;
    let rust = files.iter().filter(|(name, _)| name.ends_with(".rs"));
    Ok(rust
        .map(|(name, text)| format!("// {name}\n\n{text}\n"))
        .collect())
}

/// Compiles the program to a crate that uses the runtime in the folder `runtime`.
pub fn compile(project: &Project, runtime: &Path) -> Result<Generated, Failure> {
    let mut generated = Generated {
        files: emitted(project)?,
        user_files: Vec::new(),
    };
    let manifest = manifest::manifest(project, runtime);
    generated.files.insert("Cargo.toml".to_owned(), manifest);
    if let Some(file) = &project.extern_file {
        externs::add(&mut generated, file)?;
    }
    Ok(generated)
}

/// Loads and checks; a program whose text has errors ends here, after they were reported.
fn checked(project: &Project) -> Result<(Loaded, Program), Failure> {
    let root = shown(&project.source);
    let bytes = std::fs::read(&root).map_err(|why| Failure::file("read", &root, &why))?;
    let mut read = |path: &Path| std::fs::read(path);
    let mut loaded = load(&root, bytes, &mut read);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let mut program = None;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let (checked, more) = cmsl_codegen::check(&loaded.sources, &loaded.files);
        program = checked;
        diagnostics.extend(more);
    }
    diagnostic::sort(&mut diagnostics);
    report(&loaded, &diagnostics)?;
    match program {
        Some(program) => Ok((loaded, program)),
        None => Err(Failure::Internal(
            "there is neither a program nor an error".into(),
        )),
    }
}

fn emitted(project: &Project) -> Result<BTreeMap<String, String>, Failure> {
    let (loaded, program) = checked(project)?;
    cmsl_codegen::package(&program, &loaded.sources, &project.name)
        .map_err(|why| Failure::Internal(format!("the Rust that was printed is none: {why}")))
}

fn report(loaded: &Loaded, diagnostics: &[Diagnostic]) -> Result<(), Failure> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let colours = if wants_colours() {
        Colours::Ansi
    } else {
        Colours::Off
    };
    let text = diagnostic::render(&loaded.sources, diagnostics, colours);
    // A stderr that is closed is no reason to fail differently.
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), text.as_bytes());
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    if errors == 0 {
        return Ok(());
    }
    if let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        let plural = if errors == 1 { "" } else { "s" };
        crate::say::error(format!("the program has {errors} error{plural}"));
        crate::say::help(format!("`cmsl explain {}` says more about it", first.code));
    }
    Err(Failure::text())
}

fn wants_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty())
}

/// The path as the user would write it here.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let relative = here
        .as_deref()
        .and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).to_path_buf()
}
