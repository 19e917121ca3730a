//! What part of the wait from edit to executable is the front end's: the rest is cargo's, for the same program.

use super::{Phases, corpus, round};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// As `cmsl run` has generated programs built.
const MANIFEST: &str = r#"[package]
name = "corpus"
version = "0.0.0"
edition = "2024"

[dependencies]
cmsl-runtime = { path = "RUNTIME" }

[profile.dev]
opt-level = 1
debug = 0
incremental = true

[workspace]
"#;

/// Prints the ratio. The first build, of the runtime, takes a minute.
pub fn measure() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("target/front-end-bench");
    let manifest = MANIFEST.replace("RUNTIME", &root.join("runtime").display().to_string());
    write(&folder.join("Cargo.toml"), &manifest)?;
    let lock = std::fs::read(root.join("Cargo.lock")).map_err(|why| why.to_string())?;
    std::fs::write(folder.join("Cargo.lock"), lock).map_err(|why| why.to_string())?;
    let text = corpus::program(super::LINES);
    build(&folder, &text)?;
    let edited = text.replacen("return sum;", "return sum + 1;", 1);
    let (front_end, cargo) = build(&folder, &edited)?;
    println!(
        "{:>18} {:>10.3} of cargo's {:.1} s from edit to built",
        "front end",
        front_end.as_secs_f64() / cargo.as_secs_f64(),
        cargo.as_secs_f64(),
    );
    Ok(())
}

/// How long the front end takes, and then cargo.
fn build(folder: &Path, text: &str) -> Result<(Duration, Duration), String> {
    let Phases { files, .. } = round(text)?;
    let front_end = Phases::total(&round(text)?);
    for (name, text) in &files {
        write(&folder.join(name), text)?;
    }
    let start = Instant::now();
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("target"))
        .output()
        .map_err(|why| why.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok((front_end, start.elapsed()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|why| format!("cannot write {}: {why}", path.display()))
}
