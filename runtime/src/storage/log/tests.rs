//! What a log gives back after cuts, damage and failures of every kind.

use std::sync::Arc;

use super::record::{HEADER_BYTES, segment_name, snapshot_name};
use super::*;
use crate::storage::disk::Simulated;

const OWNER: Owner = Owner {
    cluster: 0xc1,
    replica: 0x5e,
};

fn open(disk: &Simulated) -> Result<(Log, Recovered), StorageError> {
    Log::open_with(Box::new(disk.clone()), OWNER, 400)
}

/// A record of its own length and content for each number.
fn payload(number: u64) -> Vec<u8> {
    vec![number as u8; (number as usize * 7) % 40]
}

fn payloads(numbers: std::ops::RangeInclusive<u64>) -> Vec<Arc<[u8]>> {
    numbers.map(|number| payload(number).into()).collect()
}

/// A log with these records, each synced, in long segments.
fn written(count: u64) -> Simulated {
    let disk = Simulated::new();
    let (mut log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
    for number in 1..=count {
        log.append(&payload(number)).unwrap();
        log.sync().unwrap();
    }
    disk
}

/// The mark becomes what it was with so many records.
fn mark_as_with(count: u64, disk: &Simulated) {
    disk.overwrite(mark::NAME, written(count).bytes(mark::NAME).unwrap());
}

#[test]
fn records_come_back_across_segments() {
    let disk = Simulated::new();
    let mut count = 0;
    for _ in 0..20 {
        let (mut log, found) = open(&disk).unwrap();
        assert_eq!(found.records, payloads(1..=count));
        for _ in 0..5 {
            count += 1;
            log.append(&payload(count)).unwrap();
        }
        log.sync().unwrap();
    }
    assert!(disk.list().unwrap().len() > 5);
}

#[test]
fn a_cut_at_every_byte_of_the_last_three_records_leaves_the_records_before_it() {
    let whole = written(12).bytes(&segment_name(1)).unwrap();
    let ends: Vec<usize> = (9..=12)
        .map(|n| written(n).bytes(&segment_name(1)).unwrap().len())
        .collect();
    for cut in ends[0]..=whole.len() {
        let disk = written(12);
        disk.overwrite(&segment_name(1), whole[..cut].to_vec());
        // As if the last three had never been synced.
        mark_as_with(9, &disk);
        let survive = 8 + ends.iter().filter(|&&end| end <= cut).count() as u64;
        let (mut log, found) = open(&disk).unwrap();
        assert_eq!(found.records, payloads(1..=survive), "cut at {cut}");
        // Going on does not bring anything back.
        log.append(b"new").unwrap();
        log.sync().unwrap();
        let (_, found) = open(&disk).unwrap();
        assert_eq!(found.records.len() as u64, survive + 1, "cut at {cut}");
    }
}

#[test]
fn every_flipped_bit_of_a_middle_record_is_reported_and_nothing_is_changed() {
    let good = written(12).bytes(&segment_name(1)).unwrap();
    let start = written(5).bytes(&segment_name(1)).unwrap().len();
    let end = written(6).bytes(&segment_name(1)).unwrap().len();
    for bit in start * 8..end * 8 {
        let disk = written(12);
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        disk.overwrite(&segment_name(1), bad.clone());
        let Err(StorageError::Damaged { offset, .. }) = open(&disk) else {
            panic!("bit {bit} of {start}..{end} went unnoticed");
        };
        assert_eq!(offset, start as u64);
        assert_eq!(disk.bytes(&segment_name(1)), Some(bad));
    }
}

/// The records behind say it themselves, whether there is a mark or not.
#[test]
fn a_middle_record_that_is_wrong_is_reported_without_a_mark_as_well() {
    let (start, end) = [5, 6]
        .map(|count| written(count).bytes(&segment_name(1)).unwrap().len())
        .into();
    let unmarked = |bytes: Vec<u8>| {
        let disk = written(12);
        disk.overwrite(&segment_name(1), bytes);
        disk.clone().remove(mark::NAME).unwrap();
        assert!(matches!(open(&disk), Err(StorageError::Damaged { .. })));
    };
    let good = written(12).bytes(&segment_name(1)).unwrap();
    let mut flipped = good.clone();
    flipped[start + 30] ^= 1;
    unmarked(flipped);
    // A good record in the place of another one.
    let mut misplaced = good.clone();
    misplaced.splice(start..end, good[end..].to_vec());
    unmarked(misplaced);
}

/// Nothing in the log itself says that its last record was durable; the mark does.
#[test]
fn every_flipped_bit_and_every_cut_of_the_last_synced_record_is_reported() {
    let good = written(12).bytes(&segment_name(1)).unwrap();
    let start = written(11).bytes(&segment_name(1)).unwrap().len();
    let refused = |bad: Vec<u8>, what: String| {
        let disk = written(12);
        disk.overwrite(&segment_name(1), bad.clone());
        let Err(StorageError::Damaged { offset, .. }) = open(&disk) else {
            panic!("{what} went unnoticed");
        };
        assert_eq!(offset, start as u64);
        assert_eq!(disk.bytes(&segment_name(1)), Some(bad));
    };
    for bit in start * 8..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        refused(bad, format!("bit {bit}"));
    }
    for cut in start..good.len() {
        refused(good[..cut].to_vec(), format!("a cut at {cut}"));
    }
}

