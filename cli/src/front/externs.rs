//! The user's Rust behind `extern "rust"`: one file becomes the module `externs` of the crate, and the
//! folder of its name the modules below it.

use super::Generated;
use crate::failure::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The module of the generated crate.
const MODULE: &str = "src/externs";
/// The most files that are taken along, so that a wrong folder does not copy a disk.
const FILES_MAX: usize = 1000;

/// Puts the file, and the folder of its name, into the crate.
pub fn add(generated: &mut Generated, file: &Path) -> Result<(), Failure> {
    take(generated, file, &format!("{MODULE}.rs"))?;
    let mut folders = vec![(file.with_extension(""), PathBuf::from(MODULE))];
    while let Some((folder, inside)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let Some(name) = path.file_name() else {
                continue;
            };
            let inside = inside.join(name);
            if path.is_dir() {
                folders.push((path, inside));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                take(generated, &path, &inside.to_string_lossy())?;
            }
        }
    }
    Ok(())
}

fn take(generated: &mut Generated, file: &Path, inside: &str) -> Result<(), Failure> {
    if generated.user_files.len() >= FILES_MAX {
        return Err(Failure::TextMessage(format!(
            "{} and its folder hold more than {FILES_MAX} Rust files",
            file.display()
        )));
    }
    let text = fs::read_to_string(file).map_err(|why| Failure::file("read", file, &why))?;
    generated.files.insert(inside.to_owned(), text);
    generated
        .user_files
        .push((inside.to_owned(), file.to_path_buf()));
    Ok(())
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
        add(&mut generated, &feed).unwrap();
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
