//! The interpreter prints what is written beside the programs that people wrote: it is judged before it judges.

use cmsl_parser::Sources;
use cmsl_tests::differential::interpreter::{End, run};
use cmsl_tests::repository;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Programs that show what no page fixes: the texts of messages, and on how many hosts they run.
const OWN_TEXTS: [&str; 5] = [
    "classes",
    "collections",
    "predefined_errors",
    "text",
    "too_few_hosts",
];

/// At least so many programs must be within what the interpreter knows.
const KNOWN_MIN: usize = 100;

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(repository().join("tests/programs")).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "cmsl") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_interpreter_prints_what_is_written_beside_each_program() {
    let mut report = String::new();
    let mut known = 0;
    for path in sources() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if OWN_TEXTS.contains(&&*name) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let folder = path.parent().unwrap();
        let loaded = cmsl_codegen::load(&path, text.clone().into_bytes(), &mut |import| {
            std::fs::read(folder.join(import))
        });
        let sources: &Sources = &loaded.sources;
        let said = |what: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(&format!("// {what}: ")))
                .map(str::to_owned)
        };
        let args: Vec<String> = said("args").map_or(Vec::new(), |args| {
            args.split(' ').map(str::to_owned).collect()
        });
        let ran = run(sources, &loaded.files, &args);
        let status = said("status").map_or(0, |status| status.parse().unwrap());
        let end = match &ran.end {
            End::Status(status) => *status,
            End::Uncaught { .. } => 101,
            End::Abandoned(why) => {
                println!("{name}: {why}");
                continue;
            }
        };
        known += 1;
        let expected = std::fs::read_to_string(path.with_extension("out")).unwrap();
        if ran.output != expected || end != status {
            let _ = writeln!(
                report,
                "{name}: {:?}\n{}instead of\n{expected}",
                ran.end, ran.output
            );
        }
    }
    println!("{known} known");
    assert!(report.is_empty(), "{report}");
    assert!(known >= KNOWN_MIN, "only {known} programs");
}
