//! Wrong words, missing files, and the help.

use cmsl_tests::Cmsl;
use std::fs;

#[test]
fn every_subcommand_has_help_with_examples() {
    let words = [
        "new",
        "check",
        "emit",
        "build",
        "run",
        "sim",
        "status",
        "explain",
        "completions",
        "lsp",
    ];
    for word in words {
        let outcome = Cmsl::new([word, "--help"]).run().expect_status(0);
        assert!(
            outcome.stdout.contains("Examples:\n  cmsl "),
            "{word}: {}",
            outcome.stdout
        );
    }
    let overview = Cmsl::new(["--help"]).run().expect_status(0).stdout;
    for word in words.iter().chain(&["clean"]) {
        assert!(overview.contains(&format!("\n  {word} ")), "{overview}");
    }
}

#[test]
fn wrong_words_are_wrong_usage() {
    let cases: [&[&str]; 9] = [
        &[],
        &["chek", "a.cmsl"],
        &["check"],
        &["emit", "a.cmsl"],
        &["emit", "a.cmsl", "--stdout", "--out", "d"],
        &["run", "a.cmsl", "--hosts", "0"],
        &["run", "a.cmsl", "--kill", "leader"],
        &["run", "a.cmsl", "--kill", "leader@soon"],
        &["status"],
    ];
    for words in cases {
        let outcome = Cmsl::new(words).run().expect_status(2);
        assert!(outcome.stdout.is_empty(), "{words:?}");
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    }
}

#[test]
fn a_misspelt_subcommand_is_answered_with_the_nearest() {
    let outcome = Cmsl::new(["chek", "a.cmsl"]).run().expect_status(2);
    assert!(outcome.stderr.contains("'check'"), "{}", outcome.stderr);
}

#[test]
fn a_missing_file_is_named() {
    for word in ["check", "build", "run"] {
        let outcome = Cmsl::new([word, "no/such.cmsl"]).run().expect_status(2);
        assert_eq!(
            outcome.stderr, "error: there is no file or folder `no/such.cmsl`\n",
            "{word}"
        );
    }
}

#[test]
fn a_file_without_its_ending_is_found_and_emit_says_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.cmsl"), "void main () { }").unwrap();
    let text = said(&["run", "shop"], folder.path(), 2);
    let expected = "error: there is no file or folder `shop`; did you mean `shop.cmsl`?\n";
    assert_eq!(text, expected);
    let text = said(&["emit", "shop.cmsl"], folder.path(), 2);
    assert!(text.contains("<--out <DIR>|--stdout>"), "{text}");
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "hello").unwrap();
    let outcome = Cmsl::new(["check"]).arg(&file).run().expect_status(2);
    assert!(
        outcome.stderr.contains("neither a .cmsl file nor a folder"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn mistakes_in_the_settings_name_file_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("cmsl.toml"),
        "main = 'a.cmsl'\nhost = 3\n",
    )
    .unwrap();
    let outcome = Cmsl::new(["check"])
        .arg(folder.path())
        .run()
        .expect_status(1);
    assert!(
        outcome
            .stderr
            .contains("cmsl.toml:2: unknown key `host`; did you mean `hosts`?"),
        "{}",
        outcome.stderr
    );
    let outcome = Cmsl::new(["run"])
        .arg(folder.path())
        .run()
        .expect_status(125);
    assert!(outcome.stderr.contains("cmsl.toml:2"), "{}", outcome.stderr);
}

