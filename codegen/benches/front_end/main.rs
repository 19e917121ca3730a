//! How fast the front end is: text to formatted Rust, on one thread.
//!
//! `cargo bench -p cmsl-codegen --bench front_end -- [--json] [--rounds N] [--all]`
//!
//! The figure `front_end_lines_per_s` counts the lines of a fixed program that are not blank, over the
//! median time of the rounds; the phases and the memory are shown beside it. `--all` adds what takes minutes: the front
//! end's part of the wait for cargo, and how soon the language server answers.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and its arguments, and starts processes"
)]

mod cargo;
mod corpus;
mod memory;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// The least that the figure is measured on.
const LINES: usize = 12_000;

/// The time of each phase of one round, and what came out.
struct Phases {
    parse: Duration,
    check: Duration,
    print: Duration,
    files: BTreeMap<String, String>,
}

impl Phases {
    fn total(&self) -> Duration {
        self.parse + self.check + self.print
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        eprintln!("the figure is measured by: cargo bench -p cmsl-codegen -- --json");
        return ExitCode::SUCCESS;
    }
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let after = |wanted: &str| words.iter().skip_while(|word| *word != wanted).nth(1);
    if let Some(lines) = after(memory::ARGUMENT) {
        return ended(memory::measure_one(lines));
    }
    let rounds = after("--rounds").and_then(|count| count.parse().ok());
    let mut outcome = measure(rounds.unwrap_or(9), has("--json"));
    if !has("--json") {
        outcome = outcome.and_then(|()| memory::measure());
    }
    if has("--all") {
        outcome = outcome
            .and_then(|()| cargo::measure())
            .and_then(|()| editor());
    }
    ended(outcome)
}

fn ended(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Has the benchmark of the language server print its figures.
fn editor() -> Result<(), String> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--quiet", "--package", "cmsl", "--bench", "editor"])
        .status()
        .map_err(|why| why.to_string())?;
    let failed = || "the language server was not measured".to_owned();
    status.success().then_some(()).ok_or_else(failed)
}

fn measure(rounds: usize, json: bool) -> Result<(), String> {
    let text = corpus::program(LINES);
    let lines = corpus::filled(&text);
    round(&text)?;
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        times.push(round(&text)?);
    }
    times.sort_by_key(Phases::total);
    let median = times.get(times.len() / 2).ok_or("no round")?;
    let rate = lines as f64 / median.total().as_secs_f64();
    if json {
        println!("{{\"front_end_lines_per_s\": {rate:.0}}}");
        return Ok(());
    }
    println!(
        "{lines} lines, {} bytes, median of {} rounds",
        text.len(),
        times.len()
    );
    for (phase, time) in [
        ("parse", median.parse),
        ("check", median.check),
        ("print and format", median.print),
        ("front end", median.total()),
    ] {
        println!(
            "{phase:>18} {:>10.0} lines/s",
            lines as f64 / time.as_secs_f64()
        );
    }
    Ok(())
}

fn round(text: &str) -> Result<Phases, String> {
    let start = Instant::now();
    let mut read = |_: &Path| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
    let loaded = cmsl_codegen::load(Path::new("corpus.cmsl"), text.into(), &mut read);
    if let Some(diagnostic) = loaded.diagnostics.first() {
        return Err(format!("the corpus does not parse: {diagnostic}"));
    }
    let parsed = Instant::now();
    let (program, found) = cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    let program = program.ok_or_else(|| format!("the corpus is wrong: {found:?}"))?;
    let checked = Instant::now();
    let (files, _) = cmsl_codegen::package(&program, &loaded.sources, "corpus");
    let printed = Instant::now();
    assert!(
        files.contains_key("src/main.rs"),
        "a program has a main file"
    );
    Ok(Phases {
        parse: parsed - start,
        check: checked - parsed,
        print: printed - checked,
        files,
    })
}