#[test]
fn a_log_whose_only_file_is_gone_or_empty_is_no_new_log() {
    for records in 1..4 {
        let disk = written(records);
        disk.overwrite(&segment_name(1), Vec::new());
        assert!(matches!(open(&disk), Err(StorageError::Damaged { .. })));
        disk.clone().remove(&segment_name(1)).unwrap();
        let Err(error) = open(&disk) else {
            panic!("a new log was begun")
        };
        assert!(
            error.to_string().contains("record 1 was durable"),
            "{error}"
        );
    }
}

/// The mark is no reason to refuse what is whole: logs that were written before there was one have none.
#[test]
fn a_bad_mark_or_none_says_nothing() {
    let good = written(3).bytes(mark::NAME).unwrap();
    for bit in 0..good.len() * 8 {
        let disk = written(3);
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        disk.overwrite(mark::NAME, bad);
        assert_eq!(open(&disk).unwrap().1.records, payloads(1..=3), "bit {bit}");
    }
    for cut in 0..good.len() {
        let disk = written(3);
        disk.overwrite(mark::NAME, good[..cut].to_vec());
        assert_eq!(open(&disk).unwrap().1.records, payloads(1..=3), "cut {cut}");
    }
    let disk = written(3);
    disk.clone().remove(mark::NAME).unwrap();
    assert_eq!(open(&disk).unwrap().1.records, payloads(1..=3));
    // From then on there is one.
    assert_eq!(disk.bytes(mark::NAME), Some(good));
}

#[test]
fn a_header_cut_at_every_byte_is_written_again_before_records_follow_it() {
    let header = written(0).bytes(&segment_name(1)).unwrap();
    assert_eq!(header.len(), HEADER_BYTES);
    for cut in 0..=header.len() {
        let disk = written(0);
        disk.overwrite(&segment_name(1), header[..cut].to_vec());
        let (mut log, found) = open(&disk).unwrap();
        assert!(found.is_empty());
        log.append(b"first").unwrap();
        log.sync().unwrap();
        let (_, found) = open(&disk).unwrap();
        assert_eq!(found.records.len(), 1, "cut at {cut}");
    }
}

/// Blocks of another file that a disk left in a new one are no records of it.
#[test]
fn old_records_behind_a_header_that_was_not_synced_say_nothing() {
    let old = written(1).bytes(&segment_name(1)).unwrap();
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    log.save_snapshot(b"").unwrap();
    log.append(b"").unwrap();
    log.save_snapshot(b"").unwrap();
    assert_eq!(log.next, 2);
    let torn = [&[0; HEADER_BYTES], &old[HEADER_BYTES..]].concat();
    disk.overwrite(&segment_name(2), torn);
    disk.clone().remove(mark::NAME).unwrap();
    let (_, found) = open(&disk).unwrap();
    assert!(found.records.is_empty());
}

/// A block that was written to the wrong file is none of this one, even where its number fits.
#[test]
fn records_of_another_log_say_nothing() {
    let other = Simulated::new();
    let owner = Owner {
        replica: 0x5f,
        ..OWNER
    };
    let (mut log, _) = Log::open(Box::new(other.clone()), owner).unwrap();
    log.append(&payload(1)).unwrap();
    log.sync().unwrap();
    let record = other.bytes(&segment_name(1)).unwrap();
    let disk = written(0);
    let header = disk.bytes(&segment_name(1)).unwrap();
    let misplaced = [&header, &record[HEADER_BYTES..]].concat();
    disk.overwrite(&segment_name(1), misplaced);
    let (_, found) = open(&disk).unwrap();
    assert!(found.records.is_empty());
}

