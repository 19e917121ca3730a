//! What can go wrong with stable storage.

use std::fmt;
use std::io;

/// Why stable storage cannot be used, or not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// The operating system refused.
    Io {
        /// What was tried: "write", "create".
        action: &'static str,
        /// On what file or folder.
        path: String,
        /// What kind of refusal.
        kind: io::ErrorKind,
        /// The system's own words.
        why: String,
    },
    /// Another process uses the folder.
    InUse {
        /// The folder.
        path: String,
    },
    /// The folder or file is of another cluster or replica.
    WrongOwner {
        /// The folder or file.
        path: String,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// Bytes that were durable have changed or are gone.
    Damaged {
        /// The file.
        path: String,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        why: String,
    },
    /// A record is longer than [`RECORD_BYTES_MAX`](super::RECORD_BYTES_MAX).
    TooLong,
    /// The store failed before; the text says how.
    Failed(String),
}

impl StorageError {
    /// An error of the operating system.
    #[must_use]
    pub fn io(action: &'static str, path: impl Into<String>, error: &io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            kind: error.kind(),
            why: error.to_string(),
        }
    }

    /// Damage at a place in a file.
    pub(crate) fn damaged(path: String, offset: usize, why: impl Into<String>) -> Self {
        Self::Damaged {
            path,
            offset: offset as u64,
            why: why.into(),
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io {
                action,
                path,
                kind: io::ErrorKind::StorageFull,
                ..
            } => {
                write!(
                    f,
                    "the disk is full: cannot {action} {path}; make room and start again"
                )
            }
            Self::Io {
                action,
                path,
                kind: io::ErrorKind::PermissionDenied,
                ..
            } => {
                write!(f, "cannot {action} {path}: this user may not do that")
            }
            Self::Io {
                action, path, why, ..
            } => write!(f, "cannot {action} {path}: {why}"),
            Self::InUse { path } => {
                write!(f, "the data folder {path} is in use by another kernel")
            }
            Self::WrongOwner {
                path,
                found,
                expected,
            } => {
                write!(f, "{path} belongs to {found}, not to {expected}")
            }
            Self::Damaged { path, offset, why } => write!(
                f,
                "{path} is damaged at byte {offset}: {why}; nothing was changed in it"
            ),
            Self::TooLong => f.write_str("a record is too long for the log"),
            Self::Failed(why) => write!(f, "the store failed before: {why}"),
        }
    }
}

impl std::error::Error for StorageError {}
