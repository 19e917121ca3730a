//! The formatter: on every program of the repository, on ugly ones, and on ones with blanks and comments
//! strewn between the tokens.

use std::path::{Path, PathBuf};

use cmsl_parser::{Sources, format, parse};
use cmsl_tests::Dice;

/// The formatted text; `None` if the text does not have the form of a program.
fn formatted(text: &str) -> Option<String> {
    let mut sources = Sources::new();
    let file = sources.add("a.cmsl", text);
    format(&sources, file, &[]).ok()
}

/// The tree without places, the word of fields left open.
fn tree(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("a.cmsl", text);
    let (tree, diagnostics) = parse(&sources, file);
    assert!(diagnostics.is_empty(), "{}\n{text}", diagnostics[0]);
    let shown = format!("{:?}", tree.items);
    let shown = shown.replace("keyword: Relation", "keyword: Attribute");
    without_spans(&shown)
}

/// Leaves out what a span looks like: `0:12..17`.
fn without_spans(shown: &str) -> String {
    let mut text = String::new();
    for word in shown.split_inclusive([' ', ',', ')', '}']) {
        let digits = word.trim_end_matches([' ', ',', ')', '}', ']']);
        let digits = digits
            .trim_start_matches(['(', '['])
            .trim_start_matches("Some(");
        let is_span = digits.starts_with("0:")
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b":.".contains(&byte));
        text.push_str(if is_span { "_" } else { word });
    }
    text
}

/// The comments in order, without blanks at the ends of lines.
fn comments(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("a.cmsl", text);
    let (tree, _) = parse(&sources, file);
    let texts = tree
        .comments
        .iter()
        .map(|comment| sources.slice(comment.span));
    texts.map(|text| text.trim_end().to_owned()).collect()
}

/// What holds for every program.
fn check(name: &str, text: &str) -> Option<String> {
    let once = formatted(text)?;
    let twice = formatted(&once).unwrap_or_else(|| panic!("{name} is broken:\n{once}"));
    assert_eq!(once, twice, "{name}: formatting again changes something");
    assert_eq!(tree(text), tree(&once), "{name}: another tree:\n{once}");
    assert_eq!(
        comments(text),
        comments(&once),
        "{name}: other comments:\n{once}"
    );
    for line in once.lines() {
        assert_eq!(line, line.trim_end(), "{name}: blanks at the end of a line");
    }
    Some(once)
}

/// All programs of the repository.
fn programs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = [
        "cli",
        "cmsl-parser",
        "codegen",
        "docs",
        "examples",
        "runtime",
        "tests",
    ]
    .iter()
    .map(|folder| root.join(folder))
    .collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "cmsl")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_program_of_the_repository_keeps_its_tree_and_its_comments() {
    let mut count = 0;
    for path in programs() {
        // Some cases are no text at all.
        if let Ok(text) = std::fs::read_to_string(&path)
            && check(&path.display().to_string(), &text).is_some()
        {
            count += 1;
        }
    }
    assert!(count > 40, "only {count} programs have the form of one");
}

/// What one starts from; the cases of the compiler show odd forms on purpose.
#[test]
fn the_programs_that_people_read_are_formatted() {
    let mut ugly = Vec::new();
    for path in programs() {
        let name = path.display().to_string();
        if !name.contains("../examples/") && !name.contains("commands/new") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        if formatted(&text).as_deref() != Some(&text) {
            ugly.push(name);
        }
    }
    assert!(ugly.is_empty(), "run `cmsl fmt` on {ugly:#?}");
}

/// What formatting makes of texts that nobody should write.
#[test]
fn ugly_programs_become_what_people_write() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler");
    for path in super::cases(&root.join("cases/format")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = check(&name, &text).unwrap_or_else(|| panic!("{name} is no program"));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root.join("snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("format__{name}"), text));
    }
}

/// The text with other blanks, and with comments, between its tokens.
fn strewn(text: &str, dice: &mut Dice) -> String {
    const BLANKS: [&str; 12] = [
        " ",
        " ",
        "\n",
        "\t",
        "\n\n\n",
        "  /* c */ ",
        " // d\n",
        "\n// e\n",
        "\n/* f\n   g */\n",
        "\r\n",
        " /**/ ",
        "\n\n/* h */ // i\n\n",
    ];
    let mut strewn = String::new();
    let mut in_string = false;
    for character in text.chars() {
        in_string ^= character == '"';
        let apart = "(){};,[]".contains(character) && dice.below(3) == 0;
        if in_string || character == '"' {
            strewn.push(character);
        } else if character.is_whitespace() {
            strewn.push_str(BLANKS[dice.below(BLANKS.len())]);
        } else if apart {
            strewn.push_str(BLANKS[dice.below(BLANKS.len())]);
            strewn.push(character);
            strewn.push_str(BLANKS[dice.below(BLANKS.len())]);
        } else {
            strewn.push(character);
        }
    }
    strewn
}

#[test]
fn blanks_and_comments_anywhere_change_no_tree() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/cases");
    let statements = std::fs::read_to_string(cases.join("format/crammed.cmsl")).unwrap();
    let statements = statements.replace("/*last*/", "");
    let mut dice = Dice::new(1);
    for program in [statements, super::corpus::program(150)] {
        let program: Vec<&str> = program
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect();
        let program = program.join("\n");
        for round in 0..20 {
            let text = strewn(&program, &mut dice);
            assert_eq!(tree(&program), tree(&text), "{text}");
            assert!(check(&format!("round {round}"), &text).is_some());
        }
    }
}
