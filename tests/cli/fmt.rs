//! `cmsl fmt`: files, folders, stdin, and what happens to files with errors.

use cmsl_tests::Cmsl;
use std::fs;
use std::path::Path;

const UGLY: &str = "void   main( ){println(\"hi\");  // said\n}";
const GOOD: &str = "void main () {\n    println (\"hi\"); // said\n}\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn files_and_folders_are_formatted_in_place() {
    let folder = folder(&[("a.cmsl", UGLY), ("b/c.cmsl", UGLY), ("b/notes.txt", UGLY)]);
    let outcome = Cmsl::new(["fmt", "a.cmsl", "b"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    assert_eq!(text(folder.path(), "a.cmsl"), GOOD);
    assert_eq!(text(folder.path(), "b/c.cmsl"), GOOD);
    assert_eq!(text(folder.path(), "b/notes.txt"), UGLY);
    let names = fs::read_dir(folder.path().join("b")).unwrap().count();
    assert_eq!(names, 2, "something was left behind");
}

#[test]
fn check_names_what_is_not_formatted_and_changes_nothing() {
    let folder = folder(&[("a.cmsl", UGLY), ("b.cmsl", GOOD)]);
    let outcome = Cmsl::new(["fmt", "--check", "."])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert_eq!(outcome.stdout, "./a.cmsl\n");
    assert_eq!(text(folder.path(), "a.cmsl"), UGLY);
    let _ = Cmsl::new(["fmt", "--check", "b.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
}

#[test]
fn a_file_with_errors_stays_and_the_others_are_formatted() {
    let folder = folder(&[("a.cmsl", "void main ( {}"), ("b.cmsl", UGLY)]);
    let outcome = Cmsl::new(["fmt", "."])
        .current_dir(&folder)
        .run()
        .expect_status(1);
    assert!(outcome.stderr.contains("a.cmsl:1:"), "{}", outcome.stderr);
    assert_eq!(text(folder.path(), "a.cmsl"), "void main ( {}");
    assert_eq!(text(folder.path(), "b.cmsl"), GOOD);
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let folder = folder(&[("a.cmsl", UGLY)]);
    let with_stdin = |words: &[&str]| {
        let mut command = Cmsl::new(words).into_command();
        command.stdin(fs::File::open(folder.path().join("a.cmsl")).unwrap());
        cmsl_tests::run(command)
    };
    let outcome = with_stdin(&["fmt", "-"]).expect_status(0);
    assert_eq!(outcome.stdout, GOOD);
    let outcome = with_stdin(&["fmt", "--check", "-"]).expect_status(1);
    assert_eq!(outcome.stdout, "<stdin>\n");
}

#[test]
fn what_does_not_exist_is_said() {
    let folder = folder(&[("empty/notes.txt", "")]);
    let outcome = Cmsl::new(["fmt", "none.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(125);
    assert!(outcome.stderr.contains("none.cmsl"), "{}", outcome.stderr);
    let _ = Cmsl::new(["fmt", "empty"])
        .current_dir(&folder)
        .run()
        .expect_status(2);
}

#[test]
fn relations_to_classes_of_imported_files_are_called_so() {
    let folder = folder(&[
        ("parts/a.cmsl", "import \"b.cmsl\";\nenum colour { red }\n"),
        (
            "parts/b.cmsl",
            "class c { }\nmodule m { class d { } typedef list<d> ds; }\n",
        ),
        (
            "root.cmsl",
            "import \"parts/a.cmsl\";\nimport \"none.cmsl\";\nclass x {\n    attribute c one;\n    attribute m::ds many;\n    relation colour drawn;\n    attribute unknown kept;\n}\n",
        ),
    ]);
    let _ = Cmsl::new(["fmt", "root.cmsl"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    assert_eq!(
        text(folder.path(), "root.cmsl"),
        "import \"parts/a.cmsl\";\nimport \"none.cmsl\";\nclass x {\n    relation c one;\n    relation m::ds many;\n    attribute colour drawn;\n    attribute unknown kept;\n}\n"
    );
}
