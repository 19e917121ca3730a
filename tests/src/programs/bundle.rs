//! Many programs in one executable, so that they are linked once.
//!
//! Each program is a module, as it was printed; the variable `CMSL_TEST_PROGRAM` says which main runs. The kernels of the
//! executable know the server classes of all of them, so that one cluster serves all. Files are written only when they
//! change: cargo then builds only the bundles of what was changed.

use super::Case;
use crate::{Cmsl, beside_tests, repository, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says which main runs.
const PROGRAM: &str = "CMSL_TEST_PROGRAM";

/// The root of a bundle, after its modules.
const ROOT: &str = r#"
use cmsl_runtime::program::{Program, ServerClass, Start, run};

fn start_main(start: Start) -> i32 {
    let name = std::env::var("CMSL_TEST_PROGRAM").unwrap();
    let (_, program) = PROGRAMS.iter().find(|(known, _)| *known == name).unwrap();
    (program.main)(start)
}

fn main() {
    let classes: Vec<ServerClass> = PROGRAMS
        .iter()
        .flat_map(|(_, program)| program.classes)
        .map(|class| ServerClass { ..*class })
        .collect();
    run(Box::leak(Box::new(Program {
        name: "bundle",
        fingerprint: "bundle",
        classes: classes.leak(),
        main: start_main,
    })))
}
"#;

/// Programs that become one executable.
#[derive(Debug)]
pub struct Bundle {
    name: String,
    /// The programs.
    pub cases: Vec<Case>,
}

impl Bundle {
    /// The programs of a folder.
    #[must_use]
    pub fn of_folder(folder: PathBuf) -> Bundle {
        let mut sources: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "cmsl"))
            .collect();
        sources.sort();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let cases = sources.iter().map(|path| Case::of_file(path)).collect();
        Bundle::new(name, cases)
    }

    /// These programs.
    #[must_use]
    pub fn new(name: String, cases: Vec<Case>) -> Bundle {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for case in &cases {
            for class in &case.servers {
                if let Some(other) = owners.insert(class, &case.name) {
                    let case = &case.name;
                    panic!(
                        "{case} and {other} in {name} share a cluster: `{class}` needs another name"
                    );
                }
            }
        }
        Bundle { name, cases }
    }

    fn target(&self) -> String {
        format!("bundle-{}", self.name)
    }

    /// The executable, once it is built.
    #[must_use]
    pub fn executable(&self) -> PathBuf {
        target_folder().join("debug").join(self.target())
    }

    /// Runs the main of a program.
    #[must_use]
    pub fn command(&self, case: &Case) -> Command {
        let mut command = Command::new(self.executable());
        command.env(PROGRAM, &case.name).arg("--");
        command
    }

    /// Its Rust files below `src/bin`.
    fn files(&self) -> BTreeMap<PathBuf, String> {
        let folder = PathBuf::from(self.target());
        let mut files = BTreeMap::new();
        // As in the roots of programs whose types nest deeply.
        let mut root = String::from("#![recursion_limit = \"4096\"]\n");
        let mut programs = String::new();
        for case in &self.cases {
            let name = &case.name;
            let module = format!("case_{name}");
            let _ = writeln!(root, "mod {module};");
            let _ = writeln!(programs, "    ({name:?}, {module}::REGISTERED),");
            let inside = |text: &str| text.replace("crate::", &format!("crate::{module}::"));
            let mut main = inside(&case.rust.main);
            main.push_str("\npub static REGISTERED: &Program = &PROGRAM;\n");
            files.insert(folder.join(format!("{module}.rs")), main);
            let folder = folder.join(module.clone());
            files.insert(folder.join("positions.rs"), case.rust.positions.clone());
            if let Some(data) = &case.rust.data {
                files.insert(folder.join("data.rs"), inside(data));
            }
            if let Some(externs) = &case.externs {
                files.insert(folder.join("externs.rs"), inside(externs));
            }
        }
        let _ = write!(
            root,
            "\nconst PROGRAMS: &[(&str, &Program)] = &[\n{programs}];\n{ROOT}"
        );
        files.insert(folder.join("main.rs"), root);
        files
    }
}

/// Where the tests' programs are built.
fn target_folder() -> PathBuf {
    beside_tests("cmsl-home").join("target")
}

/// Prints bundles as the executables of one crate, and builds it.
pub fn build(name: &str, bundles: &[Bundle]) {
    if let Err(why) = try_build(name, bundles) {
        panic!("{why}");
    }
}

/// The same, for programs that may become Rust that is wrong.
///
/// # Errors
/// What cargo says.
pub fn try_build(name: &str, bundles: &[Bundle]) -> Result<(), String> {
    let outcome = run(cargo("build", &write(name, bundles)));
    if outcome.status == Some(0) {
        Ok(())
    } else {
        Err(outcome.stderr)
    }
}

/// Prints bundles as the executables of one crate; gives its folder.
///
/// # Panics
/// If the compiler refuses one.
#[must_use]
pub fn write(name: &str, bundles: &[Bundle]) -> PathBuf {
    let folder = beside_tests(name);
    let printed = folder.join("printed");
    let _ = Cmsl::new(["emit", "--out"])
        .arg(&printed)
        .arg(repository().join("tests/programs/source/hello.cmsl"))
        .run()
        .expect_status(0);
    // They are compiled once for each run; what they are linked with stays as users get it, and is built once for all tests.
    let manifest = std::fs::read_to_string(printed.join("Cargo.toml"))
        .unwrap()
        .replace("name = \"hello\"", &format!("name = {name:?}"))
        + &format!(
            "\n[profile.dev.package.{name}]\nopt-level = 0\ndebug = false\nincremental = false\n"
        );
    let lock = std::fs::read_to_string(printed.join("Cargo.lock")).unwrap();
    write_if_changed(&folder.join("Cargo.toml"), &manifest);
    if !folder.join("Cargo.lock").exists() {
        write_if_changed(&folder.join("Cargo.lock"), &lock);
    }
    let executables = folder.join("src/bin");
    remove_all_but(&executables, bundles.iter().map(Bundle::target).collect());
    for (path, text) in bundles.iter().flat_map(Bundle::files) {
        write_if_changed(&executables.join(path), &text);
    }
    folder
}

/// A command of cargo for a crate of bundles.
#[must_use]
pub fn cargo(command: &str, folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    // As the command has it.
    cargo.env("RUST_MIN_STACK", "268435456");
    cargo
        .args([command, "--offline", "--keep-going", "--target-dir"])
        .arg(target_folder())
        .current_dir(folder)
        .stdin(Stdio::null());
    cargo
}

fn remove_all_but(folder: &Path, wanted: BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if !wanted.contains(&*entry.file_name().to_string_lossy()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes a file, unless it holds that text already: cargo looks at the time of the last change.
pub fn write_if_changed(path: &Path, text: &str) {
    if std::fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
