//! Reads a log's folder back.

use std::sync::Arc;

use super::record::{self, ALIGNMENT, HEADER_BYTES};
use super::{mark, snapshot};
use crate::storage::disk::Disk;
use crate::storage::{Owner, Recovered, StorageError};

/// What was found in the folder.
pub(super) struct Found {
    pub(super) recovered: Recovered,
    /// The segment to go on in, by its first number.
    pub(super) segment: u64,
    /// Its good bytes; none if it must be created.
    pub(super) last_segment_bytes: Option<usize>,
    /// The number of the next record.
    pub(super) next: u64,
}

/// Reads snapshot and segments; removes nothing but what a newer snapshot stands for.
pub(super) fn recover(disk: &mut dyn Disk, owner: Owner) -> Result<Found, StorageError> {
    let names = list(disk)?;
    let numbers = |prefix| {
        let mut numbers: Vec<u64> = names
            .iter()
            .filter_map(|name| record::number_in(name, prefix))
            .collect();
        numbers.sort_unstable();
        numbers
    };
    let newest_snapshot = numbers("snapshot-").last().copied();
    let first = newest_snapshot.unwrap_or(1);
    let mut found = Found {
        recovered: Recovered::default(),
        segment: first,
        last_segment_bytes: None,
        next: first,
    };
    if let Some(number) = newest_snapshot {
        found.recovered.snapshot = Some(snapshot::load(disk, owner, number)?);
    }
    let segments: Vec<u64> = numbers("log-")
        .into_iter()
        .filter(|&n| n >= first)
        .collect();
    if newest_snapshot.is_some() && segments.is_empty() {
        // The segment was durable before the snapshot got its name.
        return Err(missing(disk, first));
    }
    for (index, &segment) in segments.iter().enumerate() {
        if segment != found.next {
            return Err(missing(disk, found.next));
        }
        read_segment(
            disk,
            owner,
            &mut found,
            segment,
            index + 1 == segments.len(),
        )?;
    }
    if mark::read(disk, &names, owner)?.is_some_and(|durable| durable >= found.next) {
        let path = disk.describe(&record::segment_name(found.segment));
        let end = found.last_segment_bytes.unwrap_or(0);
        let why = format!("record {} was durable", found.next);
        return Err(StorageError::damaged(path, end, why));
    }
    if newest_snapshot.is_some() {
        remove_older(disk, first)?;
    }
    Ok(found)
}

/// Removes every file that the snapshot of this number makes superfluous.
pub(super) fn remove_older(disk: &mut dyn Disk, first: u64) -> Result<(), StorageError> {
    for name in list(disk)? {
        let older = ["log-", "snapshot-"]
            .iter()
            .filter_map(|prefix| record::number_in(&name, prefix))
            .any(|number| number < first);
        if older || name == snapshot::UNFINISHED {
            let path = disk.describe(&name);
            disk.remove(&name)
                .map_err(|error| StorageError::io("remove", path, &error))?;
        }
    }
    Ok(())
}

/// Refuses what belongs to another owner.
pub(super) fn check_owner(path: String, found: Owner, expected: Owner) -> Result<(), StorageError> {
    let name = |what: &str, id: u128| format!("{what} {id:x}");
    let (found, expected) = if found.cluster != expected.cluster {
        (
            name("cluster", found.cluster),
            name("cluster", expected.cluster),
        )
    } else if found.replica != expected.replica {
        (
            name("replica", found.replica),
            name("replica", expected.replica),
        )
    } else {
        return Ok(());
    };
    Err(StorageError::WrongOwner {
        path,
        found,
        expected,
    })
}

fn list(disk: &dyn Disk) -> Result<Vec<String>, StorageError> {
    disk.list()
        .map_err(|error| StorageError::io("read the folder", disk.describe(""), &error))
}

fn missing(disk: &dyn Disk, segment: u64) -> StorageError {
    let path = disk.describe(&record::segment_name(segment));
    StorageError::damaged(path, 0, "the file is missing")
}

/// Adds one segment's records to what was found.
fn read_segment(
    disk: &dyn Disk,
    owner: Owner,
    found: &mut Found,
    segment: u64,
    is_last: bool,
) -> Result<(), StorageError> {
    let name = record::segment_name(segment);
    let path = disk.describe(&name);
    let bytes = disk
        .read(&name)
        .map_err(|error| StorageError::io("read", path.clone(), &error))?;
    found.segment = segment;
    let Some((header_owner, first)) = record::read_header(record::SEGMENT, &bytes) else {
        // A header is durable before the first record is written.
        let unfinished = is_last && !durable_follows(&bytes, owner, segment, 0);
        let damaged = || StorageError::damaged(path, 0, "the file's header is wrong");
        return if unfinished { Ok(()) } else { Err(damaged()) };
    };
    check_owner(path.clone(), header_owner, owner)?;
    if first != segment {
        return Err(StorageError::damaged(
            path,
            0,
            "the file has another number than its name",
        ));
    }
    let mut offset = HEADER_BYTES;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        let next = found.next;
        let Some(record) = record::decode(rest, owner, |number| number == next) else {
            if is_last && !durable_follows(rest, owner, next, next) {
                break;
            }
            let why = format!("record {next} is wrong");
            return Err(StorageError::damaged(path, offset, why));
        };
        found.recovered.records.push(Arc::from(record.payload));
        found.next = record.number + 1;
        offset += record.length;
    }
    if is_last {
        found.last_segment_bytes = Some(offset.min(bytes.len()));
    }
    Ok(())
}

/// Whether a good record in these bytes says that record `number` was durable when it was written.
/// With `durable` 0 any good record from `number` on will do.
fn durable_follows(bytes: &[u8], owner: Owner, number: u64, durable: u64) -> bool {
    let numbers_max = number.saturating_add((bytes.len() / ALIGNMENT) as u64);
    let mut offset = 0;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        let later = |found| found >= number && found <= numbers_max;
        if record::decode(rest, owner, later).is_some_and(|record| record.durable >= durable) {
            return true;
        }
        offset += ALIGNMENT;
    }
    false
}
