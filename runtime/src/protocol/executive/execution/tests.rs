//! What is executed when, and what is refused, by one device that leads and whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{
    self, Bench, bytes, command, id, proposals, read, refused, reply, ticket, up_to,
};
use crate::protocol::executive::{Command, CommandId, Message};
use crate::protocol::{Device, Input, Number, Protocol};
use std::sync::Arc;
use std::time::Duration;

fn asks(bench: &mut Bench, id: RequestId, call: &str) -> Vec<Output> {
    let call = bytes(call);
    bench.step(Input::Request(Request {
        id,
        acknowledged: 0,
        call,
    }))
}

fn executed(bench: &mut Bench, asked: &[Output], delta: usize, reply: usize) -> Vec<Output> {
    let execution = Execution {
        delta: Bytes::from(vec![1; delta]),
        reply: Bytes::from(vec![2; reply]),
        verdict: Verdict::Completed,
    };
    let ticket = ticket(asked);
    bench.step(Input::Executed { ticket, execution })
}

/// Which requests' executions are in the commands that are proposed.
fn proposed(out: &[Output]) -> Vec<Vec<u64>> {
    let sequences = |command: Arc<Command>| {
        let entries = command.entries.iter();
        entries.map(|entry| entry.id.sequence).collect()
    };
    proposals(out).into_iter().map(sequences).collect()
}

/// Which requests are to be executed.
fn executes(out: &[Output]) -> Vec<u64> {
    let ids = bench::executes(out).into_iter();
    ids.map(|id| id.sequence).collect()
}

/// When the device wants to be called after this.
fn wake(bench: &mut Bench, input: Input<'_>) -> Time {
    let mut out = Vec::new();
    bench.device.step(input, bench.now, &mut out);
    let mut wakes = out.iter().filter_map(|output| match output {
        Output::Wake { at } => Some(*at),
        _ => None,
    });
    wakes.next_back().unwrap()
}

#[test]
fn what_is_too_large_is_refused() {
    let mut bench = Bench::leading();
    bench.device.config.command_bytes_max = 10;
    let why = Refusal::TooLarge;
    for id in [id(1), read(1)] {
        let out = asks(&mut bench, id, "eleven bytes"[..11].as_ref());
        assert_eq!(out, [refused(id, why)]);
    }
    let ten = "ten bytes!";
    let asked = asks(&mut bench, id(1), ten);
    let out = executed(&mut bench, &asked, 20, 21);
    assert_eq!(out, [Output::Undo, refused(id(1), why)]);
    let asked = asks(&mut bench, id(1), ten);
    let out = executed(&mut bench, &asked, 20, 20);
    assert_eq!(proposed(&out), [[1]]);
    let asked = asks(&mut bench, read(1), ten);
    let out = executed(&mut bench, &asked, 0, 41);
    assert_eq!(out, [refused(read(1), why)]);
    let asked = asks(&mut bench, read(2), ten);
    assert_eq!(executed(&mut bench, &asked, 0, 40), []);
}

#[test]
fn no_more_wait_than_may() {
    let mut bench = Bench::leading();
    bench.device.config.waiting_max = 2;
    let busy = Refusal::Busy;
    for sequence in 1..=3 {
        let out = bench.ask(id(sequence));
        assert_eq!(executes(&out), if sequence == 1 { vec![1] } else { vec![] });
    }
    assert_eq!(bench.device.status().waiting, 2);
    assert_eq!(bench.ask(id(4)), [refused(id(4), busy)]);
    // One that waits already may be asked again.
    assert_eq!(bench.ask(id(3)), []);
    assert_eq!(bench.device.status().waiting, 2);
}

#[test]
fn what_waits_for_what_may_never_come_makes_room() {
    let mut bench = Bench::leading();
    bench.device.config.waiting_max = 2;
    for sequence in [3, 4] {
        assert_eq!(bench.ask(id(sequence)), []);
    }
    let busy = |sequence| refused(id(sequence), Refusal::Busy);
    let out = bench.ask(id(1));
    assert_eq!(out[..2], [busy(3), busy(4)]);
    assert_eq!(executes(&out), [1]);
}

