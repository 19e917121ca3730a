//! What the journal keeps of methods that call other servers, and when their calls leave, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{Bench, bytes, executes, id, messages, proposals, ticket};
use crate::protocol::executive::{CommandId, Message};
use crate::protocol::{Execution, Input, Number, Protocol, Verdict};

fn step(session: u128, calls: &[(u64, u64)], draws: &str) -> Step {
    Step {
        session,
        calls: calls.to_vec(),
        draws: bytes(draws),
    }
}

/// The entry of a step of this request.
fn journals(sequence: u64, step: Step) -> Entry {
    Entry {
        id: id(sequence),
        acknowledged: 0,
        what: What::Journal {
            call: bytes("call"),
            step,
        },
    }
}

/// The entry of this request's end.
fn ends(sequence: u64) -> Entry {
    Entry {
        id: id(sequence),
        acknowledged: 0,
        what: What::Done {
            reply: bytes("answer"),
            delta: bytes("change"),
        },
    }
}

#[test]
fn while_a_request_is_open_nothing_else_is_entered() {
    let mut journal = Journal::default();
    assert!(journal.takes(&ends(1)));
    let opens = journals(1, step(7, &[(2, 1)], "first"));
    assert!(journal.takes_all(&[ends(3), opens.clone(), opens.clone(), ends(1), ends(2)]));
    assert!(!journal.takes_all(&[opens.clone(), ends(2), ends(1)]));
    journal.enter(&opens);
    assert_eq!(journal.open().map(|open| open.id), Some(id(1)));
    assert!(journal.takes(&ends(1)) && !journal.takes(&ends(2)));
    journal.enter(&ends(2));
    assert!(journal.open().is_some());
    journal.enter(&ends(1));
    assert!(journal.open().is_none());
}

#[test]
fn the_last_number_for_each_server_stays_and_the_draws_leave_with_the_request() {
    let mut journal = Journal::default();
    assert_eq!(journal.tell(id(1)), None);
    journal.enter(&journals(1, step(7, &[(2, 5), (3, 1)], "first")));
    journal.enter(&journals(1, step(7, &[(2, 4), (3, 2)], "second")));
    let told = journal.tell(id(1)).unwrap();
    assert_eq!(told.session, 7);
    assert_eq!(*told.last, BTreeMap::from([(2, 5), (3, 2)]));
    assert_eq!(told.draws, ["first", "second"].map(bytes));
    assert_eq!(journal.tell(id(2)).unwrap().draws, [] as [Bytes; 0]);
    let written = Journal::from_bytes(&journal.to_bytes());
    assert_eq!(written.as_ref(), Ok(&journal));
    journal.enter(&ends(1));
    let told = journal.tell(id(2)).unwrap();
    assert_eq!(*told.last, BTreeMap::from([(2, 5), (3, 2)]));
    assert_eq!(told.draws, [] as [Bytes; 0]);
    // A new session begins to count anew.
    journal.enter(&journals(2, step(8, &[(3, 1)], "")));
    let told = journal.tell(id(2)).unwrap();
    assert_eq!((told.session, (*told.last).clone()), (8, [(3, 1)].into()));
}

#[test]
fn what_is_counted_is_as_short_as_it_says() {
    assert_eq!(Journal::default().to_bytes().len(), Journal::BYTES_MIN);
}

/// The other votes for the command with this number.
fn voted(bench: &mut Bench, number: u64) -> Vec<Output> {
    let ballot = bench.ballot();
    let id = CommandId {
        ballot,
        number: Number(number),
    };
    bench.says(1, &Message::Voted { ballot, id })
}

fn goes_on(out: &[Output]) -> bool {
    out.iter()
        .any(|output| matches!(output, Output::Journaled { .. }))
}

