//! Style as a test: layers, lengths, banned words, dependencies and their licences.
//!
//! What clippy and rustfmt see is theirs; here stands what they cannot know about this project.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The wall for the length of a source file.
const LINES_MAX: usize = 600;
/// The most crates that a generated program may link: they are what a user waits for.
const LINKED_CRATES_MAX: usize = 40;
/// What stays out of every listing.
const FOREIGN: [&str; 3] = ["target", ".git", "snapshots"];

/// Which of our crates each crate may use.
const CRATES: [(&str, &[&str]); 6] = [
    ("cmsl-parser", &[]),
    ("codegen", &["cmsl-parser"]),
    ("runtime", &[]),
    ("cli", &["cmsl-codegen", "cmsl-parser", "cmsl-runtime"]),
    (
        "tests",
        &["cmsl", "cmsl-codegen", "cmsl-parser", "cmsl-runtime"],
    ),
    ("examples/embedded", &["cmsl-codegen", "cmsl-runtime"]),
];

/// Which modules of the runtime each of its lower modules may use; the others are above all of these.
const RUNTIME: [(&str, &[&str]); 7] = [
    ("clock", &["clock"]),
    ("wire", &["wire"]),
    ("identity", &["identity", "wire"]),
    ("protocol", &["protocol", "clock", "wire", "identity"]),
    ("thread", &["thread"]),
    (
        "storage",
        &["storage", "clock", "wire", "identity", "thread"],
    ),
    (
        "transport",
        &["transport", "clock", "wire", "identity", "thread"],
    ),
];

/// What a sans-io module must not name: the world comes in as arguments.
const WORLD: [&str; 14] = [
    "std::net",
    "std::thread",
    "std::fs",
    "std::env",
    "std::process",
    "Mutex",
    "mpsc",
    "std::io",
    "HashMap",
    "HashSet",
    "tokio",
    "socket2",
    "Instant",
    "SystemTime",
];

fn root() -> PathBuf {
    cmsl_tests::repository()
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if FOREIGN.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn files_with(extensions: &[&str]) -> Vec<(String, String)> {
    let root = root();
    files(&root)
        .into_iter()
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| extensions.contains(&extension))
        })
        .filter_map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            Some((name, fs::read_to_string(&path).ok()?))
        })
        .collect()
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_source_file_opens_with_what_it_is() {
    let found: Vec<String> = files_with(&["rs"])
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(name, _)| name)
        .collect();
    assert_none("these files do not open with `//!`", &found);
}

#[test]
fn no_source_file_is_too_long() {
    let found: Vec<String> = files_with(&["rs"])
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert_none("these files are longer than the wall", &found);
}

#[test]
fn modules_stand_beside_their_folders() {
    let found: Vec<String> = files_with(&["rs"])
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("/mod.rs"))
        .collect();
    assert_none("write `foo.rs` beside `foo/` instead of", &found);
}

/// What is banned from our sources may stand in what we print: the lints of generated code.
const PRINTS_RUST: &str = "codegen/src/emit";

/// The words are put together here, so that this file does not hold them itself.
#[test]
fn no_source_file_holds_a_banned_word() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("#[ig", "nore"),
        concat!("un", "safe {"),
    ];
    let mut found = Vec::new();
    for (name, text) in files_with(&["rs", "md", "toml", "cmsl", "pest", "sh"]) {
        for (number, line) in text.lines().enumerate() {
            let prints = name.starts_with(PRINTS_RUST);
            let banned =
                |word: &&&str| line.contains(**word) && !(prints && word.contains("allow"));
            for word in words.iter().filter(banned) {
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert_none("banned words", &found);
}

#[test]
fn crates_use_only_the_crates_below_them() {
    let ours: BTreeSet<&str> = [
        "cmsl",
        "cmsl-codegen",
        "cmsl-parser",
        "cmsl-runtime",
        "cmsl-tests",
    ]
    .into();
    let mut found = Vec::new();
    for (folder, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let mut section = String::new();
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line.to_owned();
            }
            let name = line.split(['.', ' ', '=']).next().unwrap_or("");
            let used = section.contains("dependencies") && ours.contains(name);
            // A test may look at a program from above; what ships may not.
            if used && !section.contains("dev-") && !allowed.contains(&name) {
                found.push(format!("{folder}: {name}"));
            }
        }
    }
    assert_none("crates that use what is not below them", &found);
}

