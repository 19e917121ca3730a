//! The files of Rust code behind `extern`: those of this machine, which are only read, and over them what each host wrote.

use super::drives::LAST_OPERATIONS;
use super::network::{End, end};
use super::shared::{Inner, SimulatedWorld};
use crate::identity::HostId;
use crate::outside::{Files, WriteFile};
use crate::storage::disk::{Disk, DiskFile, Simulated};
use crate::world::World;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// A sync takes so long.
const SYNC: (Duration, Duration) = (Duration::from_micros(80), Duration::from_millis(2));

/// What one host wrote.
#[derive(Default)]
pub(super) struct Overlay {
    /// Files by their whole paths.
    disk: Simulated,
    folders: BTreeSet<PathBuf>,
    /// Files and folders of this machine that are not there any more, or are on the disk.
    hidden: BTreeSet<PathBuf>,
}

/// A path without anything that another path for the same could lack.
fn whole(path: &Path) -> io::Result<PathBuf> {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    Ok(whole)
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn none<T>() -> io::Result<T> {
    Err(io::ErrorKind::NotFound.into())
}

impl Overlay {
    fn is_hidden(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.hidden.contains(path))
    }

    fn holds(&self, path: &Path) -> bool {
        self.disk.reader(&name(path)).is_ok()
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folders.contains(path) || (!self.is_hidden(path) && path.is_dir())
    }

    fn exists(&self, path: &Path) -> bool {
        self.holds(path) || self.is_folder(path) || (!self.is_hidden(path) && path.exists())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        if let Ok(reader) = self.disk.reader(&name(path)) {
            return Ok(Box::new(reader));
        }
        if self.is_hidden(path) {
            return none();
        }
        Ok(Box::new(File::open(path)?))
    }

    /// A file of this machine becomes one of the host's, which it can change.
    fn take(&mut self, path: &Path) -> io::Result<()> {
        if !self.holds(path) && !self.is_hidden(path) && path.is_file() {
            self.disk.put(&name(path), fs::read(path)?);
            self.hidden.insert(path.to_path_buf());
        }
        Ok(())
    }

    fn write(&mut self, path: &Path, appends: bool) -> io::Result<Box<dyn DiskFile>> {
        if self.is_folder(path) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !path.parent().is_some_and(|folder| self.is_folder(folder)) {
            return none();
        }
        self.take(path)?;
        if appends && self.holds(path) {
            return self.disk.open(&name(path));
        }
        self.disk.create(&name(path))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.take(from)?;
        self.take(to)?;
        if !to.parent().is_some_and(|folder| self.is_folder(folder)) {
            return none();
        }
        self.disk.rename(&name(from), &name(to))
    }

    fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        for folder in path.ancestors() {
            if self.is_folder(folder) {
                return Ok(());
            }
            if self.exists(folder) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.folders.insert(folder.to_path_buf());
        }
        Ok(())
    }

    fn remove_folder(&mut self, path: &Path) -> io::Result<()> {
        if !self.is_folder(path) {
            return none();
        }
        for file in self.disk.list()? {
            if Path::new(&file).starts_with(path) {
                self.disk.remove(&file)?;
            }
        }
        self.folders.retain(|folder| !folder.starts_with(path));
        self.hidden.insert(path.to_path_buf());
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        if !self.is_folder(folder) {
            return none();
        }
        let mut names = BTreeSet::new();
        if !self.is_hidden(folder) && folder.is_dir() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if !self.is_hidden(&path) {
                    names.extend(last(&path));
                }
            }
        }
        let files = self.disk.list()?;
        let all = files.iter().map(Path::new);
        let all = all.chain(self.folders.iter().map(PathBuf::as_path));
        let inside = all.filter(|path| path.parent() == Some(folder));
        names.extend(inside.filter_map(last));
        Ok(names)
    }
}

