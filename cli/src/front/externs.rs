//! The user's Rust behind `extern "rust"`: one file becomes the module `externs` of the crate, and the
//! folder of its name the modules below it.

use super::Generated;
use crate::failure::Failure;
use cmsl_codegen::RustFile;
use std::fs;
use std::path::{Path, PathBuf};

/// The module of the generated crate.
const MODULE: &str = "src/externs";
/// The most files that are taken along, so that a wrong folder does not copy a disk.
const FILES_MAX: usize = 1000;

/// One file of the user's Rust.
pub struct UserFile {
    /// Its name in the crate.
    pub inside: String,
    path: PathBuf,
    text: String,
}

/// The file, and those in the folder of its name.
pub fn read(file: &Path) -> Result<Vec<UserFile>, Failure> {
    let mut files = Vec::new();
    take(&mut files, file, format!("{MODULE}.rs"))?;
    let mut folders = vec![(file.with_extension(""), PathBuf::from(MODULE))];
    while let Some((folder, inside)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        paths.sort();
        for path in paths {
            let Some(name) = path.file_name() else {
                continue;
            };
            let inside = inside.join(name);
            if path.is_dir() {
                folders.push((path, inside));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                take(&mut files, &path, inside.to_string_lossy().into_owned())?;
            }
        }
    }
    Ok(files)
}

fn take(files: &mut Vec<UserFile>, file: &Path, inside: String) -> Result<(), Failure> {
    if files.len() >= FILES_MAX {
        return Err(Failure::TextMessage(format!(
            "{} and its folder hold more than {FILES_MAX} Rust files",
            file.display()
        )));
    }
    files.push(UserFile {
        inside,
        path: file.to_path_buf(),
        text: fs::read_to_string(file).map_err(|why| Failure::file("read", file, &why))?,
    });
    Ok(())
}

/// The files as the compiler looks at them.
pub fn for_compiler(files: &[UserFile]) -> Vec<RustFile> {
    let files = files.iter().map(|file| RustFile {
        inside: file.inside.trim_start_matches("src/").to_owned(),
        name: super::shown(&file.path).to_string_lossy().into_owned(),
        text: file.text.clone(),
    });
    files.collect()
}

/// Puts the files into the crate.
pub fn add(generated: &mut Generated, files: Vec<UserFile>) {
    for UserFile { inside, path, text } in files {
        generated.files.insert(inside.clone(), text);
        generated.user_files.push((inside, path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_file_takes_the_folder_of_its_name_along() {
        let folder = tempfile::tempdir().unwrap();
        let feed = folder.path().join("feed.rs");
        fs::create_dir_all(folder.path().join("feed/beast")).unwrap();
        fs::write(&feed, "mod decode;").unwrap();
        fs::write(folder.path().join("feed/decode.rs"), "d").unwrap();
        fs::write(folder.path().join("feed/beast/escape.rs"), "e").unwrap();
        fs::write(folder.path().join("feed/notes.txt"), "n").unwrap();
        let mut generated = Generated {
            files: BTreeMap::new(),
            user_files: Vec::new(),
            origin: None,
        };
        add(&mut generated, read(&feed).unwrap());
        let names: Vec<&String> = generated.files.keys().collect();
        let expected = [
            "src/externs.rs",
            "src/externs/beast/escape.rs",
            "src/externs/decode.rs",
        ];
        assert_eq!(names, expected);
        assert!(
            generated
                .user_files
                .contains(&("src/externs.rs".to_owned(), feed))
        );
    }
}
