//! A host's data folder.
//!
//! It holds `lock`, which the running kernel has locked; `cluster`, which says whose it is; and one
//! folder a replica. A lock of the operating system, not the file's existence, keeps others out,
//! so nothing is left over when a kernel is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::disk::RealDisk;
use super::{Log, Owner, Recovered, StorageError};

/// A data folder that this process alone uses.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    cluster: u128,
    _lock: File,
}

impl Folder {
    /// Opens a host's data folder for a cluster; makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be used, another process uses it, or it is another cluster's or host's.
    pub fn open(path: &Path, cluster: u128, host: &str) -> Result<Self, StorageError> {
        let failed = |action, at: &Path| {
            let at = at.display().to_string();
            move |error: io::Error| StorageError::io(action, at, &error)
        };
        fs::create_dir_all(path).map_err(failed("create", path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StorageError::InUse {
                    path: path.display().to_string(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock", &lock_path)(error)),
        }
        let identity = format!("cluster {cluster:032x} host {host}\n");
        check_identity(path, &identity)?;
        Ok(Self {
            path: path.to_owned(),
            cluster,
            _lock: lock,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a replica's log, or begins one.
    ///
    /// # Errors
    /// If the log cannot be used, is another owner's, or is damaged.
    pub fn open_log(&self, name: &str, replica: u128) -> Result<(Log, Recovered), StorageError> {
        let path = self.path.join(name);
        let failed = |action| {
            let at = path.display().to_string();
            move |error: io::Error| StorageError::io(action, at, &error)
        };
        if !path.is_dir() {
            fs::create_dir(&path).map_err(failed("create"))?;
            sync(&self.path).map_err(failed("sync the folder of"))?;
        }
        let owner = Owner {
            cluster: self.cluster,
            replica,
        };
        Log::open(Box::new(RealDisk::new(path)), owner)
    }

    /// The names of the replicas that have a log here.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn logs(&self) -> Result<Vec<String>, StorageError> {
        let failed =
            |error| StorageError::io("read the folder", self.path.display().to_string(), &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_dir()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Removes the log of a replica that is no more.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove_log(&self, name: &str) -> Result<(), StorageError> {
        let path = self.path.join(name);
        fs::remove_dir_all(&path)
            .and_then(|()| sync(&self.path))
            .map_err(|error| StorageError::io("remove", path.display().to_string(), &error))
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Compares what the folder says of itself with what it should, or writes it into a new one.
fn check_identity(folder: &Path, expected: &str) -> Result<(), StorageError> {
    const IDENTITY_BYTES_MAX: u64 = 1024;
    let path = folder.join("cluster");
    let shown = path.display().to_string();
    let failed = |action| {
        let shown = shown.clone();
        move |error: io::Error| StorageError::io(action, shown, &error)
    };
    let mut found = String::new();
    match File::open(&path) {
        Ok(file) => {
            file.take(IDENTITY_BYTES_MAX)
                .read_to_string(&mut found)
                .map_err(failed("read"))?;
            if found == expected {
                return Ok(());
            }
            Err(StorageError::WrongOwner {
                path: folder.display().to_string(),
                found: found.trim_end().to_owned(),
                expected: expected.trim_end().to_owned(),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let beside = folder.join("cluster.new");
            let mut file = File::create(&beside).map_err(failed("create"))?;
            file.write_all(expected.as_bytes())
                .map_err(failed("write"))?;
            file.sync_all().map_err(failed("sync"))?;
            fs::rename(&beside, &path).map_err(failed("rename"))?;
            sync(folder).map_err(failed("sync the folder of"))
        }
        Err(error) => Err(failed("open")(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Store;

    #[test]
    fn two_kernels_never_use_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path(), 1, "a").unwrap();
        let second = Folder::open(folder.path(), 1, "a").unwrap_err();
        assert!(
            second.to_string().ends_with("is in use by another kernel"),
            "{second}"
        );
        drop(first);
        Folder::open(folder.path(), 1, "a").unwrap();
    }

    #[test]
    fn a_folder_of_another_cluster_or_host_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(Folder::open(folder.path(), 1, "a").unwrap());
        for (cluster, host) in [(2, "a"), (1, "b")] {
            let error = Folder::open(folder.path(), cluster, host).unwrap_err();
            assert!(matches!(error, StorageError::WrongOwner { .. }), "{error}");
        }
    }

    #[test]
    fn a_path_that_is_no_folder_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = Folder::open(&file.join("data"), 1, "a").unwrap_err();
        assert!(error.to_string().starts_with("cannot create "), "{error}");
    }

    /// What cannot be looked at is not taken for new.
    #[test]
    fn an_identity_that_cannot_be_opened_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cluster");
        std::os::unix::fs::symlink("cluster", &path).unwrap();
        let error = Folder::open(folder.path(), 1, "a").unwrap_err();
        assert!(error.to_string().starts_with("cannot open "), "{error}");
        assert!(path.is_symlink());
    }

    #[test]
    fn logs_are_found_again_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let host = Folder::open(folder.path(), 1, "a").unwrap();
        for name in ["server-1", "directory"] {
            let (mut log, found) = host.open_log(name, 7).unwrap();
            assert!(found.is_empty());
            log.append(name.as_bytes()).unwrap();
            log.sync().unwrap();
        }
        assert_eq!(host.logs().unwrap(), ["directory", "server-1"]);
        let (_, found) = host.open_log("server-1", 7).unwrap();
        assert_eq!(found.records, [std::sync::Arc::from(&b"server-1"[..])]);
        assert!(matches!(
            host.open_log("server-1", 8),
            Err(StorageError::WrongOwner { .. })
        ));
        host.remove_log("server-1").unwrap();
        assert_eq!(host.logs().unwrap(), ["directory"]);
    }

    #[test]
    fn a_folder_that_cannot_be_synced_is_an_error() {
        sync(Path::new("/no/folder")).unwrap_err();
    }

    /// A file that cannot be read is not one without anything in it.
    #[test]
    fn a_log_that_cannot_be_read_is_a_clear_error() {
        for part in ["log-", "snapshot-", "durable"] {
            let folder = tempfile::tempdir().unwrap();
            let host = Folder::open(folder.path(), 1, "a").unwrap();
            let (mut log, _) = host.open_log("server-1", 7).unwrap();
            log.save_snapshot(b"state").unwrap();
            log.append(b"record").unwrap();
            log.sync().unwrap();
            let files = fs::read_dir(folder.path().join("server-1")).unwrap();
            let mut paths = files.map(|file| file.unwrap().path());
            let path = paths
                .find(|path| {
                    path.file_name()
                        .unwrap()
                        .to_string_lossy()
                        .starts_with(part)
                })
                .unwrap();
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            let error = host.open_log("server-1", 7).map(|_| ()).unwrap_err();
            assert!(error.to_string().starts_with("cannot read "), "{error}");
        }
    }
}
