//! `cmsl sim`: unchanged programs on virtual time, among faults.

use cmsl_tests::{Cmsl, Outcome};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A replicated server calls another one, and main can tell whether a call was lost or made twice.
const PAYMENTS: &str = r#"server class ledger {
  public:
    long book (long n) { total = total + n; times = times + 1; return total; }
    long balance () const { return total; }
    int bookings () const { return times; }
  private:
    attribute long total;
    attribute int times;
}

server class clerk {
  public:
    long pay (ledger l, long n) {
        long paid = l->book (n);
        sleep (0.2);
        long charged = l->book (-1);
        assert (charged == paid - 1);
        done = done + 1;
        return charged;
    }
    int payments () const { return done; }
  private:
    attribute int done;
}

int main (list<string> arguments) {
    int wrong = length (arguments);
    ledger l = server ledger tolerance (1) model crash;
    clerk c = server clerk tolerance (1) model crash;
    for (long i = 1; i <= 100; i++) {
        assert (c->pay (l, 10) == 9 * i);
        assert (l->balance () == 9 * i);
        sleep (0.2 * random ());
    }
    assert (c->payments () == 100);
    assert (l->bookings () == 200 + wrong);
    println ("{}", l->balance ());
    return 0;
}
"#;

fn simulate(program: &Path, words: &[&str]) -> Outcome {
    Cmsl::new(["sim"]).arg(program).args(words).run()
}

fn faults(outcome: &Outcome) -> usize {
    let fault = |line: &&str| line.starts_with("-- ") && line.contains(": host");
    outcome.stdout.lines().filter(fault).count()
}

#[test]
fn a_program_outlives_what_its_tolerance_promises() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("payments.cmsl");
    fs::write(&program, PAYMENTS).unwrap();
    let mut traces = Vec::new();
    let mut failed = 0;
    for seed in ["1", "2", "3", "4", "5", "6"] {
        let outcome = simulate(&program, &["--seed", seed]).expect_status(0);
        assert!(outcome.stdout.contains("\n900\n"), "{}", outcome.stdout);
        failed += faults(&outcome);
        traces.push(outcome.stdout);
    }
    assert!(failed >= 6, "nothing failed: {traces:?}");
    let again = simulate(&program, &["--seed", "2"]).expect_status(0);
    assert_eq!(
        again.stdout, traces[1],
        "the same seed shows something else"
    );
    let different: BTreeSet<&String> = traces.iter().collect();
    assert_eq!(different.len(), 6, "some seeds show the same");

    let alone = simulate(&program, &["--faults", "none"]).expect_status(0);
    assert_eq!(faults(&alone), 0, "{}", alone.stdout);

    // What failed in a run can be given instead of drawn, and the same happens.
    let given = folder.path().join("given.faults");
    let lines = traces[2].lines().filter(|line| line.contains(" s: host"));
    fs::write(&given, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let faults_file = given.to_str().unwrap();
    let replayed = simulate(&program, &["--seed", "3", "--faults", faults_file]).expect_status(0);
    assert_eq!(replayed.stdout, traces[2]);

    // An assertion that fails is found.
    let wrong = simulate(&program, &["--seed", "3", "--", "wrong"]).expect_status(1);
    assert!(
        wrong
            .stdout
            .contains("found: main ended with status 101\n-- no fault is needed: cmsl sim "),
        "{}",
        wrong.stdout
    );
    assert!(
        wrong
            .stderr
            .contains("assertion_failed: l->bookings () == 200 + wrong"),
        "{}",
        wrong.stderr
    );

    // So is a main that does not come to an end in time.
    let late = simulate(&program, &["--for", "2s"]).expect_status(1);
    assert!(
        late.stdout.contains("main has not ended after 2 s"),
        "{}",
        late.stdout
    );
}

/// Main does not expect that a call waits for another leader.
const IMPATIENT: &str = r#"server class counter {
  public:
    int next () { count++; return count; }
  private:
    attribute int count;
}

int main () {
    counter c = server counter tolerance (1) model crash;
    for (int i = 0; i < 150; i++) {
        timestamp before = now ();
        c->next ();
        assert (now () - before < interval (0.2));
        sleep (0.1);
    }
    return 0;
}
"#;

#[test]
fn a_run_that_finds_something_says_which_faults_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("impatient.cmsl"), IMPATIENT).unwrap();
    let simulate = |words: &[&str]| {
        let mut cmsl = Cmsl::new(["sim", "impatient.cmsl"]);
        cmsl = cmsl.args(words).current_dir(folder.path());
        cmsl.run()
    };
    let found = simulate(&["--seed", "4"]).expect_status(1);
    let faults = fs::read_to_string(folder.path().join("sim-4.faults")).unwrap();
    let needed = faults.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(needed.count(), 1, "{faults}{}", found.stdout);
    let again =
        "-- the same again: cmsl sim impatient.cmsl --seed 4 --hosts 4 --faults sim-4.faults\n";
    assert!(found.stdout.ends_with(again), "{}", found.stdout);
    assert!(self::faults(&found) > 1, "{}", found.stdout);

    let again = simulate(&["--seed", "4", "--faults", "sim-4.faults"]).expect_status(1);
    assert_eq!(self::faults(&again), 1, "{}", again.stdout);
    let alone = simulate(&["--seed", "4", "--faults", "none"]).expect_status(0);
    assert_eq!(self::faults(&alone), 0, "{}", alone.stdout);
}

#[test]
fn faults_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("impatient.cmsl");
    fs::write(&program, IMPATIENT).unwrap();
    let missing = simulate(&program, &["--faults", "some"]).expect_status(2);
    assert!(
        missing
            .stderr
            .contains("all, none, or a file that says what fails; cannot read some"),
        "{}",
        missing.stderr
    );
    let wrong = folder.path().join("wrong.faults");
    fs::write(&wrong, "1.000000 s: host9 is cut off for 1.000000 s\n").unwrap();
    let refused = simulate(&program, &["--faults", wrong.to_str().unwrap()]).expect_status(2);
    assert!(
        refused.stderr.contains("there is no host9"),
        "{}",
        refused.stderr
    );
    fs::write(
        &wrong,
        "# a comment\n\n1.000000 s: host9 explodes for 1.000000 s\n",
    )
    .unwrap();
    let refused = simulate(&program, &["--faults", wrong.to_str().unwrap()]).expect_status(2);
    assert!(
        refused
            .stderr
            .contains("line 3: \"host9 explodes for 1.000000 s\" is no fault"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_time_that_is_none_is_refused() {
    let outcome = Cmsl::new(["sim", "a.cmsl", "--for", "soon"])
        .run()
        .expect_status(2);
    assert!(
        outcome.stderr.contains("\"soon\" is no time"),
        "{}",
        outcome.stderr
    );
}
