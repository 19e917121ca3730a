//! That the account can tell a loss: the same program on a runtime with a fault in it, replies that leave
//! between propose and issue.

use crate::harness::{Account, program_with_fault, sample, turn};
use cmsl_tests::Cmsl;
use std::path::Path;

/// What a run of the program with the fault in it accounts for; `plant` says where it strikes, if it does.
fn account(plant: Option<&Path>, flags: &[&str], status: i32) -> Account {
    let program = program_with_fault();
    let _turn = turn();
    let data = tempfile::tempdir().unwrap();
    let mut command = Cmsl::new(["run"])
        .arg(program)
        .args(flags)
        .arg("--data")
        .arg(data.path())
        .args(["--", "--json", "--speed", "20", "--feed"])
        .arg(sample());
    if let Some(file) = plant {
        command = command.env("CMSL_PLANT", format!("40:{}", file.display()));
    }
    Account::of(&command.run().expect_status(status))
}

#[test]
fn replies_before_issue_show_as_lost_reports() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planted");
    let account = account(Some(&file), &[], 1);
    assert!(file.exists(), "the fault struck: {}", account.all());
    assert!(account.number("failovers") >= 1, "{}", account.all());
    let lost = account.number("lost");
    eprintln!("{lost} reports were answered early and are lost");
    // What was delivered after the gap is there.
    let most = account.number("sent") / 4;
    assert!((1..most).contains(&lost), "{}", account.all());
    // Whatever the sensors believe.
    assert_eq!(account.number("sent"), account.number("acknowledged"));
}

#[test]
fn without_the_fault_the_same_program_loses_nothing() {
    let account = account(None, &["--kill", "leader@2"], 0);
    assert!(account.number("failovers") >= 1, "{}", account.all());
    account.assert_sound();
}
