//! The folder of a run: logs, data, and the executable that its processes run.

use crate::failure::Failure;
use crate::say;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of a run; a temporary one goes when this is dropped, unless the run failed.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    fate: Fate,
    failed: bool,
}

#[derive(Debug)]
enum Fate {
    /// The user's own; in use as long as the lock is held.
    User { _lock: File },
    /// Made for the run, and kept because the user said so.
    Keep,
    /// Made for the run.
    Remove,
}

impl Folder {
    /// The folder that the user named; one run at a time may use it.
    pub fn of_user(path: &Path) -> Result<Self, Failure> {
        let cannot = |why: std::io::Error| {
            Failure::world_with_help(
                format!("cannot use the data folder {}: {why}", path.display()),
                "name a folder that can be written with `--data DIR`",
            )
        };
        fs::create_dir_all(path).map_err(cannot)?;
        let path = fs::canonicalize(path).map_err(cannot)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::world_with_help(
                    format!(
                        "the data folder {} is in use by another run",
                        path.display()
                    ),
                    "end that run, or name another folder with `--data DIR`",
                ));
            }
            Err(TryLockError::Error(why)) => return Err(cannot(why)),
        }
        let fate = Fate::User { _lock: lock };
        Ok(Self {
            path,
            fate,
            failed: false,
        })
    }

    /// A folder that was made for this run.
    pub fn of_run(path: PathBuf, keep: bool) -> Self {
        let fate = if keep { Fate::Keep } else { Fate::Remove };
        Self {
            path,
            fate,
            failed: false,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run failed: what it left is worth a look, so it stays and the user hears where.
    pub fn keep_after_failure(&mut self) {
        self.failed = true;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let stays = match self.fate {
            Fate::Remove => self.failed,
            Fate::Keep | Fate::User { .. } => true,
        };
        if !stays {
            // What cannot be removed now, `cmsl clean` removes.
            let _ = fs::remove_dir_all(&self.path);
            return;
        }
        // The run's copy of the executable is of no use to anybody.
        let _ = fs::remove_file(self.path.join("program"));
        if self.failed || matches!(self.fate, Fate::Keep) {
            say::note("logs and data", self.path.display());
        }
    }
}
