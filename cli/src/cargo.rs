//! Cargo, run on a generated crate: its messages become a progress line, an executable, or errors.
//!
//! What rustc has against the user's own Rust files is shown as it is; what it has against the lines that
//! use them is said of the program's `extern` declarations; anything else is a fault of ours.

use crate::failure::Failure;
use crate::front::Origin;
use crate::say;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// The most of cargo's own complaints that is kept for a report.
const COMPLAINTS_BYTES_MAX: u64 = 64 * 1024;

/// How well generated code is optimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `opt-level = 1`: quick to build and quick enough to run.
    Quick,
    /// Fully.
    Release,
    /// As quick, with the simulator in it.
    Simulation,
}

impl Profile {
    /// The profile that a `--release` flag asks for.
    pub fn of_flag(release: bool) -> Self {
        if release { Self::Release } else { Self::Quick }
    }

    /// A word for it in paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Release => "release",
            Self::Simulation => "simulation",
        }
    }
}

/// A crate for cargo to build.
#[derive(Debug)]
pub struct Job<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// The program's name, for the progress line.
    pub name: &'a str,
    /// The target folder that all generated crates share.
    pub target: &'a Path,
    /// How to optimise.
    pub profile: Profile,
    /// The user's Rust files: where they stand in the crate (relative), and where they come from.
    pub user_files: &'a [(String, PathBuf)],
    /// What the crate was printed from.
    pub origin: Option<&'a Origin>,
}

