//! `cmsl run`: statuses, signals, kills and restarts, and what it leaves behind: nothing.
//!
//! The program is the ledger of the cluster tests, so that these tests need no compilation.

use cmsl_tests::{Cmsl, Outcome};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const LEDGER: &str = env!("CARGO_BIN_EXE_cluster-program");

/// A `cmsl run` of the ledger on three hosts, with its data in `data`.
fn run(data: &TempDir, flags: &[&str], words: &[&str]) -> Cmsl {
    Cmsl::new(["run", LEDGER, "--hosts", "3", "--data"])
        .arg(data.path())
        .args(flags)
        .arg("--")
        .args(words)
}

fn data() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The processes whose command line names this folder: kernels, and `cmsl run` itself.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let path = entry.unwrap().path().join("cmdline");
        let line = fs::read(path).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(folder) {
            found.push(line);
        }
    }
    found
}

/// Waits until a condition holds; fails the test if that takes too long.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn acknowledged(outcome: &Outcome) -> Vec<&str> {
    outcome
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("acknowledged "))
        .collect()
}

/// A run whose main takes long, with its pipes; it has started when the first line has come.
fn started(data: &TempDir) -> (Child, BufReader<Box<dyn Read>>) {
    let _ = run(data, &[], &["create", "3", "db", "durable"])
        .run()
        .expect_status(0);
    let mut child = run(data, &[], &["append", "db", "0", "100000000"])
        .into_command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout: Box<dyn Read> = Box::new(child.stdout.take().unwrap());
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "acknowledged 0\n");
    (child, stdout)
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn main_alone_writes_to_stdout_and_its_status_is_that_of_the_run() {
    let data = data();
    let outcome = run(&data, &[], &["hosts"]).run().expect_status(0);
    assert_eq!(outcome.stdout, "host1 true\nhost2 true\nhost3 true\n");
    assert!(
        outcome.stderr.starts_with("cluster: 127.0.0.1:"),
        "{}",
        outcome.stderr
    );
    let _ = run(&data, &[], &["nonsense"]).run().expect_status(1);
}