#[test]
fn every_flipped_bit_of_the_header_is_reported_once_there_are_records() {
    let good = written(3).bytes(&segment_name(1)).unwrap();
    for bit in 0..HEADER_BYTES * 8 {
        let disk = written(3);
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        disk.overwrite(&segment_name(1), bad);
        assert!(open(&disk).is_err(), "bit {bit}");
    }
}

#[test]
fn a_zeroed_or_missing_middle_is_reported() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    for number in 1..=60 {
        log.append(&payload(number)).unwrap();
        log.sync().unwrap();
    }
    let names = disk.list().unwrap();
    let middle = &names[names.len() / 2];
    let good = disk.bytes(middle).unwrap();
    for bad in [vec![0; good.len()], Vec::new()] {
        disk.overwrite(middle, bad);
        let error = open(&disk).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("the file's header is wrong"), "{error}");
    }
    disk.overwrite(middle, good[..good.len() - 8].to_vec());
    assert!(open(&disk).is_err());
    disk.clone().remove(middle).unwrap();
    assert!(matches!(open(&disk), Err(StorageError::Damaged { .. })));
}

#[test]
fn a_batch_whose_middle_was_lost_before_its_sync_is_an_unfinished_tail() {
    let disk = Simulated::new();
    let (mut log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
    log.append(&payload(1)).unwrap();
    log.sync().unwrap();
    let synced = disk.bytes(&segment_name(1)).unwrap().len();
    for number in 2..=6 {
        log.append(&payload(number)).unwrap();
    }
    log.sync().unwrap();
    let mut bytes = disk.bytes(&segment_name(1)).unwrap();
    // As if the power had failed during the sync: later blocks are there, an earlier one is not.
    bytes[synced..synced + 50].fill(0);
    disk.overwrite(&segment_name(1), bytes);
    mark_as_with(1, &disk);
    let (_, found) = Log::open(Box::new(disk), OWNER).unwrap();
    assert_eq!(found.records, payloads(1..=1));
}

#[test]
fn a_snapshot_stands_for_the_records_before_it() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    for number in 1..=30 {
        log.append(&payload(number)).unwrap();
        if number % 10 == 0 {
            log.save_snapshot(&[number as u8; 100]).unwrap();
        }
    }
    log.append(&payload(31)).unwrap();
    log.sync().unwrap();
    let names = disk.list().unwrap();
    assert_eq!(names, [mark::NAME, &segment_name(31), &snapshot_name(31)]);
    let (_, found) = open(&disk).unwrap();
    assert_eq!(found.snapshot.as_deref(), Some(&[30; 100][..]));
    assert_eq!(found.records, payloads(31..=31));
}

#[test]
fn every_flipped_bit_of_a_snapshot_is_reported() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    log.append(b"x").unwrap();
    log.save_snapshot(b"snapshot").unwrap();
    let good = disk.bytes(&snapshot_name(2)).unwrap();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        disk.overwrite(&snapshot_name(2), bad);
        assert!(
            matches!(open(&disk), Err(StorageError::Damaged { .. })),
            "bit {bit}"
        );
    }
    disk.overwrite(&snapshot_name(2), good);
    disk.clone().remove(&segment_name(2)).unwrap();
    assert!(
        open(&disk).is_err(),
        "the segment after a snapshot is durable before it"
    );
}

#[test]
fn another_owner_is_told_whose_log_it_is() {
    let disk = written(2);
    let other = Owner {
        cluster: 0xc2,
        ..OWNER
    };
    let Err(error) = Log::open(Box::new(disk.clone()), other) else {
        panic!("opened")
    };
    assert!(
        error
            .to_string()
            .ends_with("belongs to cluster c1, not to cluster c2"),
        "{error}"
    );
    let other = Owner {
        replica: 1,
        ..OWNER
    };
    let Err(error) = Log::open(Box::new(disk), other) else {
        panic!("opened")
    };
    assert!(
        error
            .to_string()
            .ends_with("belongs to replica 5e, not to replica 1"),
        "{error}"
    );
}

