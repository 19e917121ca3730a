//! The example in the simulator: its Rust code takes everything from the simulated hosts.

use crate::harness::{Account, alone, sample};
use cmsl_tests::{Cmsl, Outcome, repository};
use flate2::read::GzDecoder;

fn simulate(words: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let sim = Cmsl::new(["sim"])
        .arg(repository().join("examples/air-traffic-control"))
        .args(words)
        .args(["--", "--json"])
        .current_dir(folder.path());
    let outcome = sim.run().expect_status(0);
    assert!(!outcome.stderr.contains("W0701"), "{}", outcome.stderr);
    outcome
}

/// The account is not the last line there.
fn account(outcome: &Outcome) -> Account {
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let of_program = lines.into_iter().filter(|line| !line.starts_with("-- "));
    Account::of(&Outcome {
        stdout: of_program.collect::<Vec<_>>().join("\n"),
        stderr: outcome.stderr.clone(),
        status: outcome.status,
    })
}

#[test]
fn the_same_seed_gives_the_same_run_and_each_run_the_same_tracks() {
    let sample = sample();
    let words = [
        "--feed",
        sample.to_str().unwrap(),
        "--unreplicated",
        "--json",
    ];
    let unreplicated = Account::of(&alone([&words[..], &["--speed", "max"]].concat()));
    let one = simulate(&["--seed", "1"]);
    assert_eq!(one.stdout, simulate(&["--seed", "1"]).stdout);
    // With seven hosts there are some that may fail.
    let other = simulate(&["--seed", "5", "--hosts", "7"]);
    assert!(
        other.stdout.contains("-- faults that met something: "),
        "{}",
        other.stdout
    );
    for outcome in [&one, &other] {
        let account = account(outcome);
        account.assert_sound();
        assert_eq!(account.number("sent"), unreplicated.number("sent"));
        assert_eq!(account.text("track_hash"), unreplicated.text("track_hash"));
    }
}

#[test]
fn a_receiver_is_heard_from_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("sample.avr");
    let mut compressed = GzDecoder::new(std::fs::File::open(sample()).unwrap());
    let mut file = std::fs::File::create(&plain).unwrap();
    std::io::copy(&mut compressed, &mut file).unwrap();
    let recording = format!("127.0.0.1:30002={}", plain.display());
    let sim = || {
        Cmsl::new(["sim"])
            .arg(repository().join("examples/air-traffic-control"))
            .args(["--outside", &recording, "--", "--json", "--sensors", "1"])
            .args(["--feed", "tcp://127.0.0.1:30002", "--once"])
            .run()
            .expect_status(0)
    };
    let (one, other) = (sim(), sim());
    assert_eq!(one.stdout, other.stdout);
    let account = account(&one);
    assert_eq!(account.number("frames"), 32520);
    assert_eq!(account.number("lost"), 0, "{}", account.all());
}
