//! `cmsl sim`: unchanged programs on virtual time, among faults.

use cmsl_tests::{Cmsl, Outcome, run};
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
    // What fails leaves a picture where it runs.
    let folder = tempfile::tempdir().unwrap();
    let sim = Cmsl::new(["sim"]).arg(program).args(words);
    sim.current_dir(folder.path()).run()
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
    let replayed = simulate(&program, &["--seed", "3", "--replay", faults_file]).expect_status(0);
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

#[test]
fn beyond_its_tolerance_a_program_may_stop() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("payments.cmsl");
    fs::write(&program, PAYMENTS).unwrap();
    let mut stopped = 0;
    for seed in ["1", "2", "3", "4"] {
        let outcome = simulate(&program, &["--beyond", "--seed", seed]).expect_status(0);
        let says = outcome.stdout.contains("-- stopped, as it may: ");
        assert!(
            says || outcome.stdout.contains("\n900\n"),
            "{}",
            outcome.stdout
        );
        stopped += usize::from(says);
    }
    assert!(stopped > 0, "no program stopped");
    // What it answers must hold all the same.
    let wrong =
        simulate(&program, &["--beyond", "--faults", "none", "--", "wrong"]).expect_status(1);
    assert!(
        wrong.stdout.contains("found: main ended with status 101"),
        "{}",
        wrong.stdout
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
    let needed = faults.lines().filter(|line| line.contains(" s: host"));
    assert_eq!(needed.count(), 1, "{faults}{}", found.stdout);
    let again = "-- the same again: cmsl sim --replay sim-4.faults\n\
                 -- command by command: cmsl sim --replay sim-4.faults --step\n\
                 -- a picture of it: sim-4.svg\n";
    assert!(found.stdout.ends_with(again), "{}", found.stdout);
    assert!(self::faults(&found) > 1, "{}", found.stdout);

    // The file says all that the run follows from, wherever it is read.
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.path().join("sim-4.faults");
    let replay = Cmsl::new(["sim", "--replay"]).arg(&file);
    let again = replay.current_dir(elsewhere.path()).run().expect_status(1);
    assert_eq!(self::faults(&again), 1, "{}", again.stdout);

    let picture = fs::read_to_string(folder.path().join("sim-4.svg")).unwrap();
    let elements = elements(&picture);
    let drawn = |element: &str| elements.iter().filter(|name| *name == element).count();
    assert!(drawn("line") > 50 && drawn("title") > 50, "{picture}");
    assert!(picture.contains("class=\"violation\""), "{picture}");
    assert!(
        picture.contains("found: main ended with status 101"),
        "{picture}"
    );
    for what in [
        "main",
        "host1",
        "host4",
        "next: counter 1, request",
        "vote in ballot",
    ] {
        assert!(picture.contains(what), "{what} is not in {picture}");
    }
    let fault = faults.lines().last().unwrap();
    assert!(picture.contains(fault), "{fault} is not in {picture}");
    let same = fs::read_to_string(elsewhere.path().join("sim-4.svg")).unwrap();
    assert_eq!(picture, same, "the same run has another picture");
    let alone = simulate(&["--seed", "4", "--faults", "none"]).expect_status(0);
    assert_eq!(self::faults(&alone), 0, "{}", alone.stdout);
}

/// The names of all elements, if the text is well-formed as far as it has elements, attributes and the usual entities.
fn elements(xml: &str) -> Vec<String> {
    let (mut names, mut open) = (Vec::new(), Vec::new());
    let body = xml.split_once("?>").expect("a declaration").1;
    let mut pieces = body.split('<');
    assert_eq!(
        pieces.next().map(str::trim),
        Some(""),
        "text before the root"
    );
    for piece in pieces {
        let (tag, text) = piece.split_once('>').expect("an end of each tag");
        assert!(!text.contains(']') || !text.contains("]]>"), "{piece}");
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(
                known.iter().any(|name| entity.starts_with(name)),
                "&{entity}"
            );
        }
        assert!(tag.matches('"').count() % 2 == 0, "{tag}");
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap().to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed));
        } else {
            names.push(name(tag));
            if !tag.ends_with('/') {
                open.push(name(tag));
            }
        }
        assert!(
            !open.is_empty() || text.trim().is_empty(),
            "text after the root"
        );
    }
    assert!(open.is_empty(), "{open:?} are not closed");
    names
}