/// The text of each lower module of the runtime, its tests left out.
fn runtime_modules() -> Vec<(String, &'static str, &'static [&'static str], String)> {
    let mut modules = Vec::new();
    for (name, text) in files_with(&["rs"]) {
        let Some(inside) = name.strip_prefix("runtime/src/") else {
            continue;
        };
        let module = inside.split(['/', '.']).next().unwrap_or("");
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
        if let Some((module, allowed)) = RUNTIME.iter().find(|(of, _)| *of == module)
            && !is_test
        {
            let code = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
            modules.push((name, *module, *allowed, code));
        }
    }
    assert!(
        modules.len() > RUNTIME.len(),
        "the modules of the runtime have moved"
    );
    modules
}

/// A line of code without its comment.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

#[test]
fn modules_of_the_runtime_use_only_the_modules_below_them() {
    let mut found = Vec::new();
    for (name, _, allowed, text) in runtime_modules() {
        for (number, line) in text.lines().enumerate() {
            for used in code_of(line).split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if !used.is_empty() && !allowed.contains(&used.as_str()) {
                    found.push(format!("{name}:{}: crate::{used}", number + 1));
                }
            }
        }
    }
    assert_none("modules that use what is not below them", &found);
}

/// A closure does not know who called the function that it stands in: the position of what it raises would be a line of the runtime.
#[test]
fn nothing_that_programs_call_raises_in_a_closure() {
    let mut found = Vec::new();
    let modules = ["runtime/src/object/", "runtime/src/value/"];
    for (path, text) in files_with(&["rs"]) {
        if !modules.iter().any(|module| path.starts_with(module)) {
            continue;
        }
        for (number, pair) in (1..).zip(text.lines().collect::<Vec<_>>().windows(2)) {
            let [line, next] = pair else { continue };
            let closure = line.rsplit_once('|').map(|(_, body)| body.trim_start());
            let raises = |text: &str| text.trim_start().starts_with("Raised::");
            if closure.is_some_and(|body| raises(body) || (body == "{" && raises(next))) {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    assert_none("closures that raise", &found);
}

#[test]
fn protocols_know_no_clock_no_network_no_disk_and_no_random_order() {
    let mut found = Vec::new();
    for (name, module, _, text) in runtime_modules() {
        if !["clock", "wire", "protocol"].contains(&module) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for word in WORLD.iter().filter(|word| code_of(line).contains(**word)) {
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert_none("the world in sans-io code", &found);
}

fn cargo(words: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(words)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn generated_programs_link_few_crates_and_wait_for_no_procedural_macro() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--package",
        "cmsl-runtime",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    let macros: Vec<String> = crates
        .iter()
        .filter(|line| line.contains("(proc-macro)"))
        .map(|line| (*line).to_owned())
        .collect();
    assert_none(
        "procedural macros among the runtime's dependencies",
        &macros,
    );
    assert!(
        (2..=LINKED_CRATES_MAX).contains(&crates.len()),
        "{} crates are linked:\n{tree}",
        crates.len()
    );
}

/// The licences that `deny.toml` allows.
fn allowed_licences() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = text
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap();
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Whether a choice of the expression's alternatives is allowed; `/` is an old way to write `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let flat = expression.replace('/', " OR ").replace(['(', ')'], "");
    // With the parentheses gone, each part between ANDs must offer an allowed choice: at least as
    // strict as the expression for what crates write.
    flat.split(" AND ").all(|part| {
        part.split(" OR ")
            .any(|name| allowed.contains(name.trim().trim_end_matches('+')))
    })
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let allowed = allowed_licences();
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut found = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        if !is_allowed(licence, &allowed) {
            found.push(format!(
                "{} {}: {licence}",
                package["name"], package["version"]
            ));
        }
    }
    assert!(
        packages.len() > 20,
        "cargo lists too few packages to be true"
    );
    assert_none("licences that deny.toml does not allow", &found);
}

#[test]
fn licence_expressions_are_understood() {
    let allowed: BTreeSet<String> = ["MIT", "Zlib"].map(str::to_owned).into();
    for (expression, expected) in [
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("(MIT OR GPL-3.0) AND Zlib", true),
        ("MIT AND GPL-3.0", false),
        ("none", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_dependency_of_the_workspace_says_why() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = text.split("[workspace.dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let mut why: BTreeMap<&str, bool> = BTreeMap::new();
    // A comment holds for the lines up to the next blank line or comment.
    let mut explained = false;
    for line in section.lines().map(str::trim) {
        match line.split([' ', '=']).next() {
            None | Some("") => explained = false,
            Some("#") => explained = true,
            Some(name) if name.starts_with("cmsl") => {}
            Some(name) => {
                why.insert(name, explained);
            }
        }
    }
    let silent: Vec<String> = why
        .iter()
        .filter(|(_, told)| !**told)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_none("dependencies without a line that says why", &silent);
}