/// Works until the disk fails; returns how many records and which snapshot were promised.
fn work(disk: &Simulated, from: u64) -> (u64, Option<u8>) {
    let Ok((mut log, found)) = open(disk) else {
        return (0, None);
    };
    assert!(found.is_empty());
    let (mut durable, mut snapshot) = (0, None);
    for number in from..from + 40 {
        if log.append(&payload(number)).is_err() {
            break;
        }
        let result = if number % 16 == 0 {
            log.save_snapshot(&[number as u8])
                .map(|()| snapshot = Some(number as u8))
        } else if number % 3 == 0 {
            log.sync()
        } else {
            continue;
        };
        match result {
            Ok(()) => durable = number,
            Err(_) => break,
        }
    }
    (durable, snapshot)
}

/// Fails the disk at each operation in turn, cuts the power, and opens again.
#[test]
fn what_was_durable_survives_a_power_cut_after_every_operation() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut keep = move |max: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % (max as u64 + 1)) as usize
    };
    let mut completed = false;
    for operations in 0..1000 {
        for _ in 0..8 {
            let disk = Simulated::new();
            disk.fail_after(Some(operations));
            let (durable, promised) = work(&disk, 1);
            completed = durable == 39 || durable == 40;
            disk.power_cut(&mut keep);
            let (_, found) = open(&disk).unwrap();
            let base = found
                .snapshot
                .as_ref()
                .map_or(0, |snapshot| u64::from(snapshot[0]));
            assert!(
                base >= u64::from(promised.unwrap_or(0)),
                "after {operations}"
            );
            let last = base + found.records.len() as u64;
            assert!(last >= durable, "after {operations}: {last} of {durable}");
            assert_eq!(
                found.records,
                payloads(base + 1..=last),
                "after {operations}"
            );
        }
        if completed {
            return;
        }
    }
    panic!("the work was never completed");
}

#[test]
fn a_full_disk_is_said_to_be_full_and_loses_nothing() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    disk.limit(Some(300));
    let mut durable = 0;
    let error = loop {
        log.append(&payload(durable + 1)).unwrap();
        match log.sync() {
            Ok(()) => durable += 1,
            Err(error) => break error,
        }
    };
    assert!(
        error.to_string().starts_with("the disk is full: "),
        "{error}"
    );
    assert!(matches!(log.sync(), Err(StorageError::Failed(_))));
    assert!(matches!(log.append(b""), Err(StorageError::Failed(_))));
    disk.limit(None);
    let (_, found) = open(&disk).unwrap();
    assert!(durable > 0 && found.records == payloads(1..=durable));
}

#[test]
fn a_failed_sync_is_final() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    log.append(b"x").unwrap();
    disk.fail_after(Some(1));
    assert!(log.sync().is_err());
    disk.fail_after(None);
    assert!(matches!(log.sync(), Err(StorageError::Failed(_))));
    assert!(matches!(
        log.save_snapshot(b""),
        Err(StorageError::Failed(_))
    ));
}

#[test]
fn a_record_that_is_too_long_is_refused_and_the_log_goes_on() {
    let disk = Simulated::new();
    let (mut log, _) = open(&disk).unwrap();
    assert_eq!(
        log.append(&vec![0; RECORD_BYTES_MAX + 1]),
        Err(StorageError::TooLong)
    );
    let longest: Arc<[u8]> = vec![7; RECORD_BYTES_MAX].into();
    log.append(&longest).unwrap();
    log.sync().unwrap();
    assert!(open(&disk).unwrap().1.records == [longest]);
}

/// After a restart, too, a record says no more of those before it than is true.
#[test]
fn a_batch_after_a_restart_that_was_not_synced_is_an_unfinished_tail() {
    let disk = written(3);
    let whole = disk.bytes(&segment_name(1)).unwrap().len();
    let (mut log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
    for number in 4..=8 {
        log.append(&payload(number)).unwrap();
    }
    log.sync().unwrap();
    let mut torn = disk.bytes(&segment_name(1)).unwrap();
    torn[whole + 8] ^= 1;
    disk.overwrite(&segment_name(1), torn);
    mark_as_with(3, &disk);
    assert_eq!(open(&disk).unwrap().1.records, payloads(1..=3));
}

#[test]
fn a_log_is_new_if_it_has_neither_snapshot_nor_records() {
    let disk = Simulated::new();
    let (mut log, found) = open(&disk).unwrap();
    assert!(found.is_empty());
    log.append(&payload(1)).unwrap();
    log.sync().unwrap();
    assert!(!open(&disk).unwrap().1.is_empty());
    log.save_snapshot(b"all").unwrap();
    let (_, found) = open(&disk).unwrap();
    assert!(found.records.is_empty() && !found.is_empty());
}
