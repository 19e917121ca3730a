//! The compiler on small programs: source in, what the user sees out.
//!
//! A case is one file. `cases/ok/*.cmsl` compiles, perhaps with warnings; `cases/err/*.cmsl` is rejected.
//! The snapshot beside the cases shows the source with its line numbers and what the compiler said. A case
//! in a folder below `ok` or `err` is the same, sorted by subject. `cases/codes/CODE.cmsl` is the shortest program
//! that the rule of that code has something to say about, and no other rule.

mod again;
#[path = "../../codegen/benches/front_end/corpus.rs"]
mod corpus;
mod format;
mod growth;
mod mistakes;
mod mutate;
mod printed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use cmsl_codegen::RustFile;
use cmsl_parser::diagnostic::{Colours, render};
use cmsl_parser::{Diagnostic, Sources, parse};

#[test]
fn valid_programs_compile() {
    each("ok", |name, diagnostics, _| {
        let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        assert!(
            error.is_none(),
            "{name} does not compile: {}",
            error.unwrap()
        );
    });
}

#[test]
fn invalid_programs_are_rejected_with_a_code_a_place_and_a_help() {
    each("err", |name, diagnostics, sources| {
        assert!(
            diagnostics.iter().any(Diagnostic::is_error),
            "{name} compiles"
        );
        for diagnostic in diagnostics {
            assert!(
                diagnostic.help.is_some(),
                "{name}: no help with `{diagnostic}`"
            );
            let text = sources.source(diagnostic.span.file).text();
            assert!(
                text.get(diagnostic.span.range()).is_some(),
                "{name}: a span outside the file"
            );
        }
    });
}

#[test]
fn each_code_has_a_program_that_it_alone_is_said_of() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases/codes");
    let mut programs: BTreeMap<String, PathBuf> = cases(&folder)
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into(), path))
        .collect();
    let mut failures = Vec::new();
    let rules = cmsl_codegen::RULES.iter().copied().flatten();
    for code in cmsl_parser::diagnostic::SYNTAX.iter().chain(rules) {
        let Some(path) = programs.remove(code.as_str()) else {
            failures.push(format!("{code} has no program"));
            continue;
        };
        let loaded = load(&path);
        let found: Vec<&str> = loaded.iter().map(|found| found.code.as_str()).collect();
        if found != [code.as_str()] {
            failures.push(format!("the program of {code} gives {found:?}"));
        }
        if loaded.iter().any(|found| found.help.is_none()) {
            failures.push(format!("{code} is said without a help"));
        }
    }
    failures.extend(programs.keys().map(|code| format!("{code} is no code")));
    assert!(failures.is_empty(), "{failures:#?}");
}

/// What is said about a program and the files that it imports.
fn load(path: &Path) -> Vec<Diagnostic> {
    let bytes = std::fs::read(path).unwrap();
    let loaded = cmsl_codegen::load(path, bytes, &mut |path| std::fs::read(path));
    let mut diagnostics = loaded.diagnostics;
    let (program, found) = cmsl_codegen::check(&loaded.sources, &loaded.files, &diagnostics);
    diagnostics.extend(found);
    if let (Some(mut program), Some(file)) = (program, rust_code(path)) {
        let files = [file];
        diagnostics.extend(cmsl_codegen::embedding(&mut program, &files));
        diagnostics.extend(cmsl_codegen::direct_uses(&files).1);
    }
    diagnostics
}

/// The Rust code behind a program's declarations.
fn rust_code(path: &Path) -> Option<RustFile> {
    Some(RustFile {
        inside: "externs.rs".to_owned(),
        name: "extern.rs".to_owned(),
        text: std::fs::read_to_string(path.with_extension("rs")).ok()?,
    })
}

/// `cases/rust`: the snapshot shows the source and the Rust that is printed for it.
#[test]
fn printed_rust_is_what_an_engineer_would_have_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases");
    let mut failures = Vec::new();
    for path in cases(&root.join("rust")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut sources = Sources::new();
            let file = sources.add(name.clone(), std::fs::read(&path).unwrap());
            let (tree, mut diagnostics) = parse(&sources, file);
            let (mut program, more) = cmsl_codegen::check(&sources, &[tree], &diagnostics);
            diagnostics.extend(more);
            if let (Some(program), Some(file)) = (&mut program, rust_code(&path)) {
                diagnostics.extend(cmsl_codegen::embedding(program, &[file]));
            }
            let said = render(&sources, &diagnostics, Colours::Off);
            let program = program.unwrap_or_else(|| panic!("{said}"));
            let emitted = cmsl_codegen::emit::emit(&program, &sources, &name, "0");
            // What is the same in every program is left out.
            let items = emitted.main.split_once("prelude::*;\n").unwrap().1;
            let items = items
                .split_once("/// What the runtime knows of this code.")
                .unwrap()
                .0;
            let mut text = shown(&sources, &diagnostics);
            text.push_str(items.trim_matches('\n'));
            if let Some(data) = emitted.data {
                let _ = write!(text, "\n----\n{data}");
            }
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(root.join("../snapshots"));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(format!("rust__{name}"), text));
        }));
        if outcome.is_err() {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "these cases failed: {failures:#?}");
}

