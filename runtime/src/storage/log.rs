//! The log engine: records in segment files, a snapshot file, in one folder.
//!
//! - A **segment** `log-N` holds records N, N+1, … after a short header. When it is long
//!   enough the next one begins; only the last one can have an unfinished tail, because a
//!   new one is created after the old one is synced.
//! - A **snapshot** `snapshot-N` stands for all records below N. It is written
//!   beside, synced, renamed, and the folder synced, before anything older is removed.
//! - Every record's CRC-32C covers whose log it is and its number, so stale or misplaced
//!   blocks are no records; and every record says how far the log was durable
//!   when it was written. That is how an unfinished tail and damage are told apart: a bad record
//!   is *damage* if a good record that follows it says it was durable, and then the log is refused,
//!   never cut. It is an unfinished tail if nothing that follows says so.
//!
//! - Nothing follows the records of the last sync. For them there is the **mark**, a file of its own, hence in other blocks, which says how far
//!   the log was durable and is written after each sync, but not synced. A log that ends before what its mark says is damaged, also where a
//!   file is missing or was replaced by an older one.
//!
//! What is left (Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018, call it entanglement of crash and corruption):
//! the records of the last sync before a power cut, if they are damaged and the operating system had not yet written the mark; all of the folder gone, or
//! replaced by an older one. Then the replica knows less than it promised, and nothing here can tell. So
//! a host whose disk is known to be bad must be given a new identity.

mod mark;
mod record;
mod recovery;
mod snapshot;
#[cfg(test)]
mod tests;

use super::disk::{Disk, DiskFile};
use super::{Owner, RECORD_BYTES_MAX, Recovered, StorageError, Store};

/// A segment that is longer than this is followed by a new one.
const SEGMENT_BYTES: usize = 64 << 20;

/// One replica's durable log.
pub struct Log {
    disk: Box<dyn Disk>,
    owner: Owner,
    file: Box<dyn DiskFile>,
    mark: Box<dyn DiskFile>,
    /// The number of the current segment's first record.
    segment: u64,
    /// Bytes in the current segment.
    length: usize,
    /// The number of the next record.
    next: u64,
    /// Every record up to this number is durable.
    durable: u64,
    /// Records that are not written yet.
    pending: Vec<u8>,
    segment_bytes: usize,
    failed: Option<String>,
}

impl Log {
    /// Opens the log in this folder, or begins one if the folder is empty.
    ///
    /// # Errors
    /// If the folder cannot be used, belongs to another owner, or is damaged.
    pub fn open(disk: Box<dyn Disk>, owner: Owner) -> Result<(Self, Recovered), StorageError> {
        Self::open_with(disk, owner, SEGMENT_BYTES)
    }

    /// As [`Log::open`], with segments of another length.
    pub(crate) fn open_with(
        mut disk: Box<dyn Disk>,
        owner: Owner,
        segment_bytes: usize,
    ) -> Result<(Self, Recovered), StorageError> {
        let found = recovery::recover(disk.as_mut(), owner)?;
        let (file, length) = match found.last_segment_bytes {
            Some(length) => (reopen(disk.as_mut(), found.segment, length)?, length),
            None => create_segment(disk.as_mut(), owner, found.segment)?,
        };
        // Whatever was found is durable now.
        let mark = mark::create(disk.as_mut(), owner, found.next - 1)?;
        let log = Self {
            disk,
            owner,
            file,
            mark,
            segment: found.segment,
            length,
            next: found.next,
            durable: found.next - 1,
            pending: Vec::new(),
            segment_bytes,
            failed: None,
        };
        Ok((log, found.recovered))
    }

    /// Runs an operation; if it fails, nothing is tried again.
    fn guarded<T>(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        if let Some(why) = &self.failed {
            return Err(StorageError::Failed(why.clone()));
        }
        let result = operation(self);
        if let Err(error) = &result {
            self.failed = Some(error.to_string());
        }
        result
    }

    fn write_and_sync(&mut self) -> Result<(), StorageError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let name = record::segment_name(self.segment);
        let failed = |action, error| StorageError::io(action, self.disk.describe(&name), &error);
        self.file
            .write(&self.pending)
            .map_err(|error| failed("write", error))?;
        self.file.sync().map_err(|error| failed("sync", error))?;
        self.length += self.pending.len();
        self.pending.clear();
        self.durable = self.next - 1;
        mark::write(
            self.mark.as_mut(),
            self.disk.as_ref(),
            self.owner,
            self.durable,
        )?;
        if self.length >= self.segment_bytes {
            self.begin_segment()?;
        }
        Ok(())
    }

    /// Goes on in a new segment; all records are durable.
    fn begin_segment(&mut self) -> Result<(), StorageError> {
        assert!(self.pending.is_empty() && self.durable == self.next - 1);
        if self.segment == self.next {
            return Ok(());
        }
        let (file, length) = create_segment(self.disk.as_mut(), self.owner, self.next)?;
        (self.file, self.length, self.segment) = (file, length, self.next);
        Ok(())
    }

    fn save(&mut self, snapshot: &[u8]) -> Result<(), StorageError> {
        self.write_and_sync()?;
        self.begin_segment()?;
        snapshot::save(self.disk.as_mut(), self.owner, self.next, snapshot)?;
        recovery::remove_older(self.disk.as_mut(), self.next)
    }
}

impl Store for Log {
    fn append(&mut self, record: &[u8]) -> Result<(), StorageError> {
        if let Some(why) = &self.failed {
            return Err(StorageError::Failed(why.clone()));
        }
        // Refused before anything is written, so the log is as good as before.
        if record.len() > RECORD_BYTES_MAX {
            return Err(StorageError::TooLong);
        }
        record::encode(
            &mut self.pending,
            self.owner,
            self.next,
            self.durable,
            record,
        );
        self.next += 1;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        self.guarded(Self::write_and_sync)
    }

    fn save_snapshot(&mut self, snapshot: &[u8]) -> Result<(), StorageError> {
        self.guarded(|log| log.save(snapshot))
    }
}

/// A new segment whose header and name are durable.
fn create_segment(
    disk: &mut dyn Disk,
    owner: Owner,
    first: u64,
) -> Result<(Box<dyn DiskFile>, usize), StorageError> {
    let name = record::segment_name(first);
    let path = disk.describe(&name);
    let failed = |action, error| StorageError::io(action, path.clone(), &error);
    let header = record::header(record::SEGMENT, owner, first);
    let mut file = disk
        .create(&name)
        .map_err(|error| failed("create", error))?;
    file.write(&header)
        .map_err(|error| failed("write", error))?;
    file.sync().map_err(|error| failed("sync", error))?;
    disk.sync_folder()
        .map_err(|error| failed("sync the folder of", error))?;
    Ok((file, header.len()))
}

/// The last segment, without what follows its good records: stale bytes there could
/// otherwise line up with records to come.
fn reopen(
    disk: &mut dyn Disk,
    first: u64,
    length: usize,
) -> Result<Box<dyn DiskFile>, StorageError> {
    let name = record::segment_name(first);
    let path = disk.describe(&name);
    let failed = |action, error| StorageError::io(action, path.clone(), &error);
    let mut file = disk.open(&name).map_err(|error| failed("open", error))?;
    file.truncate(length as u64)
        .map_err(|error| failed("truncate", error))?;
    // What was read may have been in the page cache only.
    file.sync().map_err(|error| failed("sync", error))?;
    disk.sync_folder()
        .map_err(|error| failed("sync the folder of", error))?;
    Ok(file)
}
