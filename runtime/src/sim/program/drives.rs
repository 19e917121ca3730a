//! The disks of a host: the log of production, on simulated files.

mod damage;

use super::planted::Plant;
use crate::clock::Time;
use crate::identity::ServerId;
use crate::protocol::executive::Random;
use crate::protocol::{Bytes, Token};
use crate::storage::disk::{Disk, Simulated};
use crate::storage::{Log, Owner, Recovered, StorageError, Store};
use std::collections::{BTreeMap, VecDeque};

/// Every simulated cluster is this one.
const CLUSTER: u128 = 1;
/// A power cut or the end of a process finds less than so many operations of each log done of those that were waiting: often so few that the first
/// of these writes is not synced.
const OPERATIONS: [u64; 2] = [3, 12];
/// A disk that is about to fail does so many more operations at most.
pub(super) const LAST_OPERATIONS: u64 = 6;

/// What all replicas of a host have written.
#[derive(Default)]
pub(super) struct Drives {
    drives: BTreeMap<ServerId, Drive>,
    /// Segments have this length.
    segment_bytes: usize,
    plant: Plant,
}

/// What one replica has written.
#[derive(Default)]
struct Drive {
    disk: Simulated,
    log: Option<Log>,
    waiting: VecDeque<Write>,
    plant: Plant,
}

struct Write {
    token: Token,
    content: Content,
    done: Time,
}

/// What is to be durable.
pub(super) enum Content {
    /// These, one after the other.
    Records(Vec<Bytes>),
    /// This, in place of all before.
    Snapshot(Bytes),
}

impl Drive {
    /// The length of the file in which the log ends.
    fn last_file_bytes(&self) -> usize {
        let names = self.disk.list().unwrap_or_default();
        let last = names.iter().rfind(|name| name.starts_with("log-"));
        let bytes = last.and_then(|name| self.disk.bytes(name));
        bytes.map_or(0, |bytes| bytes.len())
    }

    fn write(&mut self, content: &Content) -> Result<(), StorageError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        match content {
            Content::Records(records) => {
                for record in records {
                    log.append(record)?;
                }
                let synced = log.sync();
                if self.plant == Plant::M10 {
                    Ok(())
                } else {
                    synced
                }
            }
            Content::Snapshot(snapshot) => log.save_snapshot(snapshot),
        }
    }
}

impl Drives {
    /// Empty disks; how long a log's files become is drawn.
    pub(super) fn new(random: &mut Random, plant: Plant) -> Self {
        let segment_bytes = match random.below(3) {
            0 => 4 << 10,
            1 => 64 << 10,
            _ => 64 << 20,
        };
        Self {
            drives: BTreeMap::new(),
            segment_bytes,
            plant,
        }
    }

    /// Opens a replica's log, or begins one.
    ///
    /// # Errors
    /// If what is found there cannot be relied upon.
    pub(super) fn open(&mut self, server: ServerId) -> Result<Recovered, StorageError> {
        let drive = self.drives.entry(server).or_default();
        let owner = Owner {
            cluster: CLUSTER,
            replica: u128::from(server.0),
        };
        drive.plant = self.plant;
        drive.disk.ignore_syncs(self.plant == Plant::Unsynced);
        drive.disk.ignore_folder_syncs(self.plant == Plant::M09);
        let before = drive.last_file_bytes();
        let open = || Log::open_with(Box::new(drive.disk.clone()), owner, self.segment_bytes);
        let mut opened = open();
        while self.plant == Plant::M07
            && let Err(StorageError::Damaged { path, offset, .. }) = &opened
            && damage::cut(&mut drive.disk.clone(), path, *offset)
        {
            opened = open();
        }
        let (log, recovered) = opened?;
        if self.plant == Plant::M08 && drive.last_file_bytes() < before {
            let path = "the log".to_owned();
            return Err(StorageError::damaged(path, 0, "its end is torn"));
        }
        drive.log = Some(log);
        Ok(recovered)
    }

    /// Something is to be durable at that time, or after what is before it; says when.
    pub(super) fn write(
        &mut self,
        server: ServerId,
        token: Token,
        content: Content,
        done: Time,
    ) -> Option<Time> {
        let drive = self.drives.get_mut(&server)?;
        drive.log.as_ref()?;
        let done = drive
            .waiting
            .back()
            .map_or(done, |last| last.done.max(done));
        drive.waiting.push_back(Write {
            token,
            content,
            done,
        });
        Some(done)
    }

    /// Does what is due by now; says up to which token all is durable.
    ///
    /// # Errors
    /// If the disk fails.
    pub(super) fn sync(
        &mut self,
        server: ServerId,
        now: Time,
    ) -> Result<Option<Token>, StorageError> {
        let Some(drive) = self.drives.get_mut(&server) else {
            return Ok(None);
        };
        let mut last = None;
        while let Some(write) = drive.waiting.pop_front_if(|write| write.done <= now) {
            drive.write(&write.content)?;
            last = Some(write.token);
        }
        Ok(last)
    }

    /// A replica is gone, with all that it wrote.
    pub(super) fn remove(&mut self, server: ServerId) {
        self.drives.remove(&server);
    }

    /// The process is gone in the midst of what it was writing. If the power is gone too, so is what was not synced, but for
    /// a part that chance decides.
    pub(super) fn crash(&mut self, power: bool, random: &mut Random) {
        for drive in self.drives.values_mut() {
            let [few, many] = OPERATIONS;
            let bound = if random.one_in(2) { few } else { many };
            drive.disk.fail_after(Some(random.below(bound)));
            while let Some(write) = drive.waiting.pop_front() {
                if drive.write(&write.content).is_err() {
                    break;
                }
            }
            drive.waiting.clear();
            drive.log = None;
            drive.disk.fail_after(None);
            if power {
                let left = |bytes: usize| random.below(bytes as u64 + 1) as usize;
                drive.disk.power_cut(left);
            }
        }
    }

    /// Nothing is left.
    pub(super) fn lose(&mut self) {
        self.drives.clear();
    }

    /// Soon each of these disks fails, until it is mended.
    pub(super) fn begin_to_fail(&mut self, random: &mut Random) {
        for drive in self.drives.values() {
            drive.disk.fail_after(Some(random.below(LAST_OPERATIONS)));
        }
    }

    /// There is no room for more than is there, until it is mended.
    pub(super) fn fill(&mut self) {
        for drive in self.drives.values() {
            drive.disk.limit(Some(0));
        }
    }

    /// The disks are sound and have room. Of what one that failed had not made durable, chance decides what is there.
    pub(super) fn mend(&mut self, random: &mut Random) {
        for drive in self.drives.values() {
            if drive.disk.has_failed() {
                let left = |bytes: usize| random.below(bytes as u64 + 1) as usize;
                drive.disk.power_cut(left);
            }
            drive.disk.fail_after(None);
            drive.disk.limit(None);
        }
    }
}
