//! What a leader holds, and what it does with votes that it did not ask for, by one device whose others the test plays.

use super::*;
use crate::protocol::Verdict;
use crate::protocol::executive::bench::{Bench, id, messages};

/// A leader with one command issued and three proposed.
fn proposing() -> Bench {
    let mut bench = Bench::leading();
    for sequence in 1..=4 {
        let asked = bench.ask(id(sequence));
        bench.executed(&asked, "change", Verdict::Completed);
    }
    let first = leader(&bench).proposals[0].command.id;
    let ballot = bench.ballot();
    bench.says(1, &Message::Voted { ballot, id: first });
    assert_eq!(bench.device.last_issued(), Number(1));
    assert_eq!(leader(&bench).proposals.len(), 3);
    bench
}

fn leader(bench: &Bench) -> &Leader {
    match &bench.device.office {
        Office::Leading(leader) => leader,
        Office::Following | Office::Trying(_) => panic!("it leads"),
    }
}

#[test]
fn proposals_with_a_gap_do_not_continue_the_issued_list() {
    let bench = proposing();
    let last = bench.device.log.last();
    let leader = leader(&bench);
    assert!(leader.continues(last));
    let other = |id: CommandId| CommandId {
        ballot: id.ballot.above(Device(2)),
        ..id
    };
    assert!(!leader.continues(other(last)));
    let mut gap = leader.clone();
    gap.proposals.remove(1);
    assert!(!gap.continues(last));
    let mut tail = leader.clone();
    tail.tail = other(tail.tail);
    assert!(!tail.continues(last));
    let mut empty = leader.clone();
    empty.proposals.clear();
    assert!(!empty.continues(last));
    empty.tail = last;
    assert!(empty.continues(last));
}

#[test]
fn votes_for_something_else_do_not_count() {
    let mut bench = proposing();
    let ballot = bench.ballot();
    let next = leader(&bench).proposals[0].command.id;
    let beyond = CommandId {
        number: Number(u64::MAX),
        ..next
    };
    let other = CommandId {
        ballot: ballot.above(Device(1)),
        ..next
    };
    let issued = bench.device.log.last();
    for (ballot, id) in [
        (ballot, issued),
        (ballot, beyond),
        (ballot, other),
        (ballot.above(Device(0)), next),
    ] {
        assert_eq!(bench.says(1, &Message::Voted { ballot, id }), []);
    }
    let answers = bench.says(1, &Message::Voted { ballot, id: next });
    assert!(
        answers
            .iter()
            .any(|out| matches!(out, Output::Reply { .. }))
    );
    assert_eq!(bench.device.last_issued(), Number(2));
}

/// What others issue is taken by its leader only if it is what it proposes itself.
#[test]
fn only_what_it_proposes_is_issued_by_word_of_others() {
    let mut bench = proposing();
    let second = leader(&bench).proposals[1].command.id;
    let frontier = crate::protocol::executive::Frontier {
        number: second.number,
        id: second,
    };
    bench.says(1, &Message::Success { frontier });
    assert_eq!(bench.device.last_issued(), second.number);
    assert_eq!(leader(&bench).proposals.len(), 1);
    let third = leader(&bench).proposals[0].command.id;
    let id = CommandId {
        ballot: third.ballot.above(Device(1)),
        ..third
    };
    let frontier = crate::protocol::executive::Frontier {
        number: id.number,
        id,
    };
    let asked = bench.says(1, &Message::Success { frontier });
    assert!(matches!(bench.device.office, Office::Following));
    let first = third.number;
    let asked = messages(asked, |message| matches!(message, Message::CatchUp { .. }));
    assert_eq!(asked, [Message::CatchUp { first }]);
}

/// What was voted for is known already.
#[test]
fn what_is_issued_is_written_once() {
    let mut bench = proposing();
    let ballot = bench.ballot();
    let id = leader(&bench).proposals[0].command.id;
    let first = bench.device.log.last();
    let written = bench.writes(1, &Message::Voted { ballot, id });
    assert_eq!(written, [first, id].map(Record::Issued));
}

/// In full or with what follows: as the configuration says.
#[test]
fn success_is_told_as_was_agreed() {
    for announce in [Announce::Piggybacked, Announce::InFull] {
        let mut bench = proposing();
        bench.device.config.announce = announce;
        let ballot = bench.ballot();
        let command = Arc::clone(&leader(&bench).proposals[0].command);
        let id = command.id;
        let out = bench.says(1, &Message::Voted { ballot, id });
        let told = messages(out, |message| matches!(message, Message::Commands { .. }));
        let expected = match announce {
            Announce::Piggybacked => 0,
            Announce::InFull => 2,
        };
        assert_eq!(told.len(), expected);
    }
}
