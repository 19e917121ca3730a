//! Programs and what they print: each `NAME.cmsl` here has its output in `NAME.out`, byte for byte.
//!
//! Comments in the first lines of a program say more: `// args: …`, `// status: …` (0 if absent) and
//! `// stderr: …`, a text that must occur there. All programs become the executables of one crate, so that
//! cargo is asked once. A program that creates servers gets a cluster of one host by itself.
//! `UPDATE_EXPECT=1` writes the outputs; read them before you keep them.

use cmsl_tests::{Cmsl, Outcome, beside_tests, repository, run};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One program and what is expected of it.
struct Case {
    name: String,
    source: PathBuf,
    args: Vec<String>,
    status: i32,
    stderr: Option<String>,
}

impl Case {
    fn read(source: PathBuf) -> Case {
        let text = std::fs::read_to_string(&source).unwrap();
        let said = |what: &str| {
            text.lines()
                .take_while(|line| line.starts_with("//"))
                .find_map(|line| line.strip_prefix(&format!("// {what}: ")))
                .map(str::to_owned)
        };
        Case {
            name: source.file_stem().unwrap().to_string_lossy().into_owned(),
            args: said("args").map_or(Vec::new(), |args| {
                args.split_whitespace().map(str::to_owned).collect()
            }),
            status: said("status").map_or(0, |status| status.parse().unwrap()),
            stderr: said("stderr"),
            source,
        }
    }

    fn expected(&self) -> PathBuf {
        self.source.with_extension("out")
    }

    /// What differs from what is expected; empty if nothing does.
    fn differences(&self, outcome: &Outcome) -> String {
        let mut report = String::new();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(self.expected(), &outcome.stdout).unwrap();
        }
        let expected = std::fs::read_to_string(self.expected()).unwrap_or_default();
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
        if report.is_empty() {
            return report;
        }
        format!("{}: {report}stderr:\n{}\n", self.name, outcome.stderr)
    }
}

fn cases() -> Vec<Case> {
    let folder = repository().join("tests/programs");
    let mut sources: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "cmsl")
        })
        .collect();
    sources.sort();
    sources.into_iter().map(Case::read).collect()
}

/// Prints all programs as the executables of one crate, and builds it; gives the folder of the executables.
fn build(cases: &[Case]) -> PathBuf {
    let folder = beside_tests("programs-in-one");
    let executables = folder.join("src/bin");
    let _ = std::fs::remove_dir_all(&executables);
    std::fs::create_dir_all(&executables).unwrap();
    for case in cases {
        let printed = folder.join("printed").join(&case.name);
        let _ = Cmsl::new(["emit", "--out"])
            .arg(&printed)
            .arg(&case.source)
            .run()
            .expect_status(0);
        std::fs::rename(printed.join("src"), executables.join(executable(case))).unwrap();
        for file in ["Cargo.toml", "Cargo.lock"] {
            std::fs::copy(printed.join(file), folder.join(file)).unwrap();
        }
    }
    let target = beside_tests("cmsl-home").join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--offline", "--target-dir"])
        .arg(&target)
        .current_dir(&folder)
        .stdin(Stdio::null());
    let _ = run(cargo).expect_status(0);
    target.join("debug")
}

/// Apart from the executables of other tests in the same folder.
fn executable(case: &Case) -> String {
    format!("case-{}", case.name)
}

#[test]
fn each_program_prints_what_is_written_beside_it() {
    let cases = cases();
    let folder = build(&cases);
    let report: String = cases
        .iter()
        .map(|case| {
            let mut command = Command::new(Path::new(&folder).join(executable(case)));
            command
                .args(&case.args)
                .current_dir(repository())
                .stdin(Stdio::null());
            case.differences(&run(command))
        })
        .collect();
    assert!(report.is_empty(), "{report}");
}
