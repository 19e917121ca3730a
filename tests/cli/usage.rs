//! Wrong words, missing files, and the help.

use cmsl_tests::Cmsl;

#[test]
fn every_subcommand_has_help_with_examples() {
    let words = [
        "new",
        "check",
        "emit",
        "build",
        "run",
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