#[test]
fn reads_that_wait_are_counted_alike() {
    let mut bench = Bench::leading();
    bench.device.config.waiting_max = 2;
    for number in 1..=2 {
        bench.ask(read(number));
    }
    let busy = Refusal::Busy;
    assert_eq!(bench.ask(read(3)), [refused(read(3), busy)]);
}

/// Who asks again for what is under way waits for that; who comes too early waits for those before.
#[test]
fn each_request_is_executed_once_and_in_its_turn() {
    let mut bench = Bench::leading();
    let first = bench.ask(id(1));
    assert_eq!(bench.ask(id(1)), []);
    assert_eq!(bench.ask(id(3)), []);
    let out = bench.executed(&first, "change", Verdict::Completed);
    assert_eq!(proposed(&out), [[1]]);
    assert_eq!(executes(&out), [] as [u64; 0]);
    assert_eq!(bench.ask(id(1)), []);
    let asked = bench.ask(id(2));
    assert_eq!(executes(&asked), [2]);
    // What was executed before is not what is executed now.
    assert_eq!(bench.executed(&first, "change", Verdict::Completed), []);
    let out = bench.executed(&asked, "change", Verdict::Completed);
    assert_eq!(executes(&out), [3]);
}

/// What waits for no step is not told that one is issued.
#[test]
fn only_who_waits_for_a_step_goes_on_with_it() {
    let mut bench = Bench::leading();
    bench.ask(id(1));
    for sequence in 1..=2 {
        assert_eq!(bench.device.executor.step_is_issued(id(sequence)), None);
    }
}

/// Whoever does not lead answers what it knows and sends the others away.
#[test]
fn who_does_not_lead_executes_nothing() {
    let mut bench = Bench::new(3);
    let nobody = Refusal::NotLeader { hint: None };
    for sequence in [1, 2] {
        assert_eq!(bench.ask(id(sequence)), [refused(id(sequence), nobody)]);
    }
    assert_eq!(bench.device.status().waiting, 0);
    let mut command = Command::clone(&command(1));
    command.entries.push(Entry {
        id: id(1),
        acknowledged: 0,
        what: What::Done {
            reply: bytes("answer"),
            delta: bytes("change"),
        },
    });
    let (commands, frontier) = (vec![Arc::new(command)], up_to(1));
    bench.says(1, &Message::Commands { commands, frontier });
    assert_eq!(bench.ask(id(1)), [reply(id(1), "answer")]);
    assert_eq!(bench.ask(id(2)), [refused(id(2), nobody)]);
}

/// What is executed is broken off and taken back, with all that is not issued; clients are sent to others.
#[test]
fn a_deposed_leader_breaks_off_what_it_executes() {
    let mut bench = Bench::leading();
    bench.device.config.window = 1;
    let asked = bench.ask(id(1));
    bench.executed(&asked, "change", Verdict::Completed);
    bench.device.config.window = 2;
    let ticket = ticket(&bench.ask(id(2)));
    bench.ask(id(3));
    let ballot = bench.ballot().above(Device(2));
    let first = Number(1);
    let out = bench.says(2, &Message::NextBallot { ballot, first });
    assert!(out.contains(&Output::Cancel { ticket }));
    let undone = out.iter().filter(|output| **output == Output::Undo);
    assert_eq!(undone.count(), 2);
    let refused = out.iter().filter_map(|output| match output {
        Output::Refused { id, .. } => Some(id.sequence),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), [1, 2, 3]);
}

