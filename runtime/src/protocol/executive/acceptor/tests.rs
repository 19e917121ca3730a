//! What a device promises and votes for, and what it does not, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{self, Bench, command, frontier, messages, up_to};
use crate::protocol::{Input, Protocol, Role};
use crate::wire::Wire;

fn ballot(round: u64, device: u16) -> Ballot {
    Ballot {
        round,
        device: Device(device),
    }
}

fn asks(ballot: Ballot) -> Message {
    let first = Number(1);
    Message::NextBallot { ballot, first }
}

fn proposes(ballot: Ballot, number: u64) -> Message {
    Message::BeginBallot {
        ballot,
        command: command(number),
        frontier: frontier(),
    }
}

/// What a device says to this: everything but heartbeats.
fn said(bench: &mut Bench, from: u16, message: &Message) -> Vec<Message> {
    let out = bench.says(from, message);
    messages(out, |message| !matches!(message, Message::Heartbeat(_)))
}

/// The numbers of the votes in what was said.
fn votes(said: &[Message]) -> Vec<u64> {
    let numbers = said.iter().filter_map(|message| match message {
        Message::Voted { id, .. } => Some(id.number.0),
        _ => None,
    });
    numbers.collect()
}

/// A device that knows the first two commands issued.
fn knowing_two() -> Bench {
    let mut bench = Bench::new(3);
    let commands = vec![command(1), command(2)];
    let frontier = up_to(2);
    bench.says(1, &Message::Commands { commands, frontier });
    assert_eq!(bench.device.last_issued(), Number(2));
    bench
}

#[test]
fn what_is_asked_in_the_name_of_another_is_left_alone() {
    let mut bench = Bench::new(3);
    let (ballot, round) = (ballot(1, 1), 1);
    assert_eq!(said(&mut bench, 2, &asks(ballot)), []);
    assert_eq!(said(&mut bench, 2, &Message::Confirm { ballot, round }), []);
    assert_eq!(said(&mut bench, 2, &proposes(ballot, 1)), []);
    assert_eq!(bench.device.status().garbage, 1);
    // Nobody proposes again what a later ballot made.
    assert_eq!(said(&mut bench, 1, &proposes(self::ballot(0, 1), 1)), []);
    assert_eq!(bench.device.status().garbage, 2);
    assert_eq!(bench.device.next_ballot, Ballot::ZERO);
}

#[test]
fn who_has_no_vote_promises_votes_and_confirms_nothing() {
    let mut bench = Bench::new(3);
    bench.device.config.voter = false;
    let (ballot, round) = (ballot(1, 1), 1);
    assert_eq!(said(&mut bench, 1, &asks(ballot)), []);
    assert_eq!(said(&mut bench, 1, &proposes(ballot, 1)), []);
    assert_eq!(said(&mut bench, 1, &Message::Confirm { ballot, round }), []);
    for _ in 0..20 {
        bench.now = bench.now + bench.device.config.heartbeat;
        bench.says(1, &bench.heartbeat());
        bench.step(Input::Tick);
        assert_eq!(bench.device.status().role, Role::Following);
    }
    assert_eq!(bench.device.next_ballot, Ballot::ZERO);
    assert!(bench.device.prev_vote.is_empty());
}

#[test]
fn a_lower_ballot_is_told_the_promise() {
    let mut bench = Bench::new(3);
    assert_eq!(said(&mut bench, 1, &asks(ballot(5, 1))).len(), 1);
    let refusal = Message::MyNextBallot {
        ballot: ballot(5, 1),
        alive: true,
    };
    let lower = ballot(4, 2);
    for asked in [asks(lower), proposes(lower, 1)] {
        assert_eq!(said(&mut bench, 2, &asked), std::slice::from_ref(&refusal));
    }
    // The same one again is promised again.
    let again = said(&mut bench, 1, &asks(ballot(5, 1)));
    assert!(matches!(again[..], [Message::BallotInfo { .. }]));
    let message = asks(ballot(5, 1)).to_bytes();
    let from = Device(1);
    let input = Input::Message {
        from,
        message: &message,
    };
    let mut out = Vec::new();
    bench.device.step(input, bench.now, &mut out);
    let writes = |output: &Output| matches!(output, Output::Persist { .. });
    assert!(!out.iter().any(writes), "{out:?}");
    assert_eq!(votes(&said(&mut bench, 1, &proposes(ballot(5, 1), 1))), [1]);
}

