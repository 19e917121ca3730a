//! What a device says of itself, and what it does not take from others.

use super::bench::{Bench, frontier, read};
use super::{Ballot, Message, Stands};
use crate::protocol::{Device, Input, Protocol, Role};
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
    bench.executed(&asked, "", crate::protocol::Verdict::Completed);
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
