//! The way through the compiler: from a project to diagnostics, or to the files of a crate.

use crate::failure::Failure;
use crate::project::Project;
use std::collections::BTreeMap;
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
pub fn check(_project: &Project) -> Result<(), Failure> {
    Err(Failure::Internal("the compiler is not connected".into()))
}

/// The Rust that the program is compiled to, one file after the other.
pub fn rust_text(_project: &Project) -> Result<String, Failure> {
    Err(Failure::Internal("the compiler is not connected".into()))
}

/// Compiles the program to a crate that uses the runtime in the folder `runtime`.
pub fn compile(_project: &Project, _runtime: &Path) -> Result<Generated, Failure> {
    Err(Failure::Internal("the compiler is not connected".into()))
}

/// The page of a diagnostic code.
pub fn explanation(code: &str) -> Result<String, Failure> {
    Err(Failure::Usage(format!("there is no diagnostic `{code}`")))
}

/// All diagnostic codes, with a line each.
pub fn codes() -> String {
    String::new()
}
