//! What a device says of itself, and what it does not take from others.

use super::bench::{Bench, command, frontier, id, read, receivers};
use super::{Ballot, Checks, Executive, Message, Stands, Vote};
use crate::protocol::{Device, Input, Protocol, RequestId, Role, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

#[test]
fn what_cannot_be_read_and_who_is_not_known_is_counted_and_left_alone() {
    let mut bench = Bench::new(3);
    let message = Message::MyNextBallot {
        ballot: Ballot {
            round: 9,
            device: Device(1),
        },
        alive: true,
    };
    for count in 1..=3 {
        let unreadable = Input::Message {
            from: Device(1),
            message: &[99, 0],
        };
        assert_eq!(bench.step(unreadable), []);
        assert_eq!(bench.device.status().garbage, 2 * count - 1);
        // A stranger, and the device itself.
        let from = if count == 2 { 0 } else { 7 };
        assert_eq!(bench.says(from, &message), []);
        assert_eq!(bench.device.status().garbage, 2 * count);
    }
    assert_eq!(bench.device.status().role, Role::Following);
}

#[test]
fn reads_that_wait_for_a_quorum_count_as_waiting() {
    let mut bench = Bench::leading();
    assert_eq!(bench.device.status().waiting, 0);
    let asked = bench.ask(read(1));
    bench.executed(&asked, "", Verdict::Completed);
    assert_eq!(bench.device.status().waiting, 1);
    bench.confirmed(1, 1);
    assert_eq!(bench.device.status().waiting, 0);
}

/// Another leader counts, the same one in a higher ballot does not.
#[test]
fn changes_of_the_leader_are_counted() {
    let mut bench = Bench::new(3);
    let mut changes = Vec::new();
    for (round, leader) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 1)] {
        bench.now = bench.now + Duration::from_millis(10);
        let ballot = Ballot {
            round,
            device: Device(leader),
        };
        let Message::Heartbeat(mut heartbeat) = bench.heartbeat() else {
            panic!("a heartbeat is one")
        };
        (heartbeat.promised, heartbeat.alive, heartbeat.stands) = (ballot, true, Stands::Leads);
        heartbeat.leader_age = Some(Duration::ZERO);
        heartbeat.frontier = frontier();
        bench.says(leader, &Message::Heartbeat(heartbeat));
        let status = bench.device.status();
        assert_eq!(status.leader, Some(Device(leader)));
        changes.push(status.leader_changes);
    }
    assert_eq!(changes, [0, 0, 1, 1, 2]);
}

/// Whether a step stops at an assertion once this has been done to the device.
fn stops(mut bench: Bench, checks: Checks, damage: fn(&mut Executive)) -> bool {
    bench.device.config.checks = checks;
    damage(&mut bench.device);
    catch_unwind(AssertUnwindSafe(|| bench.step(Input::Tick))).is_err()
}

#[test]
fn a_device_stops_when_an_invariant_does_not_hold_unless_nobody_looks() {
    let begin: [fn() -> Bench; 3] = [|| Bench::new(3), || Bench::trying(3), Bench::leading];
    let following: [fn(&mut Executive); 3] = [
        |device| device.last_tried = device.next_ballot.above(Device(0)),
        |device| {
            let (ballot, command) = (Ballot::ZERO, command(1));
            let vote = Vote { ballot, command };
            device.prev_vote.insert(device.last_issued(), vote);
        },
        |device| device.executor.note_unissued(id(1)),
    ];
    let standing: [fn(&mut Executive); 2] = [
        |device| device.next_ballot = device.next_ballot.above(Device(1)),
        |device| device.last_tried = Ballot::ZERO,
    ];
    let cases = following
        .map(|damage| (begin[0], damage))
        .into_iter()
        .chain([(begin[1], following[2])])
        .chain(standing.map(|damage| (begin[1], damage)))
        .chain(standing.map(|damage| (begin[2], damage)));
    for (at, (begin, damage)) in cases.enumerate() {
        assert!(!stops(begin(), Checks::Enforced, |_| ()), "{at}");
        assert!(stops(begin(), Checks::Enforced, damage), "{at}");
        assert!(!stops(begin(), Checks::Off, damage), "{at}");
    }
}

/// What is proposed is sent again, after the time of a heartbeat and to those alone that have not voted.
#[test]
fn a_leader_asks_those_again_who_have_not_voted() {
    let mut bench = Bench::leading();
    bench.now = bench.now + Duration::from_millis(50);
    bench.step(Input::Tick);
    bench.now = bench.now + Duration::from_millis(10);
    let proposes = |message: &Message| matches!(message, Message::BeginBallot { .. });
    let mut proposed = Vec::new();
    for sequence in 1..=2 {
        let asked = bench.ask(id(sequence));
        let out = bench.executed(&asked, "change", Verdict::Completed);
        assert_eq!(receivers(&out, proposes), [1, 2]);
        proposed.extend(super::bench::messages(out, proposes).pop());
    }
    let [
        _,
        Message::BeginBallot {
            ballot, command, ..
        },
    ] = &proposed[..]
    else {
        panic!("{proposed:?}");
    };
    let (ballot, id) = (*ballot, command.id);
    bench.says(1, &Message::Voted { ballot, id });
    bench.now = bench.now + Duration::from_millis(40);
    assert_eq!(receivers(&bench.step(Input::Tick), proposes), []);
    for _ in 0..2 {
        bench.now = bench.now + Duration::from_millis(50);
        assert_eq!(receivers(&bench.step(Input::Tick), proposes), [1, 2, 2]);
    }
}

#[test]
fn reads_are_numbered_above_all_others() {
    assert!(!id(RequestId::READS).is_read());
    assert!(read(1).is_read() && !id(1).is_read());
}
