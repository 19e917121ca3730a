//! For the `build.rs` of a Rust project: a CMSL program becomes a module of it.
//!
//! ```no_run
//! // in `main` of build.rs
//! cmsl_codegen::build::compile("src/store.cmsl");
//! ```
//!
//! and, at the root of the crate (paths within the module begin there),
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/store.rs"));
//! ```
//!
//! give a module `store`: in `store::client` an asynchronous client for each server class, in `store::data` a plain
//! struct for each class that clients pass, and beside them the program as `cmsl emit` shows it. The package depends
//! on `cmsl-runtime`; what the program declares as `extern "rust"` it provides in a module `externs` at its root. Functions that
//! take `outside: &mut Outside` stand in the file `src/externs.rs` itself.
//!
//! This is the one place of the crate where files and the environment come in.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script is a process of its own, with files and an environment"
)]

use std::path::{Path, PathBuf};

use cmsl_parser::diagnostic::{self, Colours};
use cmsl_parser::{Diagnostic, Sources};

use crate::{RustFile, emit};

/// Compiles the program at a path, relative to the package, to a module for `include!`, and tells cargo which files it
/// was made of. If the program has errors, they are printed and the build script ends there with status 1.
///
/// # Panics
/// If this does not run in a build script, or the module cannot be written.
pub fn compile(path: impl AsRef<Path>) {
    let path = path.as_ref();
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("a build script has OUT_DIR"));
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut read = |path: &Path| {
        println!("cargo::rerun-if-changed={}", path.display());
        std::fs::read(path)
    };
    match module(path, &name, &mut read) {
        Ok(made) => {
            for warning in made.warnings {
                println!("cargo::warning={warning}");
            }
            let file = folder.join(format!("{name}.rs"));
            if let Err(why) = std::fs::write(&file, made.text) {
                panic!("cannot write {}: {why}", file.display());
            }
        }
        Err(why) => {
            eprint!("{why}");
            std::process::exit(1);
        }
    }
}

/// A program as a module.
#[derive(Debug)]
pub struct Module {
    /// The Rust text.
    pub text: String,
    /// What the compiler warns of, a line each.
    pub warnings: Vec<String>,
}

/// The module for a program; its files come through a function.
///
/// # Errors
/// What is wrong, as a person reads it.
pub fn module(
    root: &Path,
    name: &str,
    read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
) -> Result<Module, String> {
    if !is_identifier(name) {
        return Err(format!(
            "`{}` becomes a module, and `{name}` is no name for one: rename the file\n",
            root.display()
        ));
    }
    let bytes = read(root).map_err(|why| format!("cannot read {}: {why}\n", root.display()))?;
    let mut loaded = crate::load(root, bytes, read);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let (mut program, found) = crate::check(&loaded.sources, &loaded.files, &diagnostics);
    diagnostics.extend(found);
    if let Some(program) = program.as_mut().filter(|program| program.has_externals()) {
        diagnostics.extend(crate::embedding(program, &rust_code(read)));
    }
    diagnostic::sort(&mut diagnostics);
    let Some(program) = program.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) else {
        return Err(diagnostic::render(
            &loaded.sources,
            &diagnostics,
            Colours::Off,
        ));
    };
    let fingerprint = crate::package::fingerprint(&loaded.sources);
    Ok(Module {
        text: emit::embed(&program, &loaded.sources, name, &fingerprint),
        warnings: diagnostics
            .iter()
            .map(|warning| line(warning, &loaded.sources))
            .collect(),
    })
}

/// The module `externs` of the package, if it is a file: what its functions take and give is seen there only.
fn rust_code(read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>) -> Vec<RustFile> {
    let name = "src/externs.rs";
    let text = read(Path::new(name)).ok();
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
    let file = text.map(|text| RustFile {
        inside: "externs.rs".to_owned(),
        name: name.to_owned(),
        text,
    });
    file.into_iter().collect()
}

/// Whether Rust takes a name for a module as it is.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|char| char == '_' || char.is_ascii_alphanumeric())
}

/// A diagnostic on one line, which is what cargo shows of a warning.
fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let source = sources.source(diagnostic.span.file);
    let position = source.position(diagnostic.span.start);
    format!(
        "{}:{}:{}: {diagnostic}",
        source.name(),
        position.line,
        position.column
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The module, or what is wrong, of files the first of which is the root.
    fn made(files: &[(&str, &str)]) -> Result<Module, String> {
        let mut read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found
                .map(|(_, text)| text.as_bytes().to_vec())
                .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
        };
        module(Path::new(files[0].0), "made", &mut read)
    }

    #[test]
    fn rust_code_is_handed_what_is_outside_and_compared_with_its_declarations() {
        let program = "extern \"rust\" { long stamp (); }\nlong f () { return stamp (); }";
        let with = |code: &str| made(&[("a.cmsl", program), ("src/externs.rs", code)]);
        let taken = with("pub fn stamp(_: &mut Outside) -> i64 { 1 }").unwrap();
        assert!(
            taken.text.contains("externs::stamp(&mut Outside::here())"),
            "{}",
            taken.text
        );
        let plain = with("pub fn stamp() -> i64 { 1 }").unwrap();
        assert!(!plain.text.contains("Outside::here"), "{}", plain.text);
        let wrong = with("pub fn stamp(late: i32) -> i64 { 1 }").unwrap_err();
        assert!(wrong.contains("E0701"), "{wrong}");
        // A module without a file of its own is rustc's to judge.
        assert!(made(&[("a.cmsl", program)]).is_ok());
    }

    #[test]
    fn errors_are_shown_as_the_command_shows_them() {
        let why = made(&[("a.cmsl", "void f () { int x = true; }")]).unwrap_err();
        assert!(
            why.contains("error[E0") && why.contains("a.cmsl:1:"),
            "{why}"
        );
        let why = made(&[("a.cmsl", "import \"b.cmsl\";")]).unwrap_err();
        assert!(why.contains("cannot read `b.cmsl`"), "{why}");
    }

    #[test]
    fn warnings_are_one_line_each() {
        let text =
            "server class s { public: int f () { return 7; } } void g (s x) { invoke x->f (); }";
        let warnings = made(&[("a.cmsl", text)]).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].starts_with("a.cmsl:1:") && !warnings[0].contains('\n'),
            "{warnings:?}"
        );
    }

    #[test]
    fn a_file_whose_name_is_no_module_is_refused() {
        let mut read = |_: &Path| Ok(Vec::new());
        let why = module(Path::new("my-store.cmsl"), "my-store", &mut read).unwrap_err();
        assert!(why.contains("rename the file"), "{why}");
    }
}
