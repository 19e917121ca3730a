//! Packs the runtime's sources and the lock file into the `cmsl` executable.
//!
//! An installed `cmsl` needs no clone: it writes what is packed here into its cache, and generated
//! programs are built against that. The runtime's manifest inherits from the workspace; the packed
//! one stands alone. Nothing here uses the network.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let cli = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = cli.parent().ok_or("the `cli` folder has no parent")?;
    let runtime = workspace.join("runtime");
    let manifest_path = runtime.join("Cargo.toml");
    let root_path = workspace.join("Cargo.toml");
    let lock_path = workspace.join("Cargo.lock");
    for path in [&manifest_path, &root_path, &lock_path, &runtime.join("src")] {
        println!("cargo::rerun-if-changed={}", path.display());
    }

    let manifest = stand_alone(&read_table(&manifest_path)?, &read_table(&root_path)?)?;
    let mut sources = Vec::new();
    collect(&runtime.join("src"), &mut sources)?;
    sources.sort();

    let mut packed = String::new();
    writeln!(packed, "pub(crate) const FILES: &[(&str, &str)] = &[")?;
    writeln!(packed, "    (\"Cargo.toml\", {manifest:?}),")?;
    for source in &sources {
        let name = source
            .strip_prefix(&runtime)?
            .to_str()
            .ok_or("a file name is not UTF-8")?;
        let path = source.to_str().ok_or("a path is not UTF-8")?;
        writeln!(packed, "    ({name:?}, include_str!({path:?})),")?;
    }
    writeln!(packed, "];")?;
    let lock = lock_path.to_str().ok_or("a path is not UTF-8")?;
    writeln!(
        packed,
        "pub(crate) const LOCK: &str = include_str!({lock:?});"
    )?;
    fs::write(
        PathBuf::from(variable("OUT_DIR")?).join("packed.rs"),
        packed,
    )?;
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

fn read_table(path: &Path) -> Result<Table, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    Ok(fs::read_to_string(path)?.parse::<Table>()?)
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}

/// The runtime's manifest with what it inherits written out, and without tests, benches and lints.
fn stand_alone(manifest: &Table, root: &Table) -> Result<String, Box<dyn Error>> {
    let workspace = table(root, "workspace")?;
    let package = inherit(
        table(manifest, "package")?,
        table(workspace, "package")?,
        "package",
    )?;
    let mut dependencies = Table::new();
    let shared = table(workspace, "dependencies")?;
    for (name, value) in table(manifest, "dependencies")? {
        dependencies.insert(name.clone(), dependency(name, value, shared)?);
    }
    let mut alone = Table::new();
    alone.insert("package".into(), Value::Table(package));
    if let Some(features) = manifest.get("features") {
        alone.insert("features".into(), features.clone());
    }
    alone.insert("dependencies".into(), Value::Table(dependencies));
    Ok(toml::to_string(&alone)?)
}

fn table<'a>(parent: &'a Table, key: &str) -> Result<&'a Table, String> {
    parent
        .get(key)
        .and_then(Value::as_table)
        .ok_or_else(|| format!("no table `{key}`"))
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn inherit(own: &Table, shared: &Table, what: &str) -> Result<Table, String> {
    let mut resolved = Table::new();
    for (key, value) in own {
        let value = if inherits(value) {
            shared
                .get(key)
                .ok_or_else(|| format!("the workspace's {what} has no `{key}`"))?
        } else {
            value
        };
        resolved.insert(key.clone(), value.clone());
    }
    Ok(resolved)
}

fn dependency(name: &str, value: &Value, shared: &Table) -> Result<Value, String> {
    if !inherits(value) {
        return Ok(value.clone());
    }
    let base = shared
        .get(name)
        .ok_or_else(|| format!("the workspace has no `{name}`"))?;
    let mut resolved = match base {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    for (key, value) in value.as_table().into_iter().flatten() {
        match (key.as_str(), resolved.get_mut(key), value) {
            ("workspace", _, _) => {}
            ("features", Some(Value::Array(features)), Value::Array(more)) => {
                features.extend(more.iter().cloned());
            }
            _ => {
                resolved.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(Value::Table(resolved))
}