#[test]
fn a_plan_that_names_an_unknown_host_is_refused_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.cmsl");
    std::fs::write(&file, "this is not even a program").unwrap();
    let run = |words: &[&str]| {
        Cmsl::new(["run"])
            .arg(&file)
            .args(words)
            .run()
            .expect_status(2)
    };
    let outcome = run(&["--hosts", "3", "--kill", "host4@1"]);
    assert!(
        outcome.stderr.contains("the hosts are host1, host2, host3"),
        "{}",
        outcome.stderr
    );
    let outcome = run(&["--restart", "leader@1"]);
    assert!(
        outcome.stderr.contains("nothing kills it before"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = Cmsl::new(["completions", shell]).run().expect_status(0);
        assert!(outcome.stdout.contains("explain"), "{shell}");
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let outcome = Cmsl::new(["clean"])
        .env("CMSL_HOME", &file)
        .run()
        .expect_status(125);
    assert!(
        outcome.stderr.contains("set CMSL_HOME to a folder"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn clean_empties_the_cache_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    std::fs::create_dir_all(home.join("target/quick")).unwrap();
    std::fs::write(home.join("letter.txt"), "mine").unwrap();
    let _ = Cmsl::new(["clean"])
        .env("CMSL_HOME", home)
        .run()
        .expect_status(0);
    assert!(!home.join("target").exists());
    assert!(home.join("letter.txt").exists());
}

#[test]
fn clean_leaves_a_cache_alone_that_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    std::fs::create_dir_all(home.join("target")).unwrap();
    let lock = std::fs::File::create(home.join("lock")).unwrap();
    lock.lock_shared().unwrap();
    let outcome = Cmsl::new(["clean"])
        .env("CMSL_HOME", home)
        .run()
        .expect_status(125);
    assert!(outcome.stderr.contains("is in use"), "{}", outcome.stderr);
    assert!(home.join("target").exists());
}

/// What a command says that ends with a status; nothing is built, and so it takes no time.
fn said(words: &[&str], folder: &std::path::Path, status: i32) -> String {
    let outcome = Cmsl::new(words)
        .current_dir(folder)
        .env("CARGO", "/no/cargo")
        .run()
        .expect_status(status);
    outcome.stderr
}

const SERVERS: &str = "server class counter { public: long n () { return 1; } }\n";

#[test]
fn what_cannot_run_is_found_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("empty.cmsl", "");
    write(
        "five.cmsl",
        &format!(
            "{SERVERS}const int T = 2;\nvoid main () {{ counter c = server counter tolerance (T) model crash; }}"
        ),
    );
    write(
        "alone.cmsl",
        &format!("{SERVERS}void main () {{ counter c = server counter; }}"),
    );
    write("data", "no folder");
    let cases: [(&[&str], i32, &str); 7] = [
        (
            &["run", "empty.cmsl"],
            125,
            "error: `empty.cmsl` has no `main`, so there is nothing to run\nhelp: write `void main",
        ),
        (
            &["run", "five.cmsl"],
            125,
            "five.cmsl:3:28: this `server counter` needs 5 hosts, one for each replica, and there are 4\nhelp: say `--hosts 5`",
        ),
        (
            &["run", "alone.cmsl", "--kill", "leader@1"],
            2,
            "`--kill leader@1`: no server of this program is replicated",
        ),
        (
            &["run", "alone.cmsl", "--data", "data"],
            125,
            "cannot use the data folder data",
        ),
        (
            &[
                "run",
                "alone.cmsl",
                "--kill",
                "host1@3",
                "--restart",
                "host1@1",
            ],
            2,
            "`--restart host1@1` comes before `--kill host1@3`",
        ),
        (
            &["run", "alone.cmsl", "--hosts", "many"],
            2,
            "invalid value 'many' for '--hosts <N>': it is a number from 1 to 64",
        ),
        (
            &["run", "five.cmsl", "--hosts", "5"],
            125,
            "cannot start cargo",
        ),
    ];
    for (words, status, expected) in cases {
        let text = said(words, folder.path(), status);
        assert!(text.contains(expected), "{words:?}: {text}");
        assert_eq!(text.contains("cargo"), expected.contains("cargo"), "{text}");
    }
}

#[test]
fn what_may_lack_hosts_is_warned_of_and_what_is_known_at_run_time_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let main = |body: &str| {
        let text = format!("{SERVERS}void main () {{ int n = 9; counter c; {body} }}");
        std::fs::write(folder.path().join("m.cmsl"), text).unwrap();
        said(&["run", "m.cmsl"], folder.path(), 125)
    };
    let few = "warning: m.cmsl:2:";
    let branches = [
        "if (n > 9) { c = server counter replicas (5); }",
        "try { c = server counter replicas (5); } catch (resource_exhausted e) { }",
        "if (n > 8) { return; } c = server counter replicas (5);",
    ];
    for body in branches {
        let text = main(body);
        assert!(
            text.contains(few) && text.contains("cannot start cargo"),
            "{body}: {text}"
        );
    }
    let text = main("c = server counter replicas (n);");
    assert!(!text.contains("warning"), "{text}");
}

#[test]
fn the_first_build_says_what_takes_so_long() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.cmsl");
    std::fs::write(&file, "void main () { }").unwrap();
    let outcome = Cmsl::new(["run"])
        .arg(&file)
        .env("CMSL_HOME", folder.path().join("home"))
        .env("CARGO", "/no/cargo")
        .run()
        .expect_status(125);
    let said = "building: a, and the runtime, which is compiled the first time: this takes a minute or more\n";
    assert!(outcome.stderr.starts_with(said), "{}", outcome.stderr);
}

#[test]
fn a_part_of_a_program_is_not_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let _ = Cmsl::new(["new", "p"])
        .current_dir(folder.path())
        .run()
        .expect_status(0);
    let text = said(&["run", "p/src/counter.cmsl"], folder.path(), 125);
    assert!(
        text.contains("help: it is a part of the program in `p`: `cmsl run p`"),
        "{text}"
    );
}

#[test]
fn a_main_that_is_a_folder_is_a_mistake_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::create_dir(file("src")).unwrap();
    std::fs::write(file("cmsl.toml"), "main = \"src\"").unwrap();
    let text = said(&["check", "."], folder.path(), 1);
    assert!(
        text.contains("`main` names `src`, which is a folder"),
        "{text}"
    );
}

#[test]
fn a_crate_that_was_written_gives_the_rust_compiler_the_stack_that_deep_nesting_takes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.cmsl"), "void main () { }\n").unwrap();
    let _ = Cmsl::new(["emit", "a.cmsl", "--out", "d"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    let settings = fs::read_to_string(folder.path().join("d/.cargo/config.toml")).unwrap();
    assert!(settings.contains("[env]\nRUST_MIN_STACK = "), "{settings}");
}
