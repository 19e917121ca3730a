//! F3 and F4: the files of a host that is down are cut at their end, or changed in the middle.
//!
//! All replicas are level before the host goes down: what it forgets the others know.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::super::load::LIGHT;
use super::{Reached, Scene, pick};

const HOSTS: usize = 3;
/// The header of a segment, and of a record.
const SEGMENT_HEADER: usize = 56;
const RECORD_HEADER: usize = 24;
/// Beside a log, and where in it stands up to which record the log was durable.
const MARK: &str = "durable";
const MARKED: usize = 40;
/// A log is cut in one of so many records.
const CUT_IN_LAST: usize = 3;

/// A record in the file of a log.
#[derive(Clone, Copy, Debug)]
struct Record {
    from: usize,
    to: usize,
    number: u64,
    /// How far the log was durable when it was written.
    durable: u64,
}

/// The records in the bytes of a log, of which all are good.
fn records(bytes: &[u8]) -> Vec<Record> {
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let mut records = Vec::new();
    let mut from = SEGMENT_HEADER;
    while from < bytes.len() {
        let payload = u32::from_le_bytes(bytes[from + 4..from + 8].try_into().unwrap());
        let to = from + RECORD_HEADER + (payload as usize).next_multiple_of(8);
        records.push(Record {
            from,
            to,
            number: u64_at(from + 8),
            durable: u64_at(from + 16),
        });
        from = to;
    }
    assert_eq!(from, bytes.len(), "whole records");
    records
}

/// The logs of a host: the directory's and the ledger's.
fn logs(data: &Path) -> Vec<PathBuf> {
    let mut logs = Vec::new();
    for folder in fs::read_dir(data).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            let files = fs::read_dir(folder).unwrap();
            logs.extend(files.map(|file| file.unwrap().path()));
        }
    }
    logs.retain(|log| {
        let name = log.file_name().unwrap().to_str().unwrap();
        name.starts_with("log-")
    });
    logs.sort();
    logs
}

/// Makes a few commands that all hosts have, and takes one host down; gives the log whose turn it is.
fn take_down(scene: &mut Scene, round: u32) -> PathBuf {
    let host = round as usize % HOSTS;
    (0..3).for_each(|_| scene.probe.append_and_count());
    scene.is_level();
    scene.cluster.kill(host);
    let mut logs = logs(&scene.cluster.data(host));
    let turn = round as usize / HOSTS % logs.len();
    logs.swap_remove(turn)
}

/// F3: the last records of a log are cut at any byte; the host starts without a word, and the others tell it what it forgot.
#[must_use]
pub fn cut(rounds: u32) -> Reached {
    let mut scene = Scene::on_loopback(HOSTS);
    let mut reached = Reached::new("F3 log cut at its end", rounds, "bytes cut off");
    for round in 0..rounds {
        let host = round as usize % HOSTS;
        let log = take_down(&mut scene, round);
        let bytes = fs::read(&log).unwrap();
        let records = records(&bytes);
        let first = records[records.len().saturating_sub(CUT_IN_LAST)].from;
        let length = first + pick(round, bytes.len() - first);
        let file = File::options().write(true).open(&log).unwrap();
        file.set_len(length as u64).unwrap();
        // As if they had not been synced: no mark says that they were.
        fs::remove_file(log.with_file_name(MARK)).unwrap();
        reached.effective.0 += (bytes.len() - length) as u64;
        reached.away.push(scene.soon_back());
        let said = scene.cluster.log(host);
        scene.cluster.restart(host);
        scene.is_healed();
        scene.is_level();
        let says = scene.cluster.log(host);
        assert!(!says[said.len()..].contains("damaged"), "{says}");
    }
    reached.answered = scene.end();
    reached
}

/// F4: a bit of a log is another. If something that follows says that the bit was durable, or the mark beside it, the host refuses to start, names the file
/// and changes nothing in it; the others go on. With the bit as it was it starts.
#[must_use]
pub fn changed(rounds: u32) -> Reached {
    let mut scene = Scene::on_loopback(HOSTS);
    let mut reached = Reached::new("F4 bits changed in a log", rounds, "refusals to start");
    for round in 0..rounds {
        let host = round as usize % HOSTS;
        let log = take_down(&mut scene, round);
        scene.load(LIGHT);
        let good = fs::read(&log).unwrap();
        let at = pick(round, good.len());
        let mut bad = good.clone();
        bad[at] ^= 1 << (round % 8);
        fs::write(&log, &bad).unwrap();
        let mark = fs::read(log.with_file_name(MARK)).unwrap();
        let marked = u64::from_le_bytes(mark[MARKED..MARKED + 8].try_into().unwrap());
        if is_known_durable(&good, at, marked) {
            assert!(!scene.cluster.restart_and_wait(host).success());
            let said = scene.cluster.log(host);
            let line = said.lines().last().unwrap();
            assert!(line.contains("is damaged at byte"), "{said}");
            assert!(line.contains(log.to_str().unwrap()), "{said}");
            assert!(fs::read(&log).unwrap() == bad, "{log:?} was changed");
            reached.effective.0 += 1;
            fs::write(&log, &good).unwrap();
        }
        reached.away.push(scene.soon_back());
        scene.cluster.restart(host);
        scene.is_healed();
        scene.is_level();
    }
    assert!(reached.effective.0 > 0, "no change was seen");
    reached.answered = scene.end();
    reached
}

/// Whether what stands at this byte was durable, as something behind it says, or the mark, up to that number.
fn is_known_durable(bytes: &[u8], at: usize, marked: u64) -> bool {
    let records = records(bytes);
    let Some(changed) = records.iter().find(|one| (one.from..one.to).contains(&at)) else {
        // The header was, before any record.
        return !records.is_empty();
    };
    if changed.number <= marked {
        return true;
    }
    let mut behind = records.iter().filter(|one| one.from > changed.from);
    behind.any(|one| one.durable >= changed.number)
}