/// So a change of what a construct becomes shows in its own snapshot and no other.
#[test]
fn each_construct_is_printed_in_one_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases/rust");
    let constructs: [(&str, &[&str]); 16] = [
        ("switch", &["switch"]),
        ("try", &["exceptions"]),
        ("throw", &["exceptions"]),
        ("invoke", &["communication"]),
        ("accept", &["communication"]),
        ("find", &["server"]),
        ("delete", &["server"]),
        ("pre", &["contract"]),
        ("post", &["contract"]),
        ("invariant", &["contract"]),
        ("extern", &["external", "external_outside"]),
        ("enum", &["enumeration"]),
        ("module", &["module"]),
        ("relation", &["relation"]),
        ("do", &["loops"]),
        // A loop that calls servers at once is a construct of its own.
        ("every", &["loops", "parallel_loops"]),
    ];
    let mut strays = Vec::new();
    for path in cases(&folder) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = text
            .split(|char: char| !(char.is_alphanumeric() || char == '_'))
            .collect();
        for (construct, homes) in constructs {
            let occurs = words.contains(&construct);
            if occurs && !homes.contains(&name.as_str()) {
                strays.push(format!("`{construct}` in {name}"));
            }
            if !occurs && homes == [name.as_str()] {
                strays.push(format!("no `{construct}` in {name}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn the_program_that_the_front_end_is_measured_with_is_valid_and_long_enough() {
    let long = corpus::program(10_000);
    let lines: Vec<&str> = long
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    assert!(lines.len() >= 10_000, "{} lines", lines.len());
    assert!(
        bytes >= 30 * lines.len(),
        "{bytes} bytes in {} lines",
        lines.len()
    );
    let mut sources = Sources::new();
    let file = sources.add("corpus.cmsl", corpus::program(400));
    let (tree, diagnostics) = parse(&sources, file);
    assert!(
        diagnostics.is_empty(),
        "{}",
        render(&sources, &diagnostics, Colours::Off)
    );
    let (_, diagnostics) = cmsl_codegen::check(&sources, &[tree], &diagnostics);
    assert!(
        diagnostics.is_empty(),
        "{}",
        render(&sources, &diagnostics, Colours::Off)
    );
}

/// What the compiler has to say about one program.
fn compile(sources: &mut Sources, path: &Path) -> Vec<Diagnostic> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let file = sources.add(name, std::fs::read(path).unwrap());
    let (tree, mut diagnostics) = parse(sources, file);
    let (_, meaning) = cmsl_codegen::check(sources, &[tree], &diagnostics);
    diagnostics.extend(meaning);
    cmsl_parser::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Runs all cases of a folder; the first failure is raised after all have run.
fn each(folder: &str, test: impl Fn(&str, &[Diagnostic], &Sources)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases");
    let cases = cases(&root.join(folder));
    assert!(!cases.is_empty(), "no cases in {folder}");
    let mut failures = Vec::new();
    for path in cases {
        let name = path.strip_prefix(&root).unwrap().with_extension("");
        let name = name.to_string_lossy().replace(['/', '\\'], "__");
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut sources = Sources::new();
            let diagnostics = compile(&mut sources, &path);
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(root.join("../snapshots"));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| {
                insta::assert_snapshot!(name.clone(), shown(&sources, &diagnostics));
            });
            test(&name, &diagnostics, &sources);
        }));
        if outcome.is_err() {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "these cases failed: {failures:#?}");
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "cmsl")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The source with its line numbers, and what the compiler said.
fn shown(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for (_, source) in sources.iter() {
        for (number, line) in (1..).zip(source.text().lines()) {
            let _ = writeln!(text, "{}", format!("{number:>4} {line}").trim_end());
        }
    }
    text.push_str("----\n");
    text.push_str(&render(sources, diagnostics, Colours::Off));
    text
}