#[test]
fn arguments_that_look_like_ours_reach_main() {
    let outcome = run(&data(), &[], &["kernel", "--hosts"])
        .run()
        .expect_status(1);
    assert!(
        outcome.stdout.contains(r#"["kernel", "--hosts"]"#),
        "{}",
        outcome.stdout
    );
}

#[test]
fn the_data_folder_is_taken_up_again_and_nothing_runs_on() {
    let data = data();
    let _ = run(&data, &[], &["create", "3", "db", "durable"])
        .run()
        .expect_status(0);
    let _ = run(&data, &[], &["append", "db", "0", "5"])
        .run()
        .expect_status(0);
    let outcome = run(&data, &[], &["all", "db"]).run().expect_status(0);
    assert_eq!(outcome.stdout, "[0, 1, 2, 3, 4]\n");
    assert_eq!(processes_of(data.path()), Vec::<String>::new());
}

#[test]
fn a_leader_is_killed_and_comes_back_and_nothing_is_lost() {
    let data = data();
    let _ = run(&data, &[], &["create", "3", "db", "durable"])
        .run()
        .expect_status(0);
    let plan = ["--kill", "leader@0.1", "--restart", "leader@0.3"];
    let outcome = run(&data, &plan, &["append", "db", "0", "1500"])
        .run()
        .expect_status(0);
    assert_eq!(acknowledged(&outcome).len(), 1500);
    assert!(
        outcome
            .stderr
            .contains("the leader of ledger \"db\", at 0."),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("restarted: host"),
        "{}",
        outcome.stderr
    );
    let all = run(&data, &[], &["all", "db"])
        .run()
        .expect_status(0)
        .stdout;
    let expected: Vec<u64> = (0..1500).collect();
    assert_eq!(all.trim_end(), format!("{expected:?}"));
}

#[test]
fn a_signal_ends_the_run_in_order_and_nothing_is_left() {
    let data = data();
    let (mut child, _stdout) = started(&data);
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    assert_eq!(processes_of(data.path()), Vec::<String>::new());
}

#[test]
fn a_run_that_is_killed_leaves_nothing_running() {
    let data = data();
    let (mut child, mut stdout) = started(&data);
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    // Main holds the pipe: it is closed when main is gone too.
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    eventually("the kernels end", || processes_of(data.path()).is_empty());
}

#[test]
fn a_second_run_on_the_same_data_is_refused() {
    let data = data();
    let (mut child, _stdout) = started(&data);
    let outcome = run(&data, &[], &["hosts"]).run().expect_status(125);
    assert!(
        outcome.stderr.contains("is in use by another run"),
        "{}",
        outcome.stderr
    );
    signal(&child, Signal::TERM);
    child.wait().unwrap();
}

#[test]
fn the_status_of_a_running_cluster_names_who_leads() {
    let data = data();
    let (mut child, _stdout) = started(&data);
    let addresses = fs::read_to_string(data.path().join("addresses")).unwrap();
    let address = addresses
        .lines()
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .to_owned();
    let status = || Cmsl::new(["status", "--cluster", &address]);
    let text = status().run().expect_status(0).stdout;
    assert!(text.contains("ledger \"db\""), "{text}");
    let json = status().arg("--json").run().expect_status(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let servers = json["servers"].as_array().unwrap();
    let ledger = servers
        .iter()
        .find(|server| server["class"] == "ledger")
        .unwrap();
    assert!(ledger["leader"].as_str().unwrap().starts_with("host"));
    assert_eq!(ledger["effective_tolerance"], 1);
    assert_eq!(json["hosts"].as_array().unwrap().len(), 3);
    signal(&child, Signal::TERM);
    child.wait().unwrap();
}

#[test]
fn the_status_of_no_cluster_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = Cmsl::new(["status", "--cluster", &address])
        .run()
        .expect_status(125);
    assert!(
        outcome.stderr.contains("no host of the cluster"),
        "{}",
        outcome.stderr
    );
    let outcome = Cmsl::new(["status", "--cluster", "nonsense"])
        .run()
        .expect_status(2);
    assert!(
        outcome.stderr.contains("`nonsense` is no address"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_port_that_was_taken_since_is_named() {
    let data = data();
    let _ = run(&data, &[], &["hosts"]).run().expect_status(0);
    let addresses = fs::read_to_string(data.path().join("addresses")).unwrap();
    let address = addresses
        .lines()
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .to_owned();
    let _listener = TcpListener::bind(&address).unwrap();
    let outcome = run(&data, &[], &["hosts"]).run().expect_status(125);
    let expected = format!("the address {address} of host1 cannot be used again");
    assert!(outcome.stderr.contains(&expected), "{}", outcome.stderr);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let data = data();
    let file = data.path().join("a file");
    fs::write(&file, "").unwrap();
    let outcome = Cmsl::new(["run", LEDGER, "--data"])
        .arg(&file)
        .run()
        .expect_status(125);
    assert!(
        outcome.stderr.contains("cannot use the data folder"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_data_of_a_host_that_cannot_be_read_is_reported_from_its_log() {
    let data = data();
    fs::write(data.path().join("host2"), "not a folder").unwrap();
    let outcome = run(&data, &[], &["hosts"]).run().expect_status(125);
    assert!(outcome.stderr.contains("host2"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    assert_eq!(processes_of(data.path()), Vec::<String>::new());
}

#[test]
fn more_hosts_than_the_data_holds_is_wrong_usage() {
    let data = data();
    let _ = run(&data, &[], &["hosts"]).run().expect_status(0);
    let outcome = Cmsl::new(["run", LEDGER, "--hosts", "5", "--data"])
        .arg(data.path())
        .run()
        .expect_status(2);
    assert!(
        outcome.stderr.contains("say `--hosts 3`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_run_without_a_data_folder_leaves_none_unless_told_to_keep_it() {
    let home = tempfile::tempdir().unwrap();
    let cmsl = |flags: &[&str]| {
        Cmsl::new(["run", LEDGER, "--hosts", "1"])
            .args(flags)
            .args(["--", "hosts"])
            .env("CMSL_HOME", home.path())
            .run()
            .expect_status(0)
    };
    let left = || fs::read_dir(home.path().join("runs")).unwrap().count();
    let _ = cmsl(&[]);
    assert_eq!(left(), 0);
    let outcome = cmsl(&["--keep"]);
    assert_eq!(left(), 1);
    assert!(
        outcome.stderr.contains("logs and data: "),
        "{}",
        outcome.stderr
    );
}

#[test]
fn too_few_hosts_is_the_programs_own_error() {
    let outcome = Cmsl::new([
        "run", LEDGER, "--hosts", "2", "--", "create", "3", "db", "volatile",
    ])
    .run()
    .expect_status(1);
    assert!(
        outcome.stdout.contains('3') && outcome.stdout.contains('2'),
        "{}",
        outcome.stdout
    );
}
