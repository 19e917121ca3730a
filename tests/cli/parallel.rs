//! A loop that calls several servers takes about as long as one call.

use cmsl_tests::Cmsl;
use std::fs;

const PROGRAM: &str = r#"server class slow {
  public:
    int answer (int n) { sleep (0.1); return n; }
    void ready () { }
};

void main () {
    slow s = server slow [5];
    for every i, 0 <= i < 5, s[i]->ready ();
    int x[5];
    timestamp start = now ();
    for every i, 0 <= i < 5, x[i] = s[i]->answer (i);
    println ("{}", (now () - start).seconds ());
    println ("{}", x[0] + x[1] + x[2] + x[3] + x[4]);
}
"#;

#[test]
fn five_servers_that_take_a_tenth_of_a_second_each_answer_together() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.cmsl"), PROGRAM).unwrap();
    let outcome = Cmsl::new(["run", "a.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    let (seconds, sum) = outcome.stdout.split_once('\n').unwrap();
    assert_eq!(sum.trim(), "10");
    let seconds: f64 = seconds.parse().unwrap();
    // One after the other they take half a second; a busy machine may be late by some.
    assert!((0.1..0.3).contains(&seconds), "{seconds} s");
}
