//! Runs in which no host fails, and wrong input.

use crate::harness::{Account, alone, cluster, sample, undisturbed};
use flate2::read::GzDecoder;
use std::io::{Read, Write};

/// The sample as text.
fn lines() -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(sample()).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text.lines().map(str::to_owned).collect()
}

fn written(lines: &[String]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    file
}

fn decoded(words: &[&str]) -> serde_json::Value {
    let outcome = alone([&["--decode", "--speed", "max"], words].concat()).expect_status(0);
    serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap()
}

#[test]
fn an_undisturbed_run_accounts_for_every_report() {
    let account = undisturbed();
    account.assert_undisturbed_tracks();
    assert_eq!(account.number("failovers"), 0, "{}", account.all());
    assert_eq!(account.number("abandoned"), 0, "{}", account.all());
}

#[test]
fn the_unreplicated_program_finds_the_same_tracks() {
    let outcome = alone([
        "--feed",
        sample().to_str().unwrap(),
        "--unreplicated",
        "--speed",
        "max",
        "--json",
    ])
    .expect_status(0);
    Account::of(&outcome).assert_undisturbed_tracks();
}

#[test]
fn a_second_sensor_changes_neither_tracks_nor_fixes() {
    let account = cluster(&[], &["--sensors", "1", "--speed", "max"]);
    account.assert_undisturbed_tracks();
    assert!(account.number("sent") < undisturbed().number("sent"));
}

#[test]
fn the_speed_changes_no_track() {
    cluster(&[], &["--speed", "max"]).assert_undisturbed_tracks();
}

#[test]
fn a_corrupted_line_is_counted_skipped_and_told_once() {
    let mut lines = lines();
    // No extended squitters, so that nothing is missing from the facts.
    let short: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].len() == 16)
        .take(3)
        .collect();
    for (at, damage) in short
        .iter()
        .zip(["*02xx;", "garbage\u{7}", "*02C60B9ED4497"])
    {
        lines[*at] = damage.to_owned();
    }
    let file = written(&lines);
    let facts = decoded(&["--feed", file.path().to_str().unwrap()]);
    assert_eq!(facts["frames"], 32_520);
    assert_eq!(facts["fixes"], 3_788);
    assert_eq!(facts["corrupted"], 3);

    let words = [
        "--feed",
        file.path().to_str().unwrap(),
        "--unreplicated",
        "--speed",
        "max",
        "--json",
    ];
    let outcome = alone(words).expect_status(0);
    let told: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.contains("could not be read"))
        .collect();
    assert_eq!(told.len(), 1, "{}", outcome.stderr);
    assert!(told[0].contains("3 of 32520"), "{}", told[0]);
    Account::of(&outcome).assert_undisturbed_tracks();
}

#[test]
fn wrong_arguments_are_refused_before_anything_starts() {
    for (words, what) in [
        (&["--feed", "/nowhere/feed.avr"][..], "/nowhere/feed.avr"),
        (&["--feed", "tcp://receiver"], "port"),
        (&["--format", "morse"], "morse"),
        (&["--speed", "fast"], "fast"),
        (&["--speed", "-1"], "--speed"),
        (&["--antenna", "91,0"], "--antenna"),
        (&["--bogus"], "--bogus"),
        (&["--rate"], "--rate"),
    ] {
        let outcome = alone(words).expect_status(2);
        assert!(
            outcome.stderr.contains(what),
            "{words:?}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    }
}
