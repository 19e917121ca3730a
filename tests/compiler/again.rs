//! A program that is analysed again after each change: nothing differs from an analysis from scratch.

use super::mutate::{changed, programs, tokens};
use cmsl_codegen::index::{Entity, Index, declared, describe};
use cmsl_codegen::ir::Program;
use cmsl_codegen::{Incremental, Version, Work};
use cmsl_parser::{Diagnostic, FileId, Span};
use cmsl_tests::Dice;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

/// How often each program is changed.
const CHANGES: usize = 60;

type Ranges<'t> = &'t dyn Fn(Span) -> Option<(FileId, Range<usize>)>;

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// All that an editor would be told of a text.
fn from_scratch(path: &Path, text: &str) -> String {
    let loaded = cmsl_codegen::load(path, text.as_bytes().to_vec(), &mut read);
    let analysis = cmsl_codegen::analyse(&loaded.sources, &loaded.files, &loaded.diagnostics);
    let root = FileId::at(0);
    let ranges = |span: Span| Some((span.file, span.range()));
    let mut told = told(&loaded.diagnostics, &analysis.diagnostics, &ranges);
    let at = |offset: usize| analysis.index.at(root, u32::try_from(offset).unwrap());
    let names = (&analysis.program, &analysis.index);
    names_of(
        text,
        names,
        &|offset| at(offset).map(|known| (known.span, known.entity)),
        &ranges,
        &mut told,
    );
    told
}

fn of_version(path: &Path, text: &str, version: &Version) -> String {
    let file = version.files.iter().find(|file| file.path == path).unwrap();
    let ranges = |span: Span| {
        let file = version.files.iter().find(|file| file.id == span.file)?;
        Some((file.id, file.map.range(span)?))
    };
    let analysis = &version.analysis;
    let mut told = told(&version.form, &analysis.diagnostics, &ranges);
    let at = |offset: usize| {
        let mut places = file.map.to_source(offset);
        places.find_map(|place| analysis.index.at(file.id, place))
    };
    let names = (&analysis.program, &analysis.index);
    names_of(
        text,
        names,
        &|offset| at(offset).map(|known| (known.span, known.entity)),
        &ranges,
        &mut told,
    );
    told
}

fn told(form: &[Diagnostic], meaning: &[Diagnostic], ranges: Ranges<'_>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let both = form.iter().map(|said| ("form", said));
    for (kind, said) in both.chain(meaning.iter().map(|said| ("meaning", said))) {
        let labels = said.labels.iter();
        let labels: Vec<_> = labels
            .map(|label| (ranges(label.span), &label.message))
            .collect();
        let (at, help) = (ranges(said.span), &said.help);
        lines.push(format!(
            "{at:?} {kind} {said} | {} | {help:?} | {labels:?}",
            said.note
        ));
    }
    lines.sort();
    lines.join("\n")
}

fn names_of(
    text: &str,
    (program, index): (&Program, &Index),
    at: &dyn Fn(usize) -> Option<(Span, Entity)>,
    ranges: Ranges<'_>,
    told: &mut String,
) {
    for (count, token) in tokens(text).into_iter().enumerate() {
        let Some((span, entity)) = at(token.start) else {
            continue;
        };
        let said = describe(program, index, entity);
        let declaration = declared(program, entity).and_then(ranges);
        write!(told, "\n{:?} {said:?} {declaration:?}", ranges(span)).unwrap();
        if count % 16 == 0 {
            let mut uses: Vec<_> = index
                .uses_of(program, entity)
                .into_iter()
                .map(ranges)
                .collect();
            uses.sort_by_key(|place| place.as_ref().map(|(file, range)| (*file, range.start)));
            write!(told, " {uses:?}").unwrap();
        }
    }
}

#[test]
fn a_program_that_changes_is_told_of_as_if_it_were_new() {
    for (seed, (path, text)) in (1..).zip(programs()) {
        let path = Path::new(&path);
        let mut dice = Dice::new(seed);
        let mut kept = Incremental::default();
        let mut now = text.clone();
        for change in 0..CHANGES {
            let version = kept.analyse(path, now.as_bytes().to_vec(), &mut read);
            let again = of_version(path, &now, &version);
            let anew = from_scratch(path, &now);
            if again != anew {
                let different = again
                    .lines()
                    .zip(anew.lines())
                    .find(|(one, two)| one != two);
                panic!(
                    "{}, change {change}: {:#?}\n{} lines and {}\n{now}",
                    path.display(),
                    different,
                    again.lines().count(),
                    anew.lines().count(),
                );
            }
            // Most people mend what they broke.
            now = match dice.below(3) {
                0 => text.clone(),
                _ => changed(&now, &mut dice),
            };
        }
    }
}

#[test]
fn a_change_in_a_body_checks_that_body_alone() {
    let text = super::corpus::program(2_000);
    let path = Path::new("corpus.cmsl");
    let mut kept = Incremental::default();
    let mut work = |text: &str| kept.analyse(path, text.as_bytes().to_vec(), &mut read).work;
    let first = work(&text);
    assert!(first.parsed > 150 && first.checked > 150, "{first:?}");
    assert_eq!(work(&text), Work::default());
    let inside = text.replacen("return sum;", "return sum + 1;", 1);
    // The server class that it stands in is one piece.
    let second = work(&inside);
    assert!(second.parsed == 1 && second.checked <= 4, "{second:?}");
    let moved = format!("\n\n{inside}");
    assert!(work(&moved).checked <= 1);
    let declaration = moved.replacen("int rounds", "long rounds", 1);
    let third = work(&declaration);
    assert!(third.parsed == 1 && third.checked > 150, "{third:?}");
}
