//! Programs with mistakes: nothing stops the compiler, and one mistake gives about one message near its place.

use super::mutate::{changed, programs, small_programs, tokens};
use cmsl_parser::{Diagnostic, Sources};
use cmsl_tests::Dice;
use std::path::Path;
use std::time::{Duration, Instant};

/// Programs with several mistakes each.
const PROGRAMS: u64 = 2_000;
/// How long one of them may take, on a busy machine.
const WITHIN: Duration = Duration::from_secs(5);

/// The programs that a test in debug mode can look at a thousand times.
fn short() -> Vec<(String, String)> {
    let mut programs = programs();
    programs.retain(|(_, text)| text.len() < 4_000);
    programs
}

/// What the command would say.
fn said(path: &str, text: &str) -> (Sources, Vec<Diagnostic>) {
    let mut read = |path: &Path| std::fs::read(path);
    let loaded = cmsl_codegen::load(Path::new(path), text.as_bytes().to_vec(), &mut read);
    let mut diagnostics = loaded.diagnostics;
    let (program, meaning) = cmsl_codegen::check(&loaded.sources, &loaded.files, &diagnostics);
    // The meaning of a text that is broken everywhere is not shown, but an editor asks for it.
    let _ = cmsl_codegen::analyse(&loaded.sources, &loaded.files, &diagnostics);
    diagnostics.extend(meaning);
    if let Some(program) = program {
        let _ = cmsl_codegen::package(&program, &loaded.sources, "program");
    }
    (loaded.sources, diagnostics)
}

fn inspect(path: &str, text: &str) {
    let start = Instant::now();
    let (sources, diagnostics) = said(path, text);
    for wrong in &diagnostics {
        let labels = wrong.labels.iter().map(|label| label.span);
        for span in labels.chain([wrong.span]) {
            let source = sources.source(span.file).text();
            assert!(source.get(span.range()).is_some(), "{wrong} of {text}");
        }
        assert!(wrong.help.is_some(), "{wrong} has no help: {text}");
    }
    let mut sources = Sources::new();
    let file = sources.add(path, text);
    let _ = cmsl_parser::format(&sources, file, &[]);
    assert!(start.elapsed() < WITHIN, "{text}");
}

#[test]
fn whatever_happens_to_a_text_the_compiler_says_where_and_what_to_do() {
    let programs = short();
    let (programs, workers) = (&programs, 4);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || {
                for seed in (worker..PROGRAMS).step_by(4) {
                    let mut dice = Dice::new(seed + 1);
                    let (path, text) = dice.pick(programs);
                    let mut text = text;
                    for _ in 0..=dice.below(6) {
                        text = changed(&text, &mut dice);
                    }
                    inspect(&path, &text);
                }
            });
        }
    });
}

#[test]
fn a_token_that_is_missing_gives_about_one_message_near_its_place() {
    let mut counts: Vec<usize> = Vec::new();
    let mut near = 0;
    let mut worst = (0, String::new());
    for (seed, (path, text)) in (1..).zip(short()) {
        let mut dice = Dice::new(seed);
        let all = tokens(&text);
        for _ in 0..40 {
            let token = dice.pick(&all);
            let mut without = text.clone();
            without.replace_range(token.clone(), "");
            let (sources, diagnostics) = said(&path, &without);
            let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
            if errors.is_empty() {
                continue;
            }
            counts.push(errors.len());
            let line = text[..token.start].matches('\n').count() as u32 + 1;
            let is_near = |wrong: &&Diagnostic| {
                let labels = wrong.labels.iter().map(|label| label.span);
                let mut places = labels.chain([wrong.span]);
                places.any(|span| sources.position(span).line.abs_diff(line) <= 2)
            };
            near += usize::from(errors.iter().any(is_near));
            if errors.len() > worst.0 {
                let gone = &text[token];
                let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
                worst = (
                    errors.len(),
                    format!("`{gone}` of {path}:{line}: {said:#?}"),
                );
            }
        }
    }
    counts.sort_unstable();
    let at = |percent: usize| counts[counts.len() * percent / 100];
    let near = near * 100 / counts.len();
    let figures = format!(
        "{} mistakes: median {}, 95 % {}, near {near} %; worst: {}",
        counts.len(),
        at(50),
        at(95),
        worst.1
    );
    println!("{figures}");
    assert!(at(50) == 1 && at(95) <= 3 && near >= 85, "{figures}");
}

/// What is said of the meaning of a text whose form is wrong, if it is; with the bodies in which it is.
fn meaning(path: &str, text: &str) -> Option<Vec<Diagnostic>> {
    let mut read = |path: &Path| std::fs::read(path);
    let loaded = cmsl_codegen::load(Path::new(path), text.as_bytes().to_vec(), &mut read);
    let is_wrong = loaded.diagnostics.iter().any(Diagnostic::is_error);
    is_wrong.then(|| cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics).1)
}

#[test]
fn what_is_broken_in_one_place_is_not_said_to_be_wrong_in_another() {
    let (mut broken, mut spoken_of) = (0, 0);
    let mut blamed: Vec<String> = Vec::new();
    for (seed, (path, text)) in (1..).zip(small_programs()) {
        let known: Vec<String> = said(&path, &text)
            .1
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut dice = Dice::new(seed + 1_000);
        let all = tokens(&text);
        for _ in 0..12 {
            let token = dice.pick(&all);
            let mut without = text.clone();
            without.replace_range(token.clone(), "");
            // A mistake of the meaning, which is to be found wherever the broken body stands.
            without.push_str("\nvoid mistaken () { nobody_knows = 1; }\n");
            let Some(meaning) = meaning(&path, &without) else {
                continue;
            };
            broken += 1;
            spoken_of += usize::from(!meaning.is_empty());
            for wrong in meaning {
                let gone = &text[token.clone()];
                let line = text[..token.start].matches('\n').count() + 1;
                let said = wrong.to_string();
                if !known.contains(&said) && !said.contains("nobody_knows") {
                    blamed.push(format!("without `{gone}` of {path}:{line}: {said}"));
                }
            }
        }
    }
    assert!(blamed.is_empty(), "of {broken}: {blamed:#?}");
    println!("{broken} texts of a wrong form, of {spoken_of} the meaning");
    assert!(
        broken > 800 && spoken_of * 10 > broken * 9,
        "{broken}, {spoken_of}"
    );
}
