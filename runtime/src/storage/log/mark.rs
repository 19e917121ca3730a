//! The mark: a small file that says up to which record the log was durable.
//!
//! It is written after each sync of the log, over what it said before, and not synced itself: so it says the truth whenever it
//! survives, costs a write into memory, and is on the disk as soon as the operating system gets to it. A bad mark says nothing.

use super::record::{self, MARK};
use crate::storage::disk::{Disk, DiskFile};
use crate::storage::{Owner, StorageError};
use std::io;

/// What the file is called.
pub(super) const NAME: &str = "durable";

/// The number that the mark says, if there is one and it is good.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn read(
    disk: &dyn Disk,
    names: &[String],
    owner: Owner,
) -> Result<Option<u64>, StorageError> {
    if !names.iter().any(|name| name == NAME) {
        return Ok(None);
    }
    let failed = |error: io::Error| StorageError::io("read", disk.describe(NAME), &error);
    let found = record::read_header(MARK, &disk.read(NAME).map_err(failed)?);
    Ok(found.and_then(|(whose, durable)| (whose == owner).then_some(durable)))
}

/// The file of the mark, with this number in it, durably.
///
/// # Errors
/// The disk's.
pub(super) fn create(
    disk: &mut dyn Disk,
    owner: Owner,
    durable: u64,
) -> Result<Box<dyn DiskFile>, StorageError> {
    let path = disk.describe(NAME);
    let failed = |action, error: io::Error| StorageError::io(action, path.clone(), &error);
    let mut file = disk.create(NAME).map_err(|error| failed("create", error))?;
    file.write(&record::header(MARK, owner, durable))
        .map_err(|error| failed("write", error))?;
    file.sync().map_err(|error| failed("sync", error))?;
    disk.sync_folder()
        .map_err(|error| failed("sync the folder of", error))?;
    Ok(file)
}

/// Writes another number.
///
/// # Errors
/// The disk's.
pub(super) fn write(
    file: &mut dyn DiskFile,
    disk: &dyn Disk,
    owner: Owner,
    durable: u64,
) -> Result<(), StorageError> {
    file.replace(&record::header(MARK, owner, durable))
        .map_err(|error| StorageError::io("write", disk.describe(NAME), &error))
}
