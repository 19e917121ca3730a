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

    // An assertion that fails is found.
    let wrong = simulate(&program, &["--seed", "3", "--", "wrong"]).expect_status(1);
    assert!(
        wrong
            .stdout
            .contains("found: main ended with status 101\n-- the same again: --seed 3 --hosts 4\n"),
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
