//! Runs of the example: built once, started on a cluster or alone, its account read back.

use cmsl_tests::{Cmsl, Outcome, build, build_with_faults, repository, watching_stalls};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// One run at a time: on a small machine several would measure each other's load.
pub fn turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The executable of the example.
pub fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| build("examples/air-traffic-control"))
        .clone()
}

/// The executable of the example on a runtime in which faults can be planted.
pub fn program_with_fault() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM
        .get_or_init(|| build_with_faults("examples/air-traffic-control"))
        .clone()
}

/// The recording that comes with the example.
pub fn sample() -> PathBuf {
    repository().join("examples/air-traffic-control/data/los-angeles-120s.avr.gz")
}

/// The program without a cluster, for what needs none.
pub fn alone<S: AsRef<std::ffi::OsStr>>(words: impl IntoIterator<Item = S>) -> Outcome {
    let _turn = turn();
    let mut command = Command::new(program());
    command.arg("--").args(words);
    cmsl_tests::run(command)
}

/// What a run may stand still without being repeated.
const STALL_MAX: Duration = Duration::from_millis(300);
/// How often a run is repeated in which the machine stood still.
const REPETITIONS_MAX: u32 = 5;

/// `cmsl run` of the program on the sample; `flags` are its own, `words` the program's. A run in which the
/// machine stood still says nothing about gaps: it must be sound, and another one is made.
pub fn cluster(flags: &[&str], words: &[&str]) -> Account {
    let mut repetitions = 0;
    loop {
        let (account, stood_still) = watching_stalls(|| once(flags, words));
        eprintln!("{flags:?}: the longest gap was {} s", account.gap_s());
        if stood_still < STALL_MAX || repetitions == REPETITIONS_MAX {
            return Account {
                stood_still,
                ..account
            };
        }
        account.assert_sound();
        repetitions += 1;
    }
}

fn once(flags: &[&str], words: &[&str]) -> Account {
    let _turn = turn();
    let data = tempfile::tempdir().unwrap();
    let outcome = Cmsl::new(["run"])
        .arg(program())
        .args(flags)
        .arg("--data")
        .arg(data.path())
        .arg("--")
        .arg("--feed")
        .arg(sample())
        .arg("--json")
        .args(words)
        .run()
        .expect_status(0);
    Account::of(&outcome)
}

/// The account that an undisturbed run of the sample gives.
pub fn undisturbed() -> &'static Account {
    static ACCOUNT: OnceLock<Account> = OnceLock::new();
    ACCOUNT.get_or_init(|| cluster(&[], &["--speed", "20"]))
}

/// The object at the end of a run.
#[derive(Debug, Clone)]
pub struct Account {
    object: Value,
    all: String,
    /// For how long the machine stood still, if even repeating the run did not help.
    stood_still: Duration,
}

impl Account {
    /// Reads the last line of the output.
    pub fn of(outcome: &Outcome) -> Self {
        let last = outcome.stdout.lines().last().unwrap_or_default();
        let object = serde_json::from_str(last)
            .unwrap_or_else(|why| panic!("{why}: {}\n{}", outcome.stdout, outcome.stderr));
        let all = format!("{}\n{}", outcome.stdout, outcome.stderr);
        Self {
            object,
            all,
            stood_still: Duration::ZERO,
        }
    }

    /// A number.
    pub fn number(&self, key: &str) -> i64 {
        self.object[key]
            .as_i64()
            .unwrap_or_else(|| panic!("no number {key}: {}", self.all))
    }

    /// The longest gap.
    pub fn gap_s(&self) -> f64 {
        self.object["longest_gap_s"].as_f64().unwrap()
    }

    /// A text.
    pub fn text(&self, key: &str) -> &str {
        self.object[key]
            .as_str()
            .unwrap_or_else(|| panic!("no text {key}: {}", self.all))
    }

    /// Output and error output, to show.
    pub fn all(&self) -> &str {
        &self.all
    }

    /// The feed is decoded exactly, nothing acknowledged is lost, nothing counts twice, the replicas agree.
    pub fn assert_sound(&self) {
        let expected = repository().join("examples/air-traffic-control/expected.json");
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
        for key in [
            "frames",
            "squitters",
            "addresses",
            "callsigns",
            "fixes",
            "aircraft",
            "lost",
            "duplicates",
        ] {
            assert_eq!(self.object[key], expected[key], "{key}: {}", self.all);
        }
        assert_eq!(
            self.number("sent"),
            self.number("acknowledged"),
            "{}",
            self.all
        );
        assert_eq!(self.text("track_hash").len(), 16, "{}", self.all);
        assert!(!self.text("state_hash").contains("differs"), "{}", self.all);
        assert!(self.gap_s() > 0.0, "{}", self.all);
    }

    /// Sound, with the tracks of the undisturbed run, and no service gap above three seconds.
    pub fn assert_undisturbed_tracks(&self) {
        self.assert_sound();
        assert_eq!(
            self.text("track_hash"),
            undisturbed().text("track_hash"),
            "{}",
            self.all
        );
        self.assert_gap_below(3.0);
    }

    /// No service gap above so many seconds.
    pub fn assert_gap_below(&self, seconds: f64) {
        let excused = self.stood_still.as_secs_f64();
        assert!(self.gap_s() - excused <= seconds, "{}", self.all);
    }
}
