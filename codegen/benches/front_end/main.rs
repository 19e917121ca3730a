//! How fast the front end is: text to formatted Rust, on one thread.
//!
//! `cargo bench -p cmsl-codegen -- [--json] [--rounds N]`
//!
//! The figure `front_end_lines_per_s` counts the lines of a fixed program that are not blank, over the
//! median time of the rounds; the phases are shown beside it.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and its arguments"
)]

mod corpus;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The least that the figure is measured on.
const LINES: usize = 12_000;

/// The time of each phase of one round.
struct Round {
    parse: Duration,
    check: Duration,
    print: Duration,
}

impl Round {
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
    let rounds = words.iter().skip_while(|word| *word != "--rounds").nth(1);
    let rounds = rounds
        .and_then(|count| count.parse().ok())
        .unwrap_or(9_usize);
    match measure(rounds, words.iter().any(|word| word == "--json")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(rounds: usize, json: bool) -> Result<(), String> {
    let text = corpus::program(LINES);
    let lines = corpus::filled(&text);
    round(&text)?;
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        times.push(round(&text)?);
    }
    times.sort_by_key(Round::total);
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

fn round(text: &str) -> Result<Round, String> {
    let start = Instant::now();
    let mut read = |_: &Path| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
    let loaded = cmsl_codegen::load(Path::new("corpus.cmsl"), text.into(), &mut read);
    if let Some(diagnostic) = loaded.diagnostics.first() {
        return Err(format!("the corpus does not parse: {diagnostic}"));
    }
    let parsed = Instant::now();
    let (program, found) = cmsl_codegen::check(&loaded.sources, &loaded.files);
    let program = program.ok_or_else(|| format!("the corpus is wrong: {found:?}"))?;
    let checked = Instant::now();
    let files = cmsl_codegen::package(&program, &loaded.sources, "corpus");
    let printed = Instant::now();
    assert!(
        files.contains_key("src/main.rs"),
        "a program has a main file"
    );
    Ok(Round {
        parse: parsed - start,
        check: checked - parsed,
        print: printed - checked,
    })
}
