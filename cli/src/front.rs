//! The way through the compiler: from a project to diagnostics, or to the files of a crate.

mod catalogue;
mod externs;
mod json;
mod manifest;

pub use catalogue::{codes, explanation, pages};
pub use json::{effects as effects_json, server_loop as loop_json};

use crate::args::MessageFormat;
use crate::failure::Failure;
use crate::project::{MANIFEST, Project};
use cmsl_codegen::Loaded;
use cmsl_codegen::format::SourceMap;
use cmsl_codegen::ir::Program;
use cmsl_parser::diagnostic::{self, Colours, Diagnostic};
use cmsl_parser::{Sources, Span};
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

/// A generated crate.
#[derive(Debug)]
pub struct Generated {
    /// Its files: path relative to the crate, and text.
    pub files: BTreeMap<String, String>,
    /// The user's Rust files among them, with where they come from.
    pub user_files: Vec<(String, PathBuf)>,
    /// What the printed files were made from.
    pub origin: Option<Box<Origin>>,
}

/// Whether printed lines hold a use of the Rust code, in parts that rustc may show alone.
fn is_use(lines: &str) -> bool {
    ["embedded(", "external.", "argument_", "ExternResult"]
        .iter()
        .any(|part| lines.contains(part))
}

/// What a crate was printed from.
#[derive(Debug)]
pub struct Origin {
    program: Program,
    sources: Sources,
    map: SourceMap,
}

impl Origin {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// A place in its sources, as the user knows it.
    pub fn place(&self, span: Span) -> String {
        let source = self.sources.source(span.file);
        format!("{}:{}", source.name(), self.sources.position(span))
    }

