//! How a snapshot comes in pieces, by one device whose others the test plays.

use super::*;
use crate::protocol::Input;
use crate::protocol::executive::bench::{Bench, bytes, command, id, messages, reply, up_to};
use crate::protocol::executive::{Entry, What};
use std::time::Duration;

fn shared(number: u64) -> Shared {
    Shared {
        last: CommandId {
            ballot: Ballot::ZERO.above(Device(1)),
            number: Number(number),
        },
        time: Time::from_nanos(7),
        sessions: Sessions::default(),
        journal: Journal::default(),
        state: bytes("the state"),
    }
}

/// A piece of the snapshot up to this number, which has other bytes than those of other numbers.
fn piece(number: u64, from: usize, to: usize) -> Message {
    let all = shared(number).to_bytes();
    Message::Snapshot {
        number: Number(number),
        offset: from as u64,
        total: all.len() as u64,
        piece: Bytes::from(&all[from..to.min(all.len())]),
    }
}

/// What is asked for: number and offset of each piece.
fn asked(out: Vec<Output>) -> Vec<(u64, u64)> {
    let asked = messages(out, |message| {
        matches!(message, Message::MoreSnapshot { .. })
    });
    asked
        .into_iter()
        .filter_map(|message| match message {
            Message::MoreSnapshot { number, offset } => Some((number.0, offset)),
            _ => None,
        })
        .collect()
}

fn installs(out: &[Output]) -> bool {
    out.iter()
        .any(|output| matches!(output, Output::Install { .. }))
}

/// A device that has the first ten bytes of the snapshot up to number 5 from device 1.
fn receiving() -> Bench {
    let mut bench = Bench::new(3);
    assert_eq!(asked(bench.says(1, &piece(5, 0, 10))), [(5, 10)]);
    bench
}

#[test]
fn pieces_are_put_together_in_their_order() {
    let mut bench = receiving();
    assert_eq!(asked(bench.says(1, &piece(5, 10, 20))), [(5, 20)]);
    let out = bench.says(1, &piece(5, 20, usize::MAX));
    let installed = Output::Install {
        number: Number(5),
        state: bytes("the state"),
    };
    assert!(out.contains(&installed), "{out:?}");
    assert_eq!(bench.device.last_issued(), Number(5));
    // All of it again changes nothing.
    assert_eq!(bench.says(1, &piece(5, 0, usize::MAX)), []);
}

/// What comes twice, from elsewhere, or belongs to another snapshot is left alone, and the transfer goes on.
#[test]
fn a_piece_that_does_not_follow_is_left_alone() {
    let total = shared(5).to_bytes().len() as u64;
    let longer = Message::Snapshot {
        number: Number(5),
        offset: 10,
        total: total + 1,
        piece: bytes("piece"),
    };
    let strangers = [
        (1, piece(5, 0, 10)),
        (1, piece(5, 5, 15)),
        (1, piece(5, 11, 20)),
        (1, piece(6, 10, 20)),
        (1, longer),
        (2, piece(5, 10, 20)),
        (2, piece(5, 0, 20)),
        (2, piece(4, 0, 20)),
    ];
    for (from, stranger) in strangers {
        let mut bench = receiving();
        assert_eq!(bench.says(from, &stranger), [], "{stranger:?}");
        assert_eq!(asked(bench.says(1, &piece(5, 10, 20))), [(5, 20)]);
        assert!(installs(&bench.says(1, &piece(5, 20, usize::MAX))));
    }
}

/// A later snapshot, or the next one of who sends, takes the place of the one in transfer.
#[test]
fn another_snapshot_begins_anew() {
    for (from, number) in [(1, 6), (2, 6), (1, 4)] {
        let mut bench = receiving();
        assert_eq!(
            asked(bench.says(from, &piece(number, 0, 12))),
            [(number, 12)]
        );
        assert!(installs(&bench.says(from, &piece(number, 12, usize::MAX))));
        assert_eq!(bench.device.last_issued(), Number(number));
    }
}

#[test]
fn a_transfer_of_what_is_known_or_too_large_ends() {
    let too_large = Message::Snapshot {
        number: Number(6),
        offset: 0,
        total: SNAPSHOT_BYTES_MAX + 1,
        piece: bytes("piece"),
    };
    for end in [piece(0, 0, 10), too_large] {
        let mut bench = receiving();
        assert_eq!(bench.says(1, &end), []);
        assert!(bench.device.snapshots.incoming.is_none());
    }
    let largest = Message::Snapshot {
        number: Number(6),
        offset: 0,
        total: SNAPSHOT_BYTES_MAX,
        piece: bytes("piece"),
    };
    let mut bench = Bench::new(3);
    assert_eq!(asked(bench.says(1, &largest)), [(6, 5)]);
}

/// Who has just asked for the next piece does not ask again; who has a snapshot asks at once for what follows.
#[test]
fn what_follows_a_snapshot_is_asked_for_when_that_is_there() {
    let mut bench = receiving();
    let frontier = up_to(9);
    assert_eq!(bench.says(2, &Message::Success { frontier }), []);
    assert!(installs(&bench.says(1, &piece(5, 10, usize::MAX))));
    let out = bench.says(2, &Message::Success { frontier });
    let first = Number(6);
    assert_eq!(messages(out, |_| true), [Message::CatchUp { first }]);
}