/// Several servers, of which one refers to objects.
const SHOP: &str = r#"enum state { OPEN, CLOSED };

class item {
  public:
    attribute string title;
    attribute list<double> prices;
};

server class shop {
  public:
    shop (string title) { name = title; first = new item; first->title = "<a \"b\">"; }
    void offer (double price) {
        first->prices.append (price);
        sold.set (length (first->prices), price > 0.75);
        is = CLOSED;
    }
  private:
    attribute string name;
    attribute item first;
    attribute map<int, boolean> sold;
    attribute state is;
};

int main () {
    shop s = server shop ("x & y") tolerance (1) model crash;
    for (int i = 0; i < 5; i++) s->offer (i + 0.5);
    println ("done");
    return 0;
}
"#;

#[test]
fn a_run_is_walked_forwards_and_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("shop.cmsl");
    fs::write(&program, SHOP).unwrap();
    let walk = |commands: &str| {
        let said = folder.path().join("commands");
        fs::write(&said, commands).unwrap();
        let walked = Cmsl::new(["sim", "--step", "--faults", "none"]).arg(&program);
        let mut walked = walked.into_command();
        walked.stdin(fs::File::open(&said).unwrap());
        run(walked).expect_status(0).stdout
    };
    let forwards = walk("next\nnext\nto 4\nstate\n\n");
    let moments: Vec<&str> = forwards
        .lines()
        .filter(|line| line.starts_with("command "))
        .collect();
    let numbers: Vec<&str> = moments.iter().map(|line| &line[..10]).collect();
    assert_eq!(
        numbers,
        [
            "command 1,",
            "command 2,",
            "command 3,",
            "command 4,",
            "command 5,"
        ],
        "{forwards}"
    );
    assert!(
        moments[1].contains("shop 1 1: shop, request 1 of session"),
        "{forwards}"
    );
    assert!(
        moments[4].contains("shop 1 4: offer, request 3 of session"),
        "{forwards}"
    );
    // Real values, by the names of the source; of the leader first, the others learn it later.
    let state = "{ name = \"x & y\", first = #2, sold = {1: false, 2: true}, is = CLOSED }";
    let item = "#2 item { title = \"<a \\\"b\\\">\", prices = [0.5, 1.5] }";
    assert!(forwards.contains(state), "{forwards}");
    assert!(forwards.contains(item), "{forwards}");

    // What was seen on the way forwards is seen again on the way back.
    let back = walk("to 5\nback\nback 2\nto 4\nquit\nstate\n");
    let views = |text: &str, command: u32| {
        let begin = format!("command {command}, ");
        let views = text.split("command ").filter_map(|view| {
            let view = format!("command {view}");
            view.starts_with(&begin).then(|| view.trim_end().to_owned())
        });
        views.collect::<Vec<String>>()
    };
    let again = views(&back, 4);
    assert_eq!(again.len(), 2, "{back}");
    assert_eq!(again[0], again[1], "{back}");
    assert!(
        views(&forwards, 4)[0].starts_with(&again[0]),
        "{forwards}{back}"
    );
    assert_eq!(views(&back, 2), views(&forwards, 2));

    let over = walk("to 1000\nnext\nback\nwhat\n");
    assert!(over.contains("\ndone\n"), "{over}");
    assert!(
        over.contains("the run is over; nothing was found"),
        "{over}"
    );
    assert!(over.contains("\"what\" is none of these:"), "{over}");
    assert_eq!(views(&over, 8).len(), 1, "{over}");
    assert!(views(&over, 9)[0].contains("the run is over"), "{over}");
}

#[test]
fn faults_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("impatient.cmsl");
    fs::write(&program, IMPATIENT).unwrap();
    let some = simulate(&program, &["--faults", "some"]).expect_status(2);
    assert!(
        some.stderr.contains("[possible values: all, none]"),
        "{}",
        some.stderr
    );
    let missing = simulate(&program, &["--replay", "some"]).expect_status(2);
    assert!(
        missing.stderr.contains("--replay: cannot read some"),
        "{}",
        missing.stderr
    );
    let wrong = folder.path().join("wrong.faults");
    fs::write(&wrong, "1.000000 s: host9 is cut off for 1.000000 s\n").unwrap();
    let refused = simulate(&program, &["--replay", wrong.to_str().unwrap()]).expect_status(2);
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
    let refused = simulate(&program, &["--replay", wrong.to_str().unwrap()]).expect_status(2);
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
