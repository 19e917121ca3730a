//! The programs, fragments and Rust in `docs/book`.
//!
//! A block marked `cmsl` that a block marked `text` follows is a program and its output; any other block marked `cmsl`
//! compiles by itself. A block marked `rust` shows a part of what the last `cmsl` block before it becomes; blanks aside,
//! it must occur there, and so must each part of it between lines that hold only `// …`.

use cmsl_tests::programs::{Case, compile};
use cmsl_tests::repository;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

/// The programs of all pages.
pub fn programs() -> Vec<Case> {
    let mut programs = Vec::new();
    for page in pages() {
        let stem = page
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .replace('-', "_");
        for pair in blocks(&page).windows(2) {
            if let [program, output] = pair
                && (&*program.kind, &*output.kind) == ("cmsl", "text")
            {
                let name = format!("{stem}_{}", program.line);
                let output = output.text.clone();
                programs.push(Case::of_text(name, shown(&page), &program.text, output));
            }
        }
    }
    programs
}

/// What the compiler says of the blocks that are no programs.
pub fn mistakes_in_fragments() -> String {
    let mut report = String::new();
    for page in pages() {
        for block in blocks(&page).iter().filter(|block| block.kind == "cmsl") {
            if let Err(why) = compile(shown(&page), &block.text) {
                let _ = writeln!(report, "{}:{}:\n{why}", page.display(), block.line);
            }
        }
    }
    report
}

/// The parts of `rust` blocks that are not printed for the block before them.
pub fn outdated_rust() -> String {
    let mut report = String::new();
    for page in pages() {
        let mut printed = String::new();
        for block in blocks(&page) {
            match &*block.kind {
                "cmsl" => {
                    printed = compile(shown(&page), &block.text)
                        .map_or_else(|why| why, |(rust, _)| rust.main);
                }
                "rust" => {
                    let today = without_blanks(&printed);
                    for part in block.text.split("// …\n") {
                        if !today.contains(&without_blanks(part)) {
                            let place = format!("{}:{}", page.display(), block.line);
                            let _ = writeln!(report, "{place}:\n{part}is not in\n{printed}");
                        }
                    }
                }
                _ => {}
            }
        }
    }
    report
}

/// Pages that the summary does not name, and names in it that are no pages.
pub fn pages_out_of_the_summary() -> String {
    let folder = folder();
    let summary = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    let named: Vec<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    let mut report = String::new();
    for name in &named {
        if !folder.join(name).is_file() {
            let _ = writeln!(report, "{name} is no page");
        }
    }
    for page in pages() {
        let name = page.strip_prefix(&folder).unwrap().to_string_lossy();
        if !named.contains(&&*name) && name != "SUMMARY.md" {
            let _ = writeln!(report, "{name} is not in the summary");
        }
    }
    report
}

fn folder() -> PathBuf {
    repository().join("docs/book/src")
}

fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

fn shown(page: &Path) -> &Path {
    page.strip_prefix(repository()).unwrap()
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (line, content) in (1..).zip(text.lines()) {
        match (content.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(kind), None) => {
                open = Some(Block {
                    kind: kind.to_owned(),
                    line,
                    text: String::new(),
                });
            }
            (None, Some(block)) => {
                block.text.push_str(content);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: an open block", page.display());
    blocks
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace()
        .collect::<String>()
        .replace(",)", ")")
        .replace(",}", "}")
        .replace(",>", ">")
}
