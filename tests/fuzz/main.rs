//! Bytes from outside: right ones are read, wrong ones never end a process.

use std::fs;
use std::path::PathBuf;

use cmsl_tests::Dice;
use cmsl_tests::fuzz::{TARGETS, changed, printed_service, samples};
use cmsl_tests::repository;

fn folder(name: &str) -> PathBuf {
    repository().join("tests/fuzz").join(name)
}

/// Whether files that are kept are to be written anew.
fn updates() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always")
}

/// The file has this content.
fn keeps(path: PathBuf, content: &[u8]) {
    if updates() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }
    let kept = fs::read(&path).unwrap_or_default();
    assert!(
        kept == content,
        "{} is not what is written today: its format has changed (INSTA_UPDATE=always writes it)",
        path.display()
    );
}

#[test]
fn formats_are_those_of_the_seeds_that_are_kept() {
    for target in &TARGETS {
        for (name, bytes) in samples(target.name) {
            keeps(folder("seeds").join(target.name).join(name), &bytes);
        }
    }
}

#[test]
fn the_service_is_what_the_compiler_prints() {
    for (name, text) in printed_service() {
        keeps(folder("service/snapshots").join(name), text.as_bytes());
    }
}

/// What is right for a target: for the compiler, the shorter programs that the tests run.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = match target {
        "source" => repository().join("tests/programs/values"),
        target => folder("seeds").join(target),
    };
    let mut seeds: Vec<Vec<u8>> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending == "cmsl"))
        .map(|path| fs::read(path).unwrap())
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn no_bytes_end_a_process() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || {
                let seeds = seeds(target.name);
                assert!(!seeds.is_empty(), "{} has no seeds", target.name);
                for (number, seed) in (0..).zip(&seeds) {
                    (target.run)(seed);
                    for variant in 0..target.variants {
                        let mut dice = Dice::new((number << 32) | variant);
                        let other = &seeds[dice.below(seeds.len())];
                        (target.run)(&changed(&mut dice, seed, other));
                    }
                }
            });
        }
    });
}
