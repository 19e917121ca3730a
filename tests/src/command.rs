//! The `cmsl` command under test.
//!
//! All tests share one cache beside the build products, so that the runtime is built once; nothing
//! of the developer's own cache or settings is used.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The longest that a command may take, a first build of the runtime on a slow machine included.
const WITHIN: Duration = Duration::from_secs(600);

/// The folder of the workspace.
#[must_use]
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the package has a parent folder")
        .to_path_buf()
}

/// A `cmsl` command in the making.
#[derive(Debug)]
pub struct Cmsl {
    command: Command,
}

/// How a command ended and what it wrote.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// What went to stdout.
    pub stdout: String,
    /// What went to stderr.
    pub stderr: String,
}

impl Cmsl {
    /// A command with these words, the cache of the tests, and nothing on stdin.
    pub fn new<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Self {
        let mut command = Command::new(beside_tests("cmsl-under-test"));
        command
            .args(words)
            .env("CMSL_HOME", beside_tests("cmsl-home"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        Self { command }
    }

    /// Adds a word.
    #[must_use]
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.command.arg(word);
        self
    }

    /// Adds words.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.command.args(words);
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in this folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// The command itself, for tests that do more than to wait for it.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs to the end.
    #[must_use]
    pub fn run(self) -> Outcome {
        run(self.command)
    }
}

impl Outcome {
    /// The same outcome, if the status is this one; otherwise the test fails and shows everything.
    #[must_use]
    pub fn expect_status(self, status: i32) -> Self {
        assert_eq!(
            self.status,
            Some(status),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Runs any command to its end, within the time that a test may take.
#[must_use]
pub fn run(mut command: Command) -> Outcome {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|why| panic!("{command:?} does not start: {why}"));
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let deadline = Instant::now() + WITHIN;
    let status: ExitStatus = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("{command:?} did not end within {} s", WITHIN.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Outcome {
        status: status.code(),
        stdout: stdout.join().unwrap(),
        stderr: stderr.join().unwrap(),
    }
}

/// Builds a program of the repository (a path relative to its root) and gives its executable.
#[must_use]
pub fn build(program: &str) -> PathBuf {
    let name: String = program
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = beside_tests("programs");
    std::fs::create_dir_all(&folder).unwrap();
    let executable = folder.join(name);
    let outcome = Cmsl::new(["build"])
        .arg(repository().join(program))
        .arg("-o")
        .arg(&executable)
        .run();
    let _ = outcome.expect_status(0);
    executable
}

/// The same on a runtime in which faults can be planted, which no command builds: the emitted crate, with the
/// feature that its manifest would never ask for.
#[must_use]
pub fn build_with_faults(program: &str) -> PathBuf {
    let folder = beside_tests("with-faults");
    let outcome = Cmsl::new(["emit"])
        .arg(repository().join(program))
        .arg("--out")
        .arg(&folder)
        .run();
    let _ = outcome.expect_status(0);
    let manifest = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let runtime = "[dependencies.cmsl-runtime]\n";
    assert!(text.contains(runtime), "{text}");
    let text = text.replace(runtime, &format!("{runtime}features = [\"mutants\"]\n"));
    std::fs::write(&manifest, text).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Beside what the command builds, so that the dependencies are there already.
    let target = beside_tests("cmsl-home").join("target");
    let mut command = Command::new(cargo);
    command
        .args(["build", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&target)
        .arg("--message-format=json-render-diagnostics");
    let outcome = run(command).expect_status(0);
    let built = outcome.stdout.lines().find_map(|line| {
        let (_, path) = line.split_once("\"executable\":\"")?;
        Some(PathBuf::from(path.split('"').next()?))
    });
    built.unwrap_or_else(|| panic!("no executable: {}", outcome.stdout))
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    let mut pipe = pipe.expect("both outputs are pipes");
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Builds the `cmsl` command of this same code: cargo does it for tests, and not for the other executables.
///
/// # Panics
/// If cargo does not build it.
pub fn same_command() {
    same_executable("cmsl-under-test");
}

/// Builds an executable of this same code, as this one was built.
///
/// # Panics
/// If cargo does not build it.
pub fn same_executable(name: &str) {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "-q", "-p", "cmsl-tests", "--bin", name]);
    if beside_tests("").ends_with("release") {
        command.arg("--release");
    }
    let built = command.status();
    assert!(built.is_ok_and(|status| status.success()), "no `{name}`");
}

/// A path in the folder of the build products: that of this command's executable, or one up from that of a test's, `deps`.
#[must_use]
pub fn beside_tests(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its executable");
    let folder = test.parent().expect("an executable stands in a folder");
    match folder.parent() {
        Some(above) if folder.ends_with("deps") => above.join(name),
        _ => folder.join(name),
    }
}
