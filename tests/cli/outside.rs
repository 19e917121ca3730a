//! Rust code behind `extern` in the simulator: what it takes from outside follows from the seed, and nothing gets out.

use cmsl_tests::{Cmsl, Outcome};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const EXTERNS: &str = include_str!("outside/externs.rs");

/// A folder with the program, in whose Rust code one text is replaced.
fn program(replaced: &str, instead: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(EXTERNS.contains(replaced), "{replaced}");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("main.cmsl", include_str!("outside/main.cmsl"));
    write("externs.rs", &EXTERNS.replace(replaced, instead));
    write(
        "cmsl.toml",
        "name = \"outside\"\nmain = \"main.cmsl\"\nextern = \"externs.rs\"\nhosts = 3\n",
    );
    fs::write(folder.path().join("heard.bin"), [7; 10_000]).unwrap();
    folder
}

fn simulate(folder: &Path, words: &[&str]) -> Outcome {
    let sim = Cmsl::new(["sim", "."]).args(words);
    sim.current_dir(folder).run()
}

/// The program's own lines.
fn printed(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stdout.lines();
    lines.filter(|line| !line.starts_with("-- ")).collect()
}

fn talk(folder: &Path, seed: &str) -> Outcome {
    let recorded = "127.0.0.1:30005=heard.bin";
    let words = ["--seed", seed, "--outside", recorded, "--", "talk", "notes"];
    simulate(folder, &words).expect_status(0)
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_another() {
    let folder = program("", "");
    let outcomes = ["1", "2", "3"].map(|seed| talk(folder.path(), seed));
    for outcome in &outcomes {
        assert!(!outcome.stderr.contains("W0701"), "{}", outcome.stderr);
        let lines = printed(outcome);
        let has = |what: &str| lines.iter().any(|line| line.contains(what));
        assert!(has("synced") && has("line 2 "), "{lines:#?}");
        // Main is a machine of its own, with files of its own.
        assert!(has("not here: "), "{lines:#?}");
        assert!(
            has("true said main at ") && has("true said host3 at "),
            "{lines:#?}"
        );
        assert!(has("sum 190, ") && has("10000 bytes in "), "{lines:#?}");
        assert!(
            has(
                "connection refused: in this simulation nobody listens at 10.1.2.3:80; `cmsl sim --outside 10.1.2.3:80=FILE`"
            ),
            "{lines:#?}"
        );
    }
    let again = talk(folder.path(), "2");
    assert_eq!(again.stdout, outcomes[1].stdout);
    let first: BTreeSet<&str> = outcomes.iter().map(|run| printed(run)[0]).collect();
    assert_eq!(first.len(), 3, "{outcomes:#?}");
    // The simulated files are nowhere else.
    assert!(!folder.path().join("notes").exists());

    // A host that loses its power has what was synced, and of the rest what chance leaves.
    let mut lost = 0;
    for (number, seed) in ["1", "2", "3", "4"].into_iter().enumerate() {
        for fault in [
            "ends and is started again after",
            "loses its power, and has it again after",
        ] {
            let faults = folder.path().join("given.faults");
            let text = format!("5.000000 s: host2 {fault} 1.000000 s\n");
            fs::write(&faults, text).unwrap();
            let words = ["--beyond", "--seed", seed, "--replay", "given.faults"];
            let words = [&words[..], &["--", "remember", "notes"]].concat();
            let outcome = simulate(folder.path(), &words).expect_status(0);
            assert!(outcome.stdout.contains(fault), "{}", outcome.stdout);
            let lines = printed(&outcome);
            let whole = lines.iter().filter(|line| line.contains(" line ")).count();
            assert!(lines[0].ends_with(" synced"), "{number}: {lines:#?}");
            match fault.contains("power") {
                true => lost += usize::from(whole < 20),
                false => assert!(lines[20].contains(" line 19 "), "{lines:#?}"),
            }
        }
    }
    assert!(lost >= 2, "power was lost four times, and nothing with it");
}

#[test]
fn what_runs_in_the_simulator_runs_in_production() {
    let folder = program("", "");
    let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listening.local_addr().unwrap().to_string();
    let main = folder.path().join("main.cmsl");
    let text = include_str!("outside/main.cmsl")
        .replace("127.0.0.1:30005", &address)
        .replace("0.0.0.0:9000", "127.0.0.1:0")
        .replace("host2:9000", "127.0.0.1:1")
        .replace("10.1.2.3:80", "127.0.0.1:1");
    // Nobody can know a port that is drawn: who asks is refused.
    let text = text
        .replace(
            "    println (\"{}\", ask (\"127.0.0.1:1\", \"main\"));\n",
            "",
        )
        .replace(
            "    println (\"{}\", scribe_on (all[2])->hear (\"127.0.0.1:1\", \"host3\"));\n",
            "",
        );
    fs::write(main, text).unwrap();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listening.accept().unwrap();
        std::io::Write::write_all(&mut stream, &[7; 5000]).unwrap();
    });
    let path = folder.path().join("notes");
    let words = ["run", ".", "--", "talk", path.to_str().unwrap()];
    let outcome = Cmsl::new(words).current_dir(folder.path()).run();
    let outcome = outcome.expect_status(0);
    heard.join().unwrap();
    let has = |what: &str| outcome.stdout.contains(what);
    assert!(has(" synced\n") && has(" line 2 "), "{}", outcome.stdout);
    assert!(
        has("sum 190, ") && has("5000 bytes in "),
        "{}",
        outcome.stdout
    );
    assert!(has("onnection refused"), "{}", outcome.stdout);
    assert!(!path.exists(), "main removed it");
}

#[test]
fn code_that_goes_past_the_simulator_is_named_with_what_to_use_instead() {
    let folder = program("outside.now()\n", "stamp()\n");
    let text = fs::read_to_string(folder.path().join("externs.rs")).unwrap();
    let more = "use std::time::{self, SystemTime as Calendar};\n\nfn stamp() -> i64 {\n    \
                let now = Calendar::now();\n    std::thread::sleep(time::Duration::ZERO);\n    \
                println!(\"{:?}\", time::Instant::now());\n    \
                now.duration_since(Calendar::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)\n}\n\n\
                #[expect(clippy::disallowed_methods, reason = \"known\")]\nfn known() -> bool {\n    \
                std::env::var(\"HOME\").is_ok()\n}\n";
    fs::write(folder.path().join("externs.rs"), text + more).unwrap();
    let check = Cmsl::new(["check", "."]).current_dir(&folder).run();
    let check = check.expect_status(0);
    insta::assert_snapshot!("past_the_simulator", check.stderr);
    let json = Cmsl::new(["check", ".", "--message-format", "json"]);
    let json = json.current_dir(&folder).run().expect_status(0);
    let told = json.stdout.lines().filter(|line| line.contains("W0701"));
    assert_eq!(told.count(), 3, "{}", json.stdout);
}

#[test]
fn recordings_that_are_not_there_and_addresses_that_are_none_are_refused() {
    let folder = program("", "");
    for (recording, says) in [
        ("127.0.0.1:1=none.bin", "--outside: cannot read none.bin: "),
        (
            "127.0.0.1=heard.bin",
            "names no recording; write 127.0.0.1:30005=FILE",
        ),
        ("heard.bin", "names no recording"),
    ] {
        let outcome = simulate(folder.path(), &["--outside", recording]).expect_status(2);
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
    }
}