/// Builds the crate's executable and says where cargo put it.
pub fn build(job: &Job<'_>) -> Result<PathBuf, Failure> {
    if is_first(job) {
        let what = "the runtime, which is compiled the first time: this takes a minute or more";
        say::note("building", format!("{}, and {what}", job.name));
    }
    // What was fetched once is enough without a network; only when it is not, cargo may fetch.
    match attempt(job, Network::Unused)? {
        Attempt::Built(executable) => Ok(executable),
        Attempt::Failed(_) => match attempt(job, Network::Allowed)? {
            Attempt::Built(executable) => Ok(executable),
            Attempt::Failed(complaints) => Err(Failure::world_with_help(
                format!("cargo failed:\n{}", complaints.trim_end()),
                "the first build fetches crates and needs a network; later ones do not",
            )),
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Unused,
    Allowed,
}

enum Attempt {
    Built(PathBuf),
    /// Cargo itself failed, before rustc had anything to say.
    Failed(String),
}

fn attempt(job: &Job<'_>, network: Network) -> Result<Attempt, Failure> {
    let mut child = spawn(job, network)?;
    let complaints = child.stderr.take().map(|stderr| {
        std::thread::spawn(move || {
            let mut kept = String::new();
            let mut rest = BufReader::new(stderr);
            let _ = rest
                .by_ref()
                .take(COMPLAINTS_BYTES_MAX)
                .read_to_string(&mut kept);
            // Cargo must never wait for a full pipe.
            let _ = std::io::copy(&mut rest, &mut std::io::sink());
            kept
        })
    });
    let outcome = follow(job, &mut child);
    let status = child
        .wait()
        .map_err(|why| Failure::world(format!("cargo was lost: {why}")))?;
    let complaints = complaints
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    judge(job, outcome, status, complaints)
}

fn spawn(job: &Job<'_>, network: Network) -> Result<Child, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command
        .args([
            "build",
            "--quiet",
            "--message-format=json",
            "--manifest-path",
        ])
        .arg(job.folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(job.target)
        // A setting of the user's own projects must not reach in here.
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(job.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    match job.profile {
        Profile::Quick => {}
        Profile::Release => {
            command.arg("--release");
        }
        Profile::Simulation => {
            command.args(["--features", "cmsl-runtime/sim"]);
        }
    }
    if network == Network::Unused {
        command.arg("--offline");
    }
    command.spawn().map_err(|why| {
        Failure::world_with_help(
            format!(
                "cannot start cargo ({}): {why}",
                PathBuf::from(&cargo).display()
            ),
            "cmsl builds programs with Rust: install it from https://rustup.rs",
        )
    })
}

/// What cargo said on its way.
#[derive(Default)]
struct Outcome {
    executable: Option<PathBuf>,
    errors_of_user: Vec<String>,
    errors_of_ours: Vec<String>,
}

fn follow(job: &Job<'_>, child: &mut Child) -> Outcome {
    let mut outcome = Outcome::default();
    let progress = progress(job);
    let stdout = child.stdout.take().map(BufReader::new);
    for line in stdout
        .into_iter()
        .flat_map(|stdout| stdout.lines().map_while(Result::ok))
    {
        // A line that is not JSON is a build script's chatter.
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        match text(&message, "reason") {
            "compiler-artifact" => {
                progress.inc(1);
                let name = message
                    .get("target")
                    .map_or("", |target| text(target, "name"));
                progress.set_message(name.to_owned());
                if let Some(executable) = message.get("executable").and_then(Value::as_str) {
                    outcome.executable = Some(PathBuf::from(executable));
                }
            }
            "compiler-message" => {
                if let Some(message) = message.get("message") {
                    outcome.note(job, message);
                }
            }
            _ => {}
        }
    }
    progress.finish_and_clear();
    outcome
}

impl Outcome {
    fn note(&mut self, job: &Job<'_>, message: &Value) {
        if text(message, "level") != "error" {
            return;
        }
        let rendered = text(message, "rendered").to_owned();
        let is_at_user = |span: &Value| is_primary(span) && user_file(job, span).is_some();
        if !list(message, "spans").any(is_at_user) {
            if let Some(said) = blame(job, message) {
                if !self.errors_of_user.contains(&said) {
                    self.errors_of_user.push(said);
                }
                return;
            }
            if place_at_user(job, message).is_none() {
                self.errors_of_ours.push(rendered);
                return;
            }
        }
        self.errors_of_user.push(with_original_names(job, rendered));
    }
}

/// The message as one about the program's declarations.
fn blame(job: &Job<'_>, message: &Value) -> Option<String> {
    let origin = job.origin?;
    let mut texts = String::new();
    lines_of(message, &mut texts);
    let line = list(message, "spans")
        .find(|span| is_primary(span) && text(span, "file_name") == "src/main.rs")
        .and_then(|span| span.get("line_start")?.as_u64())?;
    let mut said = text(message, "message").to_owned();
    if let Some((file, line)) = place_at_user(job, message) {
        said = format!("{said} ({file}:{line})");
    }
    origin.blame(u32::try_from(line).ok()?, &texts, &said)
}

/// The lines that a message shows, those of its notes included.
fn lines_of(message: &Value, into: &mut String) {
    for span in list(message, "spans") {
        for line in list(span, "text") {
            into.push_str(text(line, "text"));
            into.push('\n');
        }
    }
    for child in list(message, "children") {
        lines_of(child, into);
    }
}

/// The first place in the user's own files that a message, or a note under it, points to.
fn place_at_user(job: &Job<'_>, message: &Value) -> Option<(String, u64)> {
    let own = list(message, "spans").find_map(|span| {
        let file = user_file(job, span)?.to_string_lossy().into_owned();
        Some((file, span.get("line_start")?.as_u64()?))
    });
    own.or_else(|| list(message, "children").find_map(|child| place_at_user(job, child)))
}

fn with_original_names(job: &Job<'_>, rendered: String) -> String {
    let replaced = |text: String, (inside, original): &(String, PathBuf)| {
        text.replace(inside.as_str(), &original.to_string_lossy())
    };
    job.user_files.iter().fold(rendered, replaced)
}

/// The user's own file that a span is in.
fn user_file<'a>(job: &'a Job<'_>, span: &Value) -> Option<&'a Path> {
    let name = text(span, "file_name");
    let mut files = job.user_files.iter();
    let (_, original) = files.find(|(inside, _)| inside == name)?;
    Some(original)
}

fn is_primary(span: &Value) -> bool {
    span.get("is_primary").and_then(Value::as_bool) == Some(true)
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let items = value.get(key).and_then(Value::as_array);
    items.into_iter().flatten()
}

fn judge(
    job: &Job<'_>,
    outcome: Outcome,
    status: ExitStatus,
    complaints: String,
) -> Result<Attempt, Failure> {
    if !outcome.errors_of_user.is_empty() {
        use std::io::Write as _;
        let _ = write!(anstream::stderr(), "{}", outcome.errors_of_user.concat());
        return Err(Failure::text());
    }
    if let Some(first) = outcome.errors_of_ours.first() {
        return Err(Failure::Internal(format!(
            "the generated Rust does not compile; this is a fault of cmsl, not of the program\n\
             {first}\nthe generated crate is {}",
            job.folder.display()
        )));
    }
    match outcome.executable {
        Some(executable) if status.success() => Ok(Attempt::Built(executable)),
        Some(_) | None => Ok(Attempt::Failed(complaints)),
    }
}

fn progress(job: &Job<'_>) -> ProgressBar {
    let lock = std::fs::read_to_string(job.folder.join("Cargo.lock")).unwrap_or_default();
    let crates = lock.matches("[[package]]").count() as u64;
    let bar = ProgressBar::new(crates.max(1));
    // The template is a constant; were it wrong, the default style would do.
    if let Ok(style) = ProgressStyle::with_template("{prefix:.green.bold} {pos} {wide_msg:.dim}") {
        bar.set_style(style);
    }
    bar.set_prefix(format!("building {}", job.name));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Whether nothing was built with this profile yet.
fn is_first(job: &Job<'_>) -> bool {
    let folder = match job.profile {
        Profile::Quick | Profile::Simulation => "debug",
        Profile::Release => "release",
    };
    !job.target.join(folder).exists()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_whose_note_points_into_a_user_file_is_the_users() {
        let message = json!({
            "level": "error",
            "rendered": "error: mismatched types\n --> src/main.rs:3\n note: src/feed.rs:7",
            "spans": [{ "file_name": "src/main.rs", "is_primary": true }],
            "children": [{ "spans": [{ "file_name": "src/feed.rs", "line_start": 7 }] }],
        });
        let user_files = [("src/feed.rs".to_owned(), PathBuf::from("/home/me/feed.rs"))];
        let job = Job {
            folder: Path::new("/crate"),
            name: "p",
            target: Path::new("/target"),
            profile: Profile::Quick,
            user_files: &user_files,
            origin: None,
        };
        let mut outcome = Outcome::default();
        outcome.note(&job, &message);
        assert!(outcome.errors_of_ours.is_empty());
        assert!(outcome.errors_of_user[0].contains("note: /home/me/feed.rs:7"));
    }
}