/// What is executed does not wait longer than it may for what is not.
#[test]
fn a_slow_execution_does_not_hold_up_those_before_it() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    for sequence in 2..=4 {
        bench.ask(id(sequence));
    }
    let asked = bench.executed(&asked, "change", Verdict::Completed);
    assert_eq!(executes(&asked), [2]);
    let delay = bench.device.config.batch_delay;
    let execution = Execution {
        delta: bytes("change"),
        reply: bytes("answer"),
        verdict: Verdict::Completed,
    };
    let ticket = ticket(&asked);
    let at = wake(&mut bench, Input::Executed { ticket, execution });
    assert_eq!(at, bench.now + delay);
    bench.now = bench.now + delay - Duration::from_nanos(1);
    assert_eq!(proposed(&bench.step(Input::Tick)), [] as [[u64; 1]; 0]);
    bench.now = bench.now + Duration::from_nanos(1);
    assert_eq!(proposed(&bench.step(Input::Tick)), [[2]]);
    assert_eq!(bench.step(Input::Tick), []);
}

/// A failed precondition has a moment in which others may make it hold.
#[test]
fn a_failed_precondition_is_final_after_a_moment() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    let failed = Verdict::PreconditionFailed;
    assert_eq!(bench.executed(&asked, "", failed), [Output::Undo]);
    let delay = bench.device.config.group_delay;
    assert_eq!(wake(&mut bench, Input::Tick), bench.now + delay);
    bench.now = bench.now + delay - Duration::from_nanos(1);
    assert_eq!(bench.step(Input::Tick), []);
    bench.now = bench.now + Duration::from_nanos(1);
    let asked = bench.step(Input::Tick);
    assert_eq!(executes(&asked), [1]);
    let out = bench.executed(&asked, "", failed);
    assert_eq!(proposed(&out), [[1]]);
}

/// What a read holds up goes on when that is executed, not before.
#[test]
fn a_read_that_is_executed_holds_up_what_would_be_due() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    bench.executed(&asked, "", Verdict::PreconditionFailed);
    let due = bench.now + bench.device.config.group_delay;
    let request = Request {
        id: read(1),
        acknowledged: 0,
        call: bytes("call"),
    };
    let at = wake(&mut bench, Input::Request(request));
    assert!(at > due);
}

/// A batch is closed when it has so many executions, or so many bytes.
#[test]
fn a_batch_has_an_end() {
    type Limit = fn(&mut Config);
    let limits: [(Limit, &[&[u64]]); 3] = [
        (|_| (), &[&[1], &[2, 3, 4, 5]]),
        (|config| config.batch_max = 2, &[&[1], &[2, 3], &[4, 5]]),
        // An execution counts 64 bytes besides "change" and "answer".
        (
            |config| config.command_bytes_max = 2 * (64 + 12),
            &[&[1], &[2, 3], &[4, 5]],
        ),
    ];
    for (limit, expected) in limits {
        let mut bench = Bench::leading();
        limit(&mut bench.device.config);
        let mut asked = bench.ask(id(1));
        for sequence in 2..=5 {
            bench.ask(id(sequence));
        }
        let mut commands = Vec::new();
        while !executes(&asked).is_empty() {
            asked = bench.executed(&asked, "change", Verdict::Completed);
            commands.extend(proposed(&asked));
        }
        assert_eq!(commands, expected);
    }
}

/// Beyond the window nothing is proposed, and executions wait.
#[test]
fn the_window_is_kept() {
    for by_bytes in [false, true] {
        let mut bench = Bench::leading();
        if by_bytes {
            // A command counts 64 bytes besides its execution.
            bench.device.config.window_bytes = 2 * (64 + 64 + 12);
        } else {
            bench.device.config.window = 2;
        }
        for sequence in 1..=2 {
            let asked = bench.ask(id(sequence));
            let out = bench.executed(&asked, "change", Verdict::Completed);
            assert_eq!(proposed(&out), [[sequence]]);
        }
        assert_eq!(bench.ask(id(3)), []);
        let first = Message::Voted {
            ballot: bench.ballot(),
            id: CommandId {
                ballot: bench.ballot(),
                number: Number(1),
            },
        };
        assert_eq!(executes(&bench.says(1, &first)), [3]);
    }
}

#[test]
#[should_panic(expected = "there is an execution to take back")]
fn nothing_is_taken_back_that_was_not_done() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    bench.device.executor.ahead = 0;
    bench.executed(&asked, "", Verdict::PreconditionFailed);
}
