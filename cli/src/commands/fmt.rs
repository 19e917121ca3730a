//! `cmsl fmt`: programs in the one style.

use crate::args::Fmt;
use crate::failure::Failure;
use crate::{front, say};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Formats files, folders of files, or what comes on stdin; with `--check` only says which are not
/// formatted. A file whose text has errors stays as it is.
pub fn fmt(arguments: &Fmt) -> Result<(), Failure> {
    let mut worst = None;
    for path in &arguments.files {
        let outcome = if path.as_os_str() == "-" {
            standard_input(arguments.check)
        } else {
            each(path, arguments.check)
        };
        // The others are still worth a look; the first failure decides the status.
        if let Err(failure) = outcome {
            failure.report();
            worst.get_or_insert(failure);
        }
    }
    match worst {
        None => Ok(()),
        Some(failure) => Err(Failure::Reported(failure.status())),
    }
}

fn each(path: &Path, check: bool) -> Result<(), Failure> {
    let mut files = Vec::new();
    find(path, &mut files)?;
    if files.is_empty() {
        let what = format!("there is no .cmsl file in {}", path.display());
        return Err(Failure::Usage(what));
    }
    let mut wrong = false;
    for file in &files {
        wrong |= !one(file, check)?;
    }
    if wrong { Err(Failure::text()) } else { Ok(()) }
}

/// The file, or all programs in the folder, in order of their names.
fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let failure = |why: &std::io::Error| Failure::file("read", path, why);
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(|why| failure(&why))? {
        entries.push(entry.map_err(|why| failure(&why))?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link may lead back to where it stands.
        let kind = entry
            .file_type()
            .map_err(|why| Failure::file("read", &path, &why))?;
        if kind.is_dir() && !hidden {
            find(&path, files)?;
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| extension == "cmsl")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Formats a file; false if it has errors, or is to be checked and is not formatted.
fn one(path: &Path, check: bool) -> Result<bool, Failure> {
    let bytes = front::read(path).map_err(|why| Failure::file("read", path, &why))?;
    let Some(text) = formatted(path, bytes.clone()) else {
        return Ok(false);
    };
    if text.as_bytes() == bytes {
        return Ok(true);
    }
    if check {
        say::print(&format!("{}\n", path.display()))?;
        return Ok(false);
    }
    replace(path, &text).map_err(|why| Failure::file("write", path, &why))?;
    Ok(true)
}

/// The formatted text; without it the errors have been reported.
fn formatted(path: &Path, bytes: Vec<u8>) -> Option<String> {
    match front::formatted(path, bytes, &mut front::read) {
        Ok(text) => Some(text),
        Err((sources, diagnostics)) => {
            front::show(&sources, &diagnostics);
            None
        }
    }
}

/// Puts a new text in the place of a file: whoever reads sees the old one or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // What a link stands for is changed, not the link.
    let path = fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let permissions = fs::metadata(&path)?.permissions();
    let written = (|| {
        let mut file = fs::File::create_new(&new)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&new, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn standard_input(check: bool) -> Result<(), Failure> {
    let limit = cmsl_parser::SOURCE_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|why| Failure::world(format!("cannot read stdin: {why}")))?;
    let text = formatted(Path::new("<stdin>"), bytes.clone()).ok_or_else(Failure::text)?;
    if !check {
        return say::print(&text);
    }
    if text.as_bytes() == bytes {
        return Ok(());
    }
    say::print("<stdin>\n")?;
    Err(Failure::text())
}