/// A path's last part.
fn last(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

/// What happens to the disk that a host's files are on.
impl Inner {
    /// What was not synced is lost, but for a part that chance decides.
    pub(super) fn files_lose_power(&mut self, host: HostId) {
        let random = &mut self.random;
        if let Some(overlay) = self.files.get(&Some(host)) {
            let left = |bytes: usize| random.below(bytes as u64 + 1) as usize;
            overlay.disk.power_cut(left);
        }
    }

    pub(super) fn files_begin_to_fail(&mut self, host: HostId) {
        if let Some(overlay) = self.files.get(&Some(host)) {
            let left = self.random.below(LAST_OPERATIONS);
            overlay.disk.fail_after(Some(left));
        }
    }

    pub(super) fn files_are_full(&mut self, host: HostId) {
        let overlay = self.files.entry(Some(host)).or_default();
        overlay.disk.limit(Some(0));
    }

    pub(super) fn files_mend(&mut self, host: HostId) {
        if let Some(overlay) = self.files.get(&Some(host)) {
            overlay.disk.fail_after(None);
            overlay.disk.limit(None);
        }
    }

    pub(super) fn files_are_lost(&mut self, host: HostId) {
        self.files.remove(&Some(host));
    }
}

/// The files of one host, or of main's machine.
pub(super) struct SimulatedFiles {
    pub world: SimulatedWorld,
}

impl SimulatedFiles {
    fn with<T>(&self, action: impl FnOnce(&mut Overlay) -> T) -> T {
        let mut inner = self.world.shared.inner();
        action(inner.files.entry(end(self.world.place)).or_default())
    }
}

impl Files for SimulatedFiles {
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let path = whole(path)?;
        self.with(|overlay| overlay.open(&path))
    }

    fn write(&self, path: &Path, appends: bool) -> io::Result<Box<dyn WriteFile>> {
        let path = whole(path)?;
        let (file, disk) = self.with(|overlay| {
            let file = overlay.write(&path, appends)?;
            io::Result::Ok((file, overlay.disk.clone()))
        })?;
        Ok(Box::new(Written {
            file,
            disk,
            name: name(&path),
            world: self.world.clone(),
        }))
    }

    fn exists(&self, path: &Path) -> bool {
        whole(path).is_ok_and(|path| self.with(|overlay| overlay.exists(&path)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = whole(path)?;
        self.with(|overlay| {
            overlay.take(&path)?;
            overlay.disk.remove(&name(&path))
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (whole(from)?, whole(to)?);
        self.with(|overlay| overlay.rename(&from, &to))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let path = whole(path)?;
        self.with(|overlay| overlay.create_folder(&path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let path = whole(path)?;
        self.with(|overlay| overlay.remove_folder(&path))
    }

    fn list(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        let folder = whole(folder)?;
        self.with(|overlay| overlay.list(&folder))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let folder = whole(folder)?;
        if !self.with(|overlay| overlay.is_folder(&folder)) {
            return none();
        }
        take_time(&self.world);
        let inside = |name: &str| Path::new(name).parent() == Some(&folder);
        self.with(|overlay| overlay.disk.sync_names(inside))
    }
}

/// What a sync does it has done at its end.
fn take_time(world: &SimulatedWorld) {
    let pause = world.shared.inner().random.between(SYNC.0, SYNC.1);
    world.sleep(pause);
}

/// A file open for writing.
struct Written {
    file: Box<dyn DiskFile>,
    disk: Simulated,
    name: String,
    world: SimulatedWorld,
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for Written {
    fn sync(&mut self) -> io::Result<()> {
        take_time(&self.world);
        self.file.sync()?;
        self.disk.sync_names(|name| name == self.name)
    }
}

/// Which overlays there are.
pub(super) type Overlays = std::collections::BTreeMap<End, Overlay>;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(overlay: &Overlay, path: &Path) -> Option<String> {
        let mut text = String::new();
        overlay.open(path).ok()?.read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn write(overlay: &mut Overlay, path: &Path, appends: bool, text: &str) {
        let mut file = overlay.write(path, appends).unwrap();
        file.write(text.as_bytes()).unwrap();
    }

    #[test]
    fn files_of_this_machine_are_read_and_never_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::write(&one, "1").unwrap();
        fs::write(&two, "2").unwrap();
        let mut overlay = Overlay::default();
        assert_eq!(text(&overlay, &one).unwrap(), "1");
        write(&mut overlay, &one, true, "+");
        write(&mut overlay, &folder.path().join("three"), false, "3");
        assert_eq!(text(&overlay, &one).unwrap(), "1+");
        overlay.rename(&two, &folder.path().join("four")).unwrap();
        let names: Vec<String> = overlay.list(folder.path()).unwrap().into_iter().collect();
        assert_eq!(names, ["four", "one", "three"]);
        assert!(text(&overlay, &two).is_none());
        overlay.remove_folder(folder.path()).unwrap();
        assert!(!overlay.exists(&one) && overlay.list(folder.path()).is_err());
        overlay.create_folder(&folder.path().join("a/b")).unwrap();
        let names: Vec<String> = overlay.list(folder.path()).unwrap().into_iter().collect();
        assert_eq!(names, ["a"]);
        assert_eq!(fs::read_to_string(&one).unwrap(), "1");
        assert_eq!(fs::read_to_string(&two).unwrap(), "2");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_power_cut_leaves_what_was_synced() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "old").unwrap();
        let mut overlay = Overlay::default();
        let mut file = overlay.write(&new, false).unwrap();
        file.write(b"synced").unwrap();
        file.sync().unwrap();
        overlay
            .disk
            .sync_names(|synced| synced == name(&new))
            .unwrap();
        file.write(b" and not").unwrap();
        write(&mut overlay, &old, false, "replaced");
        write(&mut overlay, &folder.path().join("lost"), false, "lost");
        assert_eq!(text(&overlay, &old).unwrap(), "replaced");
        overlay.disk.power_cut(|_| 0);
        assert_eq!(text(&overlay, &new).unwrap(), "synced");
        assert_eq!(text(&overlay, &old).unwrap(), "old");
        assert!(!overlay.exists(&folder.path().join("lost")));
    }

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(whole(Path::new("a/./b/../c")).unwrap(), here.join("a/c"));
        assert_eq!(whole(Path::new("/../a")).unwrap(), Path::new("/a"));
    }
}
