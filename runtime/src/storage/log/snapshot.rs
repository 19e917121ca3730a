//! Snapshot files: magic, cluster, replica, first record number, length, payload, BLAKE3 of all before.

use std::io;
use std::sync::Arc;

use super::record::snapshot_name;
use crate::storage::disk::Disk;
use crate::storage::{Owner, StorageError};
use crate::wire::{Reader, WireError, Writer};

const MAGIC: [u8; 8] = *b"CMSLsnp1";
/// What a file is called until it is whole.
pub(super) const UNFINISHED: &str = "snapshot.new";

/// Puts a snapshot of all records below `first` in place, durably.
pub(super) fn save(
    disk: &mut dyn Disk,
    owner: Owner,
    first: u64,
    snapshot: &[u8],
) -> Result<(), StorageError> {
    let name = snapshot_name(first);
    let path = disk.describe(&name);
    let failed = |action: &'static str| {
        let path = path.clone();
        move |error: io::Error| StorageError::io(action, path, &error)
    };
    let mut header = Writer::with_capacity(56);
    header.raw(&MAGIC);
    header.u128(owner.cluster);
    header.u128(owner.replica);
    header.u64(first);
    header.u64(snapshot.len() as u64);
    let mut hasher = blake3::Hasher::new();
    hasher.update(header.as_slice()).update(snapshot);
    let mut file = disk.create(UNFINISHED).map_err(failed("create"))?;
    file.write(header.as_slice()).map_err(failed("write"))?;
    file.write(snapshot).map_err(failed("write"))?;
    file.write(hasher.finalize().as_bytes())
        .map_err(failed("write"))?;
    file.sync().map_err(failed("sync"))?;
    disk.rename(UNFINISHED, &name).map_err(failed("rename"))?;
    disk.sync_folder().map_err(failed("sync the folder of"))
}

/// Reads a snapshot that must be there and whole, because it was durable before it got its name.
pub(super) fn load(disk: &dyn Disk, owner: Owner, first: u64) -> Result<Arc<[u8]>, StorageError> {
    let name = snapshot_name(first);
    let path = disk.describe(&name);
    let bytes = disk
        .read(&name)
        .map_err(|error| StorageError::io("read", path.clone(), &error))?;
    let damaged = |why: &str| StorageError::damaged(path.clone(), 0, why);
    let (content, sum) = bytes
        .split_last_chunk::<32>()
        .ok_or_else(|| damaged("the snapshot is cut short"))?;
    if blake3::hash(content) != blake3::Hash::from_bytes(*sum) {
        return Err(damaged("the snapshot's checksum is wrong"));
    }
    let (found, number, snapshot) =
        parse(content).map_err(|error| damaged(&format!("the snapshot: {error}")))?;
    super::recovery::check_owner(path.clone(), found, owner)?;
    if number != first {
        return Err(damaged("the snapshot has another number than its name"));
    }
    Ok(snapshot.into())
}

fn parse(content: &[u8]) -> Result<(Owner, u64, &[u8]), WireError> {
    let mut reader = Reader::new(content);
    if reader.array()? != MAGIC {
        return Err(WireError::BadMagic);
    }
    let owner = Owner {
        cluster: reader.u128()?,
        replica: reader.u128()?,
    };
    let first = reader.u64()?;
    let length = usize::try_from(reader.u64()?).map_err(|_| WireError::TooLong)?;
    let snapshot = reader.raw(length)?;
    reader.finish()?;
    Ok((owner, first, snapshot))
}