#[test]
fn votes_wait_for_those_before_them() {
    let mut bench = Bench::new(3);
    let ballot = ballot(1, 1);
    assert_eq!(said(&mut bench, 1, &proposes(ballot, 3)), []);
    assert_eq!(said(&mut bench, 1, &proposes(ballot, 2)), []);
    let out = said(&mut bench, 1, &proposes(ballot, 1));
    assert_eq!(votes(&out), [1, 2, 3]);
    // Asked again, it says so again.
    let out = said(&mut bench, 1, &proposes(ballot, 2));
    assert_eq!(votes(&out), [2]);
}

/// A vote in another ballot for the precedent does not do.
#[test]
fn votes_wait_for_those_before_them_in_the_same_ballot() {
    let mut bench = Bench::new(3);
    assert_eq!(votes(&said(&mut bench, 1, &proposes(ballot(1, 1), 1))), [1]);
    assert_eq!(said(&mut bench, 1, &proposes(ballot(2, 1), 2)), []);
    let out = said(&mut bench, 1, &proposes(ballot(2, 1), 1));
    assert_eq!(votes(&out), [1, 2]);
}

#[test]
fn what_comes_far_too_early_is_not_kept() {
    let mut bench = knowing_two();
    let ballot = ballot(1, 1);
    for number in [2 + EARLY_MAX, 3 + EARLY_MAX] {
        assert_eq!(said(&mut bench, 1, &proposes(ballot, number)), []);
    }
    let kept: Vec<Number> = bench.device.early.keys().copied().collect();
    assert_eq!(kept, [Number(2 + EARLY_MAX)]);
}

/// What waits is forgotten once it is issued, or its ballot is over.
#[test]
fn what_waits_in_vain_is_forgotten() {
    let mut bench = Bench::new(3);
    let old = ballot(1, 1);
    assert_eq!(said(&mut bench, 1, &proposes(old, 2)), []);
    let higher = ballot(2, 2);
    said(&mut bench, 2, &asks(higher));
    let out = said(&mut bench, 2, &proposes(higher, 1));
    assert_eq!(votes(&out), [1]);
    assert!(bench.device.early.is_empty());
}

#[test]
fn who_proposes_what_is_issued_is_told_so() {
    let mut bench = knowing_two();
    let frontier = up_to(2);
    let same = said(&mut bench, 1, &proposes(ballot(1, 1), 1));
    assert_eq!(same, [Message::Success { frontier }]);
    let mut other = Command::clone(&command(1));
    other.id.ballot = ballot(1, 2);
    let other = Message::BeginBallot {
        ballot: ballot(1, 2),
        command: Arc::new(other),
        frontier: bench::frontier(),
    };
    let commands = vec![command(1)];
    let told = said(&mut bench, 2, &other);
    assert_eq!(told, [Message::Commands { commands, frontier }]);
}

#[test]
fn a_promise_tells_what_was_issued_and_voted_for() {
    let mut bench = knowing_two();
    said(&mut bench, 1, &proposes(ballot(1, 1), 3));
    let out = said(
        &mut bench,
        2,
        &Message::NextBallot {
            ballot: ballot(2, 2),
            first: Number(2),
        },
    );
    let [Message::BallotInfo { issued, votes, .. }] = &out[..] else {
        panic!("{out:?}");
    };
    assert_eq!(*issued, [command(2)]);
    let (ballot, command) = (ballot(1, 1), command(3));
    assert_eq!(*votes, [Vote { ballot, command }]);
}

/// A candidate gives up when it votes in a higher ballot for what it kept.
#[test]
fn who_votes_for_what_waited_does_not_go_on_trying() {
    let mut bench = Bench::trying(3);
    let higher = bench.ballot().above(Device(2));
    assert_eq!(said(&mut bench, 2, &proposes(higher, 2)), []);
    assert_eq!(bench.device.status().role, Role::Trying);
    let (commands, frontier) = (vec![command(1)], up_to(1));
    let out = said(&mut bench, 1, &Message::Commands { commands, frontier });
    assert_eq!(votes(&out), [2]);
    assert_eq!(bench.device.status().role, Role::Following);
}
