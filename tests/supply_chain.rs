//! The supply-chain example tells its story the same way, whether or not the leader dies in it.

use cmsl_tests::{Cmsl, Outcome, build, repository};

fn run(flags: &[&str], words: &[&str]) -> Outcome {
    let data = tempfile::tempdir().unwrap();
    Cmsl::new(["run"])
        .arg(build("examples/supply-chain"))
        .args(flags)
        .arg("--data")
        .arg(data.path())
        .arg("--")
        .args(words)
        .run()
        .expect_status(0)
}

fn expected() -> String {
    std::fs::read_to_string(repository().join("examples/supply-chain/expected.txt")).unwrap()
}

#[test]
fn the_story_is_the_expected_one() {
    assert_eq!(run(&[], &[]).stdout, expected());
}

#[test]
fn the_load_balances_when_the_leader_dies_in_it() {
    let outcome = run(&["--kill", "leader@0.5"], &["--requests", "5000"]);
    let expected = expected().replace("300 requests", "5000 requests");
    assert_eq!(outcome.stdout, expected, "{}", outcome.stderr);
}
