//! The speed of the compiler's front end: text to formatted Rust, on one thread.

use std::path::Path;
use std::time::Instant;

use crate::options::Options;
use crate::report::{Bar, Report, median};

/// A program whose names end in `_0`; copies of it with other endings make the corpus.
const PIECE: &str = include_str!("corpus.cmsl");
const LINES_MIN: usize = 10_000;
const LINE_BYTES_MIN: f64 = 30.0;

/// Compiles the corpus to text several times.
pub fn measure(options: &Options, report: &mut Report) -> Result<(), String> {
    let corpus = corpus();
    let lines = corpus
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count();
    let mean = corpus.lines().map(str::len).sum::<usize>() as f64 / lines as f64;
    assert!(
        lines >= LINES_MIN && mean >= LINE_BYTES_MIN,
        "{lines} lines of {mean} bytes"
    );
    let mut rates = Vec::new();
    for _ in 0..options.rounds {
        let start = Instant::now();
        let bytes = compile(&corpus)?;
        let seconds = start.elapsed().as_secs_f64();
        rates.push(lines as f64 / seconds);
        report.line(&format!(
            "  {lines} lines of {mean:.1} bytes to {bytes} bytes of Rust in {seconds:.3} s"
        ));
    }
    report.figure(
        "front_end_lines_per_s",
        median(&rates),
        Bar::AtLeast(50_000.0),
    );
    Ok(())
}

fn corpus() -> String {
    let lines = PIECE.lines().filter(|line| !line.trim().is_empty()).count();
    (1000..1000 + LINES_MIN.div_ceil(lines))
        .map(|n| PIECE.replace("_0", &format!("_{n}")))
        .collect()
}

/// Compiles the text and gives the length of the Rust.
fn compile(corpus: &str) -> Result<usize, String> {
    let mut none = |path: &Path| Err(std::io::Error::other(format!("no {}", path.display())));
    let loaded = cmsl_codegen::load(Path::new("corpus.cmsl"), corpus.into(), &mut none);
    let (program, found) = cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    if let Some(first) = loaded
        .diagnostics
        .iter()
        .chain(&found)
        .find(|found| found.is_error())
    {
        let position = loaded.sources.position(first.span);
        return Err(format!(
            "the corpus is wrong at line {}: {}",
            position.line, first.message
        ));
    }
    let program = program.ok_or("the corpus gives no program")?;
    let (files, _) = cmsl_codegen::package(&program, &loaded.sources, "corpus");
    Ok(files.values().map(String::len).sum())
}
