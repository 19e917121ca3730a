//! Disks that keep something else than was written.

use super::Drives;
use crate::protocol::executive::Random;
use crate::sim::program::faults::Kind;
use crate::storage::disk::{Disk, Simulated};

/// What a disk writes at once.
const BLOCK: usize = 512;

/// A file is as likely to be struck as it has blocks, but not more than this, so that small ones are struck too.
const WEIGHT_MAX: usize = 8;

/// A block of a file, whose last one may be shorter.
struct Place {
    disk: Simulated,
    file: String,
    from: usize,
}

impl Place {
    fn block(&self) -> Vec<u8> {
        let bytes = self.disk.bytes(&self.file).unwrap_or_default();
        bytes.into_iter().skip(self.from).take(BLOCK).collect()
    }

    /// Puts these bytes there, as far as there is room.
    fn put(&self, block: &[u8]) {
        let mut bytes = self.disk.bytes(&self.file).unwrap_or_default();
        let room = bytes.iter_mut().skip(self.from).take(BLOCK);
        room.zip(block).for_each(|(old, new)| *old = *new);
        self.disk.overwrite(&self.file, bytes);
    }
}

impl Drives {
    /// One block of what this host keeps, in whichever file of whichever replica, becomes what it should not be.
    pub(in crate::sim::program) fn damage(&mut self, kind: Kind, random: &mut Random) {
        let Some(place) = self.any_block(random) else {
            return;
        };
        let mut block = place.block();
        match kind {
            Kind::Flip => {
                let bit = random.below((block.len() as u64 * 8).max(1));
                let byte = usize::try_from(bit / 8).unwrap_or(0);
                if let Some(byte) = block.get_mut(byte) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Kind::Corrupt => block.fill_with(|| random.bits().to_le_bytes()[0]),
            Kind::Misdirected => {
                let other = self.any_block(random);
                place.put(&[0; BLOCK]);
                if let Some(other) = other {
                    other.put(&block);
                }
                return;
            }
            _ => block.fill(0),
        }
        place.put(&block);
    }

    fn any_block(&self, random: &mut Random) -> Option<Place> {
        let mut files = Vec::new();
        for drive in self.drives.values() {
            for file in drive.disk.list().unwrap_or_default() {
                let length = drive.disk.bytes(&file).map_or(0, |bytes| bytes.len());
                let blocks = length.div_ceil(BLOCK);
                let times = blocks.min(WEIGHT_MAX);
                files.extend(std::iter::repeat_n((&drive.disk, file, blocks), times));
            }
        }
        if files.is_empty() {
            return None;
        }
        let chosen = usize::try_from(random.below(files.len() as u64)).ok()?;
        let (disk, file, blocks) = files.swap_remove(chosen);
        Some(Place {
            disk: disk.clone(),
            file,
            from: usize::try_from(random.below(blocks as u64)).ok()? * BLOCK,
        })
    }
}

/// What no log may do: it ends where something is wrong, and nobody asks whether that was durable. Whether anything could be cut off.
pub(super) fn cut(disk: &mut Simulated, path: &str, offset: u64) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut bytes = disk.bytes(name).unwrap_or_default();
    let left = usize::try_from(offset).unwrap_or(usize::MAX);
    let shorter = left < bytes.len();
    bytes.truncate(left);
    disk.overwrite(name, bytes);
    let mut removed = false;
    for other in disk.list().unwrap_or_default() {
        let follows = other.starts_with("log-") && other.as_str() > name;
        let is_mark = !other.starts_with("log-") && !other.starts_with("snapshot-");
        if follows || is_mark || (left == 0 && other == name) {
            removed |= disk.remove(&other).is_ok();
        }
    }
    shorter || removed
}
