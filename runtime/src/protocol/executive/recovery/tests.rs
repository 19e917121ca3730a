//! What a device is after it came back.

use super::*;
use crate::protocol::executive::Configuration;
use crate::protocol::executive::bench::{Bench, bytes, command};
use crate::protocol::executive::journal::Journal;
use crate::protocol::executive::sessions::Sessions;
use crate::protocol::{Device, Input, Number, Protocol, Role};
use std::time::Duration;

fn ballot(round: u64, device: u16) -> Ballot {
    Ballot {
        round,
        device: Device(device),
    }
}

/// This device's vote in a ballot for the command with this number.
fn vote(round: u64, number: u64) -> Vote {
    Vote {
        ballot: ballot(round, 1),
        command: command(number),
    }
}

/// A snapshot up to command 2, by a device that tried and promised these ballots and voted for command 3.
fn saved(last_tried: Ballot, next_ballot: Ballot) -> Bytes {
    let shared = Shared {
        last: command(2).id,
        time: Time::ZERO,
        sessions: Sessions::default(),
        journal: Journal::default(),
        state: bytes("the state"),
    };
    let saved = Saved {
        shared,
        last_tried,
        next_ballot,
        votes: vec![vote(2, 3)],
        issued: Vec::new(),
    };
    Bytes::from(saved.to_bytes())
}

fn recovers(snapshot: Option<Bytes>, records: &[Record]) -> Result<Executive, Damaged> {
    let configuration = Configuration::new((0..3).map(Device).collect()).unwrap();
    let config = Config::new(Device(0), configuration);
    let records = records.iter().map(|record| Bytes::from(record.to_bytes()));
    let recovered = Recovered {
        snapshot,
        records: records.collect(),
    };
    Executive::recover(config, 1, Time::ZERO, &recovered, &mut Vec::new())
}

#[test]
fn what_was_tried_and_promised_is_known_again() {
    let tried = Record::Tried(ballot(3, 0));
    let device = recovers(None, std::slice::from_ref(&tried)).unwrap();
    assert_eq!(device.last_tried, ballot(3, 0));
    assert_eq!(device.next_ballot, ballot(3, 0));
    let promised = Record::Promised(ballot(3, 1));
    let device = recovers(None, &[tried.clone(), promised, tried]).unwrap();
    assert_eq!(device.last_tried, ballot(3, 0));
    assert_eq!(device.next_ballot, ballot(3, 1));
    let device = recovers(None, &[Record::Voted(vote(4, 1))]).unwrap();
    assert_eq!(device.next_ballot, ballot(4, 1));
    let device = recovers(Some(saved(ballot(5, 0), ballot(6, 1))), &[]).unwrap();
    assert_eq!(device.last_tried, ballot(5, 0));
    assert_eq!(device.next_ballot, ballot(6, 1));
}

#[test]
fn what_was_tried_and_not_promised_is_damage() {
    let snapshot = saved(ballot(5, 0), ballot(4, 1));
    let damaged = recovers(Some(snapshot), &[]).unwrap_err();
    assert!(damaged.to_string().contains("was tried and not promised"));
    recovers(Some(saved(ballot(5, 0), ballot(5, 0))), &[]).unwrap();
}

/// Records from before a snapshot, and votes for what is issued, change nothing.
#[test]
fn old_records_do_no_harm() {
    let old = [
        Record::Voted(vote(1, 1)),
        Record::Voted(vote(1, 2)),
        Record::Voted(vote(1, 3)),
        Record::Issued(command(1).id),
        Record::Learnt(command(2)),
    ];
    let device = recovers(Some(saved(ballot(2, 0), ballot(6, 1))), &old).unwrap();
    assert_eq!(device.last_issued(), Number(2));
    let votes: Vec<&Vote> = device.prev_vote.values().collect();
    assert_eq!(votes, [&vote(2, 3)]);
    let later = [
        old,
        [2, 3, 4, 5, 6].map(|round| Record::Voted(vote(round, 3))),
    ]
    .concat();
    let device = recovers(Some(saved(ballot(2, 0), ballot(6, 1))), &later).unwrap();
    let votes: Vec<&Vote> = device.prev_vote.values().collect();
    assert_eq!(votes, [&vote(6, 3)]);
}

/// A mark stands for all commands up to it, if the device voted for them.
#[test]
fn what_is_marked_as_issued_is_that_of_the_votes() {
    let votes = [1, 2, 3].map(|number| Record::Voted(vote(1, number)));
    let records = |mark| [&votes[..], &[Record::Issued(mark)]].concat();
    let device = recovers(None, &records(command(2).id)).unwrap();
    assert_eq!(device.last_issued(), Number(2));
    let left: Vec<Number> = device.prev_vote.keys().copied().collect();
    assert_eq!(left, [Number(3)]);
    let mut other = command(2).id;
    other.ballot = other.ballot.above(Device(2));
    for unknown in [other, command(4).id] {
        let device = recovers(None, &records(unknown)).unwrap();
        assert_eq!(device.last_issued(), Number(0));
    }
    // What does not follow is left out.
    let mut stranger = Command::clone(&command(2));
    stranger.precedent = other;
    stranger.precedent.number = Number(1);
    for stranger in [command(3), Arc::new(stranger)] {
        let records = [command(1), stranger].map(Record::Learnt);
        let device = recovers(None, &records).unwrap();
        assert_eq!(device.last_issued(), Number(1));
    }
}

#[test]
fn what_is_counted_is_as_short_as_it_says() {
    let shortest = Record::Promised(Ballot::ZERO);
    assert_eq!(shortest.to_bytes().len(), Record::BYTES_MIN);
}

/// Others may lead already: who comes back listens for 150 ms at least.
#[test]
fn who_comes_back_does_not_stand_at_once() {
    let promised = Record::Promised(ballot(1, 1));
    for device in [
        recovers(None, &[promised]),
        recovers(Some(saved(ballot(2, 0), ballot(6, 1))), &[]),
    ] {
        let device = device.unwrap();
        let now = Time::ZERO;
        let mut bench = Bench { device, now };
        while bench.device.status().role == Role::Following {
            bench.now = bench.now + Duration::from_millis(10);
            assert!(bench.now.since(now) < Duration::from_secs(1));
            bench.says(1, &bench.heartbeat());
            bench.step(Input::Tick);
        }
        assert!(bench.now.since(now) >= Duration::from_millis(150));
    }
}
