//! How a device learns what is issued, and whom it asks for what it lacks, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{Bench, command, frontier, messages, up_to};
use crate::protocol::executive::{Ballot, CommandId};
use std::time::Duration;

/// From which numbers on it asks for what is issued.
fn asks(out: Vec<Output>) -> Vec<u64> {
    let questions = messages(out, |message| matches!(message, Message::CatchUp { .. }));
    let numbers = questions.iter().filter_map(|message| match message {
        Message::CatchUp { first } => Some(first.0),
        _ => None,
    });
    numbers.collect()
}

fn tells(numbers: &[u64], last: u64) -> Message {
    Message::Commands {
        commands: numbers.iter().copied().map(command).collect(),
        frontier: match last {
            0 => frontier(),
            _ => up_to(last),
        },
    }
}

/// A device that voted for the first three commands.
fn voted() -> Bench {
    let mut bench = Bench::new(3);
    let ballot = Ballot::ZERO.above(Device(1));
    for number in 1..=3 {
        let proposal = Message::BeginBallot {
            ballot,
            command: command(number),
            frontier: frontier(),
        };
        bench.says(1, &proposal);
    }
    assert_eq!(bench.device.prev_vote.len(), 3);
    bench
}

#[test]
fn what_it_voted_for_need_not_be_sent_again() {
    let mut bench = voted();
    let frontier = up_to(2);
    let out = bench.says(2, &Message::Success { frontier });
    assert_eq!(asks(out), [] as [u64; 0]);
    assert_eq!(bench.device.last_issued(), Number(2));
    let left: Vec<Number> = bench.device.prev_vote.keys().copied().collect();
    assert_eq!(left, [Number(3)]);
    let out = bench.says(2, &Message::Success { frontier: up_to(3) });
    assert_eq!(asks(out), [] as [u64; 0]);
    assert_eq!(bench.device.last_issued(), Number(3));
}

#[test]
fn votes_for_others_are_not_what_is_issued() {
    let mut other = up_to(2);
    other.id.ballot = other.id.ballot.above(Device(2));
    let mut bench = voted();
    let out = bench.says(2, &Message::Success { frontier: other });
    assert_eq!(asks(out), [1]);
    // The first one issued is another than it voted for, and so are those that follow.
    let mut bench = voted();
    let mut first = Command::clone(&command(1));
    first.id.ballot = other.id.ballot;
    let learnt = Message::Commands {
        commands: vec![Arc::new(first)],
        frontier: frontier(),
    };
    bench.says(2, &learnt);
    assert_eq!(bench.device.last_issued(), Number(1));
    let frontier = up_to(2);
    let out = bench.says(2, &Message::Success { frontier });
    assert_eq!(asks(out), [2]);
    assert_eq!(bench.device.last_issued(), Number(1));
}

#[test]
fn what_is_issued_is_written_once() {
    let frontier = up_to(2);
    let written = voted().writes(2, &Message::Success { frontier });
    let ids: [CommandId; 2] = [1, 2].map(|number| command(number).id);
    assert_eq!(written, ids.map(Record::Issued));
    let written = Bench::new(3).writes(2, &tells(&[1], 1));
    assert_eq!(written, [Record::Learnt(command(1))]);
}

#[test]
fn what_is_missing_is_asked_for_as_long_as_something_comes() {
    let mut bench = Bench::new(3);
    assert_eq!(asks(bench.says(1, &tells(&[], 3))), [1]);
    // What brings nothing does not make it ask more often.
    assert_eq!(asks(bench.says(1, &tells(&[], 3))), [] as [u64; 0]);
    assert_eq!(asks(bench.says(1, &tells(&[1], 3))), [2]);
    assert_eq!(asks(bench.says(1, &tells(&[2, 3], 3))), [] as [u64; 0]);
    assert_eq!(bench.device.last_issued(), Number(3));
    assert_eq!(asks(bench.says(2, &tells(&[1], 2))), [] as [u64; 0]);
}

/// Who is asked for what is missing has the time of a heartbeat to answer.
#[test]
fn what_is_missing_is_asked_for_again_after_a_while() {
    let mut bench = Bench::new(3);
    let frontier = up_to(1);
    let asked = |bench: &mut Bench, after: Duration| {
        bench.now = bench.now + after;
        let out = bench.says(1, &Message::Success { frontier });
        messages(out, |message| matches!(message, Message::CatchUp { .. })).len()
    };
    let beat = bench.device.config.heartbeat;
    let nearly = beat - Duration::from_nanos(1);
    assert_eq!(asked(&mut bench, beat), 1);
    assert_eq!(asked(&mut bench, nearly), 0);
    assert_eq!(asked(&mut bench, beat - nearly), 1);
}
