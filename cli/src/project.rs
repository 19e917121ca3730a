//! What a command is given to work on: a `.cmsl` file, or a folder with a `cmsl.toml`.
//!
//! Knows file names and the settings; what the sources say is the compiler's business.

mod settings;

pub use settings::{Dependency, HOSTS_MAX, MANIFEST, is_name};

use crate::failure::Failure;
use settings::Settings;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How many hosts a cluster has when nobody says.
pub const HOSTS_DEFAULT: u16 = 4;

/// A program before it is compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The program's name: that of the settings, the folder or the file.
    pub name: String,
    /// The folder that the program stands in, absolute: where its own data files are.
    pub folder: PathBuf,
    /// The root source, absolute.
    pub source: PathBuf,
    /// The Rust file that provides what `extern "rust"` declares, absolute.
    pub extern_file: Option<PathBuf>,
    /// The crates that it uses.
    pub dependencies: BTreeMap<String, Dependency>,
    /// How many hosts `cmsl run` starts when it is not told.
    pub hosts: u16,
}

impl Project {
    /// Finds out what `path` names.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let absolute = fs::canonicalize(path).map_err(|why| match why.kind() {
            std::io::ErrorKind::NotFound => {
                let source = path.with_added_extension("cmsl");
                let near = match source.is_file() {
                    true => format!("; did you mean `{}`?", source.display()),
                    false => String::new(),
                };
                Failure::Usage(format!(
                    "there is no file or folder `{}`{near}",
                    path.display()
                ))
            }
            _ => Failure::file("read", path, &why),
        })?;
        if absolute.is_dir() {
            return folder(&absolute, path);
        }
        if absolute.file_name().is_some_and(|name| name == MANIFEST)
            && let Some(parent) = absolute.parent()
        {
            return folder(parent, path);
        }
        if absolute
            .extension()
            .is_none_or(|extension| extension != "cmsl")
        {
            return Err(Failure::Usage(format!(
                "`{}` is neither a .cmsl file nor a folder with a {MANIFEST}",
                path.display()
            )));
        }
        Ok(Self {
            name: crate_name(&stem(&absolute)),
            folder: absolute.parent().map_or_else(PathBuf::new, Path::to_owned),
            source: absolute,
            extern_file: None,
            dependencies: BTreeMap::new(),
            hosts: HOSTS_DEFAULT,
        })
    }
}

fn folder(absolute: &Path, shown: &Path) -> Result<Project, Failure> {
    let manifest = absolute.join(MANIFEST);
    let text = fs::read_to_string(&manifest).map_err(|why| match why.kind() {
        std::io::ErrorKind::NotFound => Failure::Usage(format!(
            "the folder `{}` has no {MANIFEST}; name a .cmsl file, or make a folder that has one with \
             `cmsl new NAME`",
            shown.display()
        )),
        _ => Failure::file("read", &manifest, &why),
    })?;
    let settings = Settings::read(&text, &manifest)?;
    let existing = |file: &str, key: &str| -> Result<PathBuf, Failure> {
        let path = absolute.join(file);
        let wrong = |what: &str| {
            let text = format!("{}: `{key}` names `{file}`, {what}", manifest.display());
            Failure::TextMessage(text)
        };
        match fs::canonicalize(&path) {
            Ok(path) if path.is_dir() => Err(wrong("which is a folder: name a file in it")),
            Ok(path) => Ok(path),
            Err(_) => Err(wrong("which does not exist")),
        }
    };
    let extern_file = match &settings.extern_file {
        Some(file) => Some(existing(file, "extern")?),
        None => None,
    };
    Ok(Project {
        name: crate_name(&settings.name.clone().unwrap_or_else(|| stem(absolute))),
        folder: absolute.to_owned(),
        source: existing(&settings.main, "main")?,
        extern_file,
        dependencies: settings.dependencies,
        hosts: settings.hosts.unwrap_or(HOSTS_DEFAULT),
    })
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// A name that cargo takes for a package: `-` for what it does not take, a letter first.
fn crate_name(name: &str) -> String {
    let mut made: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                c
            } else {
                '-'
            }
        })
        .collect();
    if !made.starts_with(|c: char| c.is_ascii_alphabetic()) {
        made.insert_str(0, "program-");
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_name_gives_a_crate_name() {
        assert_eq!(crate_name("air-traffic-control"), "air-traffic-control");
        assert_eq!(crate_name("8 bit"), "program-8-bit");
        assert_eq!(crate_name("straße"), "stra-e");
        assert_eq!(crate_name(""), "program-");
    }

    #[test]
    fn a_file_alone_has_default_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hello.cmsl");
        fs::write(&file, "void main () {}").unwrap();
        let project = Project::open(&file).unwrap();
        assert_eq!(
            (project.name.as_str(), project.hosts),
            ("hello", HOSTS_DEFAULT)
        );
    }

    #[test]
    fn a_folder_without_settings_is_wrong_usage() {
        let folder = tempfile::tempdir().unwrap();
        let failure = Project::open(folder.path()).unwrap_err();
        assert_eq!(failure.status(), crate::failure::STATUS_USAGE);
        assert!(
            failure.to_string().contains("has no cmsl.toml"),
            "{failure}"
        );
    }

    #[test]
    fn a_source_that_the_settings_name_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), "main = \"src/gone.cmsl\"").unwrap();
        let failure = Project::open(folder.path()).unwrap_err();
        assert!(
            failure
                .to_string()
                .contains("`src/gone.cmsl`, which does not exist"),
            "{failure}"
        );
    }
}