/// An end that comes too soon, or bytes that are none of a snapshot, install nothing.
#[test]
fn a_snapshot_that_cannot_be_read_is_dropped() {
    let mut bench = receiving();
    assert_eq!(bench.says(1, &piece(5, 10, 10)), []);
    assert!(bench.device.snapshots.incoming.is_none());
    assert_eq!(bench.device.garbage, 1);
    let out = bench.says(1, &piece(5, 0, usize::MAX));
    assert!(installs(&out));
}

#[test]
fn a_transfer_without_answers_is_begun_anew_elsewhere() {
    let mut bench = receiving();
    let frontier = up_to(9);
    let mut questions = 0;
    loop {
        bench.now = bench.now + Duration::from_millis(50);
        let out = bench.says(2, &Message::Success { frontier });
        let catch_up = messages(out.clone(), |message| {
            matches!(message, Message::CatchUp { .. })
        });
        if catch_up.is_empty() {
            assert_eq!(asked(out), [(5, 10)]);
            questions += 1;
            continue;
        }
        let first = Number(1);
        assert_eq!(catch_up, [Message::CatchUp { first }]);
        break;
    }
    // The question that came with the first piece was one.
    assert_eq!(questions, QUESTIONS_MAX - 1);
}

#[test]
fn a_snapshot_is_told_from_where_it_is_asked_for() {
    let mut bench = Bench::new(3);
    bench.device.config.piece_bytes = 10;
    let all = shared(5).to_bytes();
    let total = all.len();
    let saved = Bytes::from([&all[..], b"what is no part of it"].concat());
    bench.device.snapshots.recovered(Number(5), saved, total);
    let mut told = |number, offset| {
        let number = Number(number);
        let out = bench.says(1, &Message::MoreSnapshot { number, offset });
        messages(out, |_| true)
    };
    let last = total / 10 * 10;
    for (number, offset, begin, end) in [
        (5, 0, 0, 10),
        (5, 10, 10, 20),
        (5, last as u64, last, total),
        (5, total as u64, total, total),
        (5, u64::MAX, total, total),
        (4, 10, 0, 10),
    ] {
        assert_eq!(told(number, offset), [piece(5, begin, end)]);
    }
}

#[test]
fn what_is_counted_is_as_short_as_it_says() {
    let shared = Shared {
        last: CommandId::NULL,
        state: Bytes::default(),
        ..shared(0)
    };
    assert_eq!(shared.to_bytes().len(), Shared::BYTES_MIN);
    let saved = Saved {
        shared,
        last_tried: Ballot::ZERO,
        next_ballot: Ballot::ZERO,
        votes: Vec::new(),
        issued: Vec::new(),
    };
    assert_eq!(saved.to_bytes().len(), Saved::BYTES_MIN);
}

/// The numbers of the snapshots that are to be taken, and of those that are to be saved.
fn snapshots(out: &[Output]) -> (Vec<u64>, Vec<u64>) {
    let (mut taken, mut saved) = (Vec::new(), Vec::new());
    for output in out {
        match output {
            Output::TakeSnapshot { number } => taken.push(number.0),
            Output::SaveSnapshot { number, .. } => saved.push(number.0),
            _ => {}
        }
    }
    (taken, saved)
}

/// A snapshot is due when as much was issued as was agreed and as the last one has, one at a time.
#[test]
fn a_snapshot_is_taken_when_enough_was_issued() {
    let mut bench = Bench::new(3);
    bench.device.config.log_keep = 0;
    bench.device.config.snapshot_bytes = 2 * command(1).size();
    let issued = |bench: &mut Bench, number| {
        let (commands, frontier) = (vec![command(number)], up_to(number));
        snapshots(&bench.says(1, &Message::Commands { commands, frontier }))
    };
    let taken = |bench: &mut Bench, number, bytes| {
        let (number, state) = (Number(number), Bytes::from(vec![0; bytes]));
        snapshots(&bench.step(Input::SnapshotTaken { number, state }))
    };
    assert_eq!(issued(&mut bench, 1), (vec![], vec![]));
    assert_eq!(issued(&mut bench, 2), (vec![2], vec![]));
    // Another one is not begun before that is taken, nor is any other one taken for it.
    assert_eq!(issued(&mut bench, 3), (vec![], vec![]));
    assert_eq!(issued(&mut bench, 4), (vec![], vec![]));
    assert_eq!(taken(&mut bench, 3, 0), (vec![], vec![]));
    assert_eq!(taken(&mut bench, 2, 200), (vec![], vec![2]));
    assert_eq!(bench.device.log.base(), Number(2));
    // It has more than 200 bytes, as four commands have.
    assert_eq!(issued(&mut bench, 5), (vec![], vec![]));
    assert_eq!(issued(&mut bench, 6), (vec![6], vec![]));
    assert_eq!(taken(&mut bench, 6, 0), (vec![], vec![6]));
    assert_eq!(taken(&mut bench, 6, 0), (vec![], vec![]));
}

/// What was answered before a snapshot is answered by whoever has it, and nothing is executed twice.
#[test]
fn answers_come_with_a_snapshot() {
    let mut shared = shared(5);
    let entry = Entry {
        id: id(1),
        acknowledged: 0,
        what: What::Done {
            reply: bytes("answer"),
            delta: bytes("change"),
        },
    };
    let limits = Bench::new(1).device.config.sessions;
    shared.sessions.enter(Number(5), &entry, limits);
    let all = Bytes::from(shared.to_bytes());
    let whole = Message::Snapshot {
        number: Number(5),
        offset: 0,
        total: all.len() as u64,
        piece: all,
    };
    let mut bench = Bench::new(3);
    assert!(installs(&bench.says(1, &whole)));
    assert_eq!(bench.ask(id(1)), [reply(id(1), "answer")]);
}
