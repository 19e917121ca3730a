//! `cmsl new`: what it makes, and what it leaves alone.

use cmsl_tests::Cmsl;

#[test]
fn a_new_folder_holds_settings_a_program_and_a_test() {
    let folder = tempfile::tempdir().unwrap();
    let _ = Cmsl::new(["new", "auction"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    let auction = folder.path().join("auction");
    for file in [
        "cmsl.toml",
        "src/main.cmsl",
        "src/counter.cmsl",
        "tests/counter.cmsl",
    ] {
        assert!(auction.join(file).exists(), "{file}");
    }
    let settings = std::fs::read_to_string(auction.join("cmsl.toml")).unwrap();
    assert!(settings.contains("name = \"auction\""), "{settings}");
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("auction")).unwrap();
    std::fs::write(folder.path().join("auction/notes"), "mine").unwrap();
    let outcome = Cmsl::new(["new", "auction"])
        .current_dir(&folder)
        .run()
        .expect_status(2);
    assert!(
        outcome.stderr.contains("`auction` exists already"),
        "{}",
        outcome.stderr
    );
    assert!(!folder.path().join("auction/cmsl.toml").exists());
}

#[test]
fn a_name_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["8bit", "a b", "..", "/"] {
        let outcome = Cmsl::new(["new", name])
            .current_dir(&folder)
            .run()
            .expect_status(2);
        assert!(
            outcome.stderr.contains("does not end in a name"),
            "{name}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn the_new_program_and_its_test_run() {
    let folder = tempfile::tempdir().unwrap();
    let _ = Cmsl::new(["new", "auction"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    let auction = folder.path().join("auction");
    let run = |program: &str| {
        let command = Cmsl::new(["run", program]).current_dir(&auction);
        command.run().expect_status(0).stdout
    };
    assert_eq!(run("."), "refused: amounts only grow\napples: 30\n");
    assert_eq!(run("tests/counter.cmsl"), "");
}