#[test]
fn calls_leave_when_their_step_is_issued_with_what_was_executed_before() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    for sequence in 2..=3 {
        bench.ask(id(sequence));
    }
    let asked = bench.executed(&asked, "change", Verdict::Completed);
    let asked = bench.executed(&asked, "change", Verdict::Completed);
    let ticket = ticket(&asked);
    let journal = |draws| Input::Journal {
        ticket,
        step: step(7, &[(2, 1)], draws),
    };
    let out = bench.step(journal("first"));
    assert!(!goes_on(&out));
    let [command] = &proposals(&out)[..] else {
        panic!("one command");
    };
    let sequences: Vec<u64> = command
        .entries
        .iter()
        .map(|entry| entry.id.sequence)
        .collect();
    assert_eq!(sequences, [2, 3]);
    assert!(!goes_on(&voted(&mut bench, 1)));
    let out = voted(&mut bench, 2);
    assert!(out.contains(&Output::Journaled { ticket }));
    // The next step says no more what was called.
    let out = bench.step(journal("second"));
    let [command] = &proposals(&out)[..] else {
        panic!("one command");
    };
    let What::Journal { call, step } = &command.entries[0].what else {
        panic!("{command:?}");
    };
    assert_eq!((call, &step.draws), (&bytes(""), &bytes("second")));
    assert!(voted(&mut bench, 3).contains(&Output::Journaled { ticket }));
}

#[test]
fn a_step_of_what_is_executed_no_more_is_told_so() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    let ticket = ticket(&asked);
    bench.executed(&asked, "change", Verdict::Completed);
    let step = step(7, &[], "");
    let told = bench.step(Input::Journal { ticket, step });
    assert_eq!(told, [Output::Cancel { ticket }]);
}

/// Without room in the window a step waits, and with it the calls.
#[test]
fn a_step_waits_for_room() {
    let mut bench = Bench::leading();
    bench.device.config.window = 1;
    let first = bench.ask(id(1));
    bench.ask(id(2));
    let asked = bench.executed(&first, "change", Verdict::Completed);
    assert_eq!(executes(&asked), []);
    bench.device.config.window = 2;
    let asked = bench.ask(id(3));
    let ticket = ticket(&asked);
    bench.device.config.window = 1;
    let step = step(7, &[(2, 1)], "");
    let out = bench.step(Input::Journal { ticket, step });
    assert_eq!(messages(out, |_| true), []);
    let out = voted(&mut bench, 1);
    assert_eq!(proposals(&out).len(), 1);
}

/// Who leads after the leader of an open request executes that first, once its steps are issued, with what it had drawn.
#[test]
fn an_open_request_is_executed_before_all_others() {
    let mut bench = Bench::trying(3);
    let mut command = Command::clone(&crate::protocol::executive::bench::command(1));
    command.entries = vec![journals(1, step(7, &[(2, 1)], "first"))];
    let number = command.number();
    let precedent_ballot = command.id.ballot;
    let vote = crate::protocol::executive::Vote {
        ballot: precedent_ballot,
        command: Arc::new(command.clone()),
    };
    let ballot = bench.ballot();
    bench.says(
        1,
        &Message::BallotInfo {
            ballot,
            issued: Vec::new(),
            votes: vec![vote],
            frontier: crate::protocol::executive::bench::frontier(),
        },
    );
    assert_eq!(bench.ask(id(2)), []);
    assert_eq!(bench.ask(id(1)), []);
    let id_ = command.id;
    let out = bench.says(1, &Message::Voted { ballot, id: id_ });
    assert_eq!(bench.device.last_issued(), number);
    assert_eq!(executes(&out), [id(1)]);
    let told = out.iter().find_map(|output| match output {
        Output::Execute { journaled, .. } => journaled.clone(),
        _ => None,
    });
    let journaled = told.unwrap();
    assert_eq!(journaled.draws, [bytes("first")]);
    // It is not tried again if its precondition fails, nor refused if it is large: its calls have left.
    let ticket = ticket(&out);
    let execution = Execution {
        delta: Bytes::from(vec![0; bench.device.config.answer_bytes_max()]),
        reply: bytes("answer"),
        verdict: Verdict::PreconditionFailed,
    };
    let out = bench.step(Input::Executed { ticket, execution });
    assert_eq!(proposals(&out).len(), 1);
    // Then the others have their turn, and it is not among them.
    assert_eq!(bench.device.status().waiting, 1);
    let out = voted(&mut bench, 2);
    assert_eq!(executes(&out), [id(2)]);
}
