//! From a project to an executable: generated, compared with what was built last, built if need be.
//!
//! The front end runs every time, for it is quick; cargo runs only when what it would build has
//! changed. So an unchanged program starts at once.

use crate::cache::{self, Cache};
use crate::cargo::{self, Job, Profile};
use crate::failure::Failure;
use crate::front::{self, Generated};
use crate::project::Project;
use std::fs;
use std::path::{Path, PathBuf};

/// The executable of a project, built if it is not there yet.
pub fn executable(project: &Project, cache: &Cache, profile: Profile) -> Result<PathBuf, Failure> {
    let generated = front::compile(project, &cache.runtime()?)?;
    executable_of(&generated, project, cache, profile)
}

/// The executable of a project that the front end has compiled.
pub fn executable_of(
    generated: &Generated,
    project: &Project,
    cache: &Cache,
    profile: Profile,
) -> Result<PathBuf, Failure> {
    let folder = cache.program(&project.name, &project.source);
    let executable = folder.join(profile.name()).join(&project.name);
    let stamp = folder.join(profile.name()).join("fingerprint");
    let fingerprint = fingerprint(generated);
    let is_current = || {
        executable.exists() && fs::read_to_string(&stamp).is_ok_and(|built| built == fingerprint)
    };
    if is_current() {
        return Ok(executable);
    }
    let _lock = cache.build_lock()?;
    // Another command may have built it while this one waited.
    if is_current() {
        return Ok(executable);
    }
    let krate = folder.join("crate");
    remove_stale(&krate, generated)?;
    generated.write(&krate)?;
    cache::write_if_absent(&krate.join("Cargo.lock"), cache::packed_lock())?;
    let built = cargo::build(&Job {
        folder: &krate,
        name: &project.name,
        target: &cache.target(),
        profile,
        user_files: &generated.user_files,
        origin: generated.origin.as_deref(),
    })?;
    let _ = fs::remove_file(&stamp);
    install(&built, &executable)?;
    cache::write(&stamp, &fingerprint)?;
    Ok(executable)
}

/// A second name for a file, or a copy where the file system has no second names.
pub fn install(from: &Path, to: &Path) -> Result<(), Failure> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(|why| Failure::file("make", parent, &why))?;
    }
    match fs::remove_file(to) {
        Ok(()) => {}
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
        Err(why) => return Err(Failure::file("replace", to, &why)),
    }
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)
        .map(drop)
        .map_err(|why| Failure::file("write", to, &why))
}

/// What cargo would see: every file of the crate, and the environment that changes its work.
fn fingerprint(generated: &Generated) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher
            .update(&(bytes.len() as u64).to_le_bytes())
            .update(bytes);
    };
    for (name, text) in &generated.files {
        add(name.as_bytes());
        add(text.as_bytes());
    }
    for variable in ["RUSTFLAGS", "RUSTUP_TOOLCHAIN"] {
        add(std::env::var_os(variable)
            .unwrap_or_default()
            .as_encoded_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// A source that an earlier version of the program had must not stay in the crate.
fn remove_stale(krate: &Path, generated: &Generated) -> Result<(), Failure> {
    let mut folders = vec![krate.join("src")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.strip_prefix(krate).unwrap_or(&path);
            if path.is_dir() {
                folders.push(path);
            } else if !generated.files.contains_key(&*name.to_string_lossy()) {
                fs::remove_file(&path).map_err(|why| Failure::file("remove", &path, &why))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn generated(files: &[(&str, &str)]) -> Generated {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Generated {
            files: files.iter().map(own).collect::<BTreeMap<_, _>>(),
            user_files: vec![],
            origin: None,
        }
    }

    #[test]
    fn a_fingerprint_tells_names_from_texts() {
        let one = fingerprint(&generated(&[("ab", "c")]));
        assert_eq!(one, fingerprint(&generated(&[("ab", "c")])));
        assert_ne!(one, fingerprint(&generated(&[("a", "bc")])));
    }

    #[test]
    fn sources_of_an_earlier_version_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        generated(&[("src/main.rs", "m"), ("src/old/er.rs", "o")])
            .write(folder.path())
            .unwrap();
        let new = generated(&[("src/main.rs", "m")]);
        remove_stale(folder.path(), &new).unwrap();
        assert!(folder.path().join("src/main.rs").exists());
        assert!(!folder.path().join("src/old/er.rs").exists());
    }
}