    /// What rustc has against a line of the printed program that uses Rust code of the user's: said of the declaration
    /// that occurs in `texts`, the lines that rustc shows.
    pub fn blame(&self, line: u32, texts: &str, message: &str) -> Option<String> {
        let mut diagnostic = cmsl_codegen::embedding_mismatch(&self.program, texts, message)?;
        if let Some(span) = self.map.at(line).filter(|_| is_use(texts)) {
            diagnostic = diagnostic.label(span, "used here");
        }
        Some(diagnostic::render(&self.sources, &[diagnostic], colours()))
    }
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
pub fn check(project: &Project, format: MessageFormat) -> Result<(Program, Loaded), Failure> {
    checked(project, format)
}

/// Checks the program as it would be with other texts in some of its files.
pub fn check_edited(project: &Project, texts: &BTreeMap<PathBuf, String>) -> Result<(), Failure> {
    checked_with(project, MessageFormat::Human, texts).map(drop)
}

/// The Rust that the program is compiled to: the program itself, neither its tables nor what the
/// user wrote in Rust.
pub fn rust_text(project: &Project) -> Result<String, Failure> {
    let mut files = emitted(project)?.files;
    files
        .remove("src/main.rs")
        .ok_or_else(|| Failure::Internal("nothing was printed".into()))
}

/// What cargo is told beside the manifest.
const CARGO_SETTINGS: &str = "\
# What nests deeply takes more than the 8 MiB of stack that the Rust compiler gives itself.
[env]
RUST_MIN_STACK = { value = \"268435456\", force = true }
";

/// Compiles the program to a crate that uses the runtime in the folder `runtime`.
pub fn compile(project: &Project, runtime: &Path) -> Result<Generated, Failure> {
    let mut generated = emitted(project)?;
    let manifest = manifest::manifest(project, runtime);
    generated.files.insert("Cargo.toml".to_owned(), manifest);
    let settings = CARGO_SETTINGS.to_owned();
    generated
        .files
        .insert(".cargo/config.toml".to_owned(), settings);
    Ok(generated)
}

/// Loads and checks; a program whose text has errors ends here, after they were reported.
fn checked(project: &Project, format: MessageFormat) -> Result<(Program, Loaded), Failure> {
    checked_with(project, format, &BTreeMap::new())
}

/// The same with other texts in some of the files.
fn checked_with(
    project: &Project,
    format: MessageFormat,
    texts: &BTreeMap<PathBuf, String>,
) -> Result<(Program, Loaded), Failure> {
    let root = shown(&project.source);
    let mut read = |path: &Path| match texts.get(path) {
        Some(text) => Ok(text.clone().into_bytes()),
        None => self::read(path),
    };
    let bytes = read(&root).map_err(|why| Failure::file("read", &root, &why))?;
    let mut loaded = cmsl_codegen::load(&root, bytes, &mut read);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let (mut program, found) = cmsl_codegen::check(&loaded.sources, &loaded.files, &diagnostics);
    diagnostics.extend(found);
    if let (Some(program), Some(file)) = (&mut program, &project.extern_file)
        && let Ok(files) = externs::read(file)
    {
        let files = externs::for_compiler(&files);
        diagnostics.extend(cmsl_codegen::embedding(program, &files));
    }
    diagnostic::sort(&mut diagnostics);
    report(&loaded, &diagnostics, format)?;
    let none = || Failure::Internal("there is neither a program nor an error".into());
    Ok((program.ok_or_else(none)?, loaded))
}

/// The sources of the crate: what is printed, and the user's own Rust.
fn emitted(project: &Project) -> Result<Generated, Failure> {
    let (program, loaded) = checked(project, MessageFormat::Human)?;
    let mut generated = Generated {
        files: BTreeMap::new(),
        user_files: Vec::new(),
        origin: None,
    };
    if let Some(file) = &project.extern_file {
        externs::add(&mut generated, externs::read(file)?);
    }
    let (printed, map) = cmsl_codegen::package(&program, &loaded.sources, &project.name);
    if printed.contains_key("src/data.rs") && project.extern_file.is_none() {
        return Err(Failure::TextMessage(format!(
            "{} declares `extern \"rust\"`, and nothing provides it: make the program a folder \
                 with a {MANIFEST} that says `extern = \"FILE.rs\"`",
            shown(&project.source).display()
        )));
    }
    if printed.contains_key("src/data.rs") {
        let lints = cmsl_codegen::lint_settings();
        generated.files.insert("clippy.toml".to_owned(), lints);
    }
    generated.files.extend(printed);
    let sources = loaded.sources;
    generated.origin = Some(Box::new(Origin {
        program,
        sources,
        map,
    }));
    Ok(generated)
}

/// Warns of the places where the user's Rust goes past the simulator.
pub fn warn_of_direct_uses(project: &Project, format: MessageFormat) -> Result<(), Failure> {
    let Some(file) = &project.extern_file else {
        return Ok(());
    };
    let files = externs::for_compiler(&externs::read(file)?);
    let (sources, diagnostics) = cmsl_codegen::direct_uses(&files);
    match format {
        MessageFormat::Human => show(&sources, &diagnostics),
        MessageFormat::Json => {
            let found = diagnostics.iter();
            crate::say::json_lines(found.map(|found| json::diagnostic(&sources, found)))?;
        }
    }
    Ok(())
}

fn report(
    loaded: &Loaded,
    diagnostics: &[Diagnostic],
    format: MessageFormat,
) -> Result<(), Failure> {
    match format {
        MessageFormat::Human => show(&loaded.sources, diagnostics),
        MessageFormat::Json => {
            let lines = diagnostics
                .iter()
                .map(|diagnostic| json::diagnostic(&loaded.sources, diagnostic));
            crate::say::json_lines(lines)?;
        }
    }
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) else {
        return Ok(());
    };
    if format == MessageFormat::Human {
        let plural = if errors == 1 { "" } else { "s" };
        crate::say::error(format!("the program has {errors} error{plural}"));
        crate::say::help(format!("`cmsl explain {}` says more about it", first.code));
    }
    Err(Failure::text())
}

/// A source file, or so much of it that one can tell that it is too large.
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = cmsl_parser::SOURCE_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file in the one style; `read` gives the files that it imports.
pub fn formatted(
    path: &Path,
    bytes: Vec<u8>,
    read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
) -> Result<String, (Sources, Vec<Diagnostic>)> {
    let loaded = cmsl_codegen::load(path, bytes, read);
    // What is wrong with the others is not asked: a file that cannot be read says nothing about names.
    let Some((root, imported)) = loaded.files.split_last() else {
        return Err((loaded.sources, loaded.diagnostics));
    };
    cmsl_parser::format(&loaded.sources, root.file, imported)
        .map_err(|diagnostics| (loaded.sources, diagnostics))
}

/// Shows diagnostics to a person.
pub fn show(sources: &Sources, diagnostics: &[Diagnostic]) {
    let text = diagnostic::render(sources, diagnostics, colours());
    // A stderr that is closed is no reason to fail differently.
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), text.as_bytes());
}

fn colours() -> Colours {
    let wanted = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    if wanted { Colours::Ansi } else { Colours::Off }
}

/// The path as the user would write it here.
pub fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let relative = here
        .as_deref()
        .and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).to_path_buf()
}
