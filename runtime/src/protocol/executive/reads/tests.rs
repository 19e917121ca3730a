//! When reads are answered, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{
    Bench, executes, id, messages, proposals, read, refused, reply, ticket,
};
use crate::protocol::{Input, Protocol, Step};
use crate::wire::Wire;
use std::time::Duration;

fn rounds(out: Vec<Output>) -> Vec<u64> {
    let confirms = messages(out, |message| matches!(message, Message::Confirm { .. }));
    confirms
        .into_iter()
        .filter_map(|message| match message {
            Message::Confirm { round, .. } => Some(round),
            _ => None,
        })
        .collect()
}

#[test]
fn a_read_is_taken_back_and_answered_when_a_quorum_confirms() {
    let mut bench = Bench::leading();
    let asked = bench.ask(read(1));
    assert!(asked.ends_with(&[Output::Undo]));
    let done = bench.executed(&asked, "", Verdict::Completed);
    assert_eq!(done, []);
    assert_eq!(rounds(asked), [1, 1]);
    assert_eq!(bench.confirmed(1, 1), [reply(read(1), "answer")]);
    assert_eq!(bench.confirmed(2, 1), []);
    assert_eq!(bench.device.last_issued(), Number(0));
}

#[test]
fn a_round_serves_the_reads_before_it_and_no_other() {
    let mut bench = Bench::leading();
    let first = bench.ask(read(1));
    bench.executed(&first, "", Verdict::Completed);
    let mut later = Vec::new();
    for number in 2..=3 {
        let asked = bench.ask(read(number));
        later.extend(bench.executed(&asked, "", Verdict::Completed));
        assert_eq!(rounds(asked), []);
    }
    assert_eq!(later, []);
    let confirmed = bench.confirmed(2, 1);
    assert!(confirmed.contains(&reply(read(1), "answer")));
    assert!(!confirmed.contains(&reply(read(2), "answer")));
    assert_eq!(rounds(confirmed), [2, 2]);
    // A late answer to the first question is none to the second.
    assert_eq!(bench.confirmed(1, 1), []);
    let answers = [2, 3].map(|number| reply(read(number), "answer"));
    assert_eq!(bench.confirmed(1, 2), answers);
    assert!(bench.step(Input::Tick).iter().all(|output| {
        let Output::Send { message, .. } = output else {
            return true;
        };
        message.first() == Some(&Message::HEARTBEAT)
    }));
}

#[test]
fn a_round_without_an_answer_is_asked_for_again() {
    let mut bench = Bench::leading();
    bench.ask(read(1));
    bench.now = bench.now + Duration::from_millis(50);
    let again = bench.step(Input::Tick);
    assert_eq!(rounds(again), [1, 1]);
}

#[test]
fn a_read_waits_for_the_commands_of_the_state_that_it_saw() {
    let mut bench = Bench::leading();
    let asked = bench.ask(id(1));
    let proposed = bench.executed(&asked, "change", Verdict::Completed);
    let asked = bench.ask(read(1));
    bench.executed(&asked, "", Verdict::Completed);
    assert_eq!(bench.confirmed(1, 1), []);
    let [command] = &proposals(&proposed)[..] else {
        panic!("one command");
    };
    let (ballot, id_) = (bench.ballot(), command.id);
    let issued = bench.says(1, &Message::Voted { ballot, id: id_ });
    let answers: Vec<_> = issued
        .into_iter()
        .filter(|output| matches!(output, Output::Reply { .. }))
        .collect();
    assert_eq!(answers, [reply(id(1), "answer"), reply(read(1), "answer")]);
}

#[test]
fn what_cannot_be_answered_without_a_command_is_refused() {
    let mut bench = Bench::leading();
    let asked = bench.ask(read(1));
    let changed = bench.executed(&asked, "change", Verdict::Completed);
    assert_eq!(changed, [refused(read(1), Refusal::NeedsCommand)]);
    let asked = bench.ask(read(2));
    let failed = bench.executed(&asked, "", Verdict::PreconditionFailed);
    assert_eq!(failed, [refused(read(2), Refusal::NeedsCommand)]);
    // A method that would call another server is told to stop.
    let asked = bench.ask(read(3));
    let ticket = ticket(&asked);
    let step = Step::default();
    let told = bench.step(Input::Journal { ticket, step });
    assert_eq!(told, [Output::Cancel { ticket }]);
    let stopped = bench.executed(&asked, "", Verdict::Raised);
    assert_eq!(stopped, [refused(read(3), Refusal::NeedsCommand)]);
    // What it raises by itself is an answer.
    let asked = bench.ask(read(4));
    bench.executed(&asked, "", Verdict::Raised);
    bench.confirmed(1, 1);
    assert_eq!(bench.confirmed(1, 2), [reply(read(4), "answer")]);
}

#[test]
fn who_does_not_lead_answers_no_read() {
    let mut bench = Bench::new(3);
    let nobody = Refusal::NotLeader { hint: None };
    assert_eq!(bench.ask(read(1)), [refused(read(1), nobody)]);
}

#[test]
fn a_deposed_leader_refuses_the_reads_that_wait() {
    let mut bench = Bench::leading();
    let asked = bench.ask(read(1));
    bench.executed(&asked, "", Verdict::Completed);
    let executing = bench.ask(read(2));
    bench.ask(read(3));
    let higher = bench.ballot().above(Device(2));
    let next = Message::NextBallot {
        ballot: higher,
        first: Number(1),
    };
    let out = bench.says(2, &next);
    let refusals = out.iter().filter_map(|output| match output {
        Output::Refused { id, .. } => Some(*id),
        _ => None,
    });
    assert_eq!(refusals.collect::<Vec<_>>(), [1, 2, 3].map(read));
    // Nothing was ahead of the issued list.
    assert!(!out.contains(&Output::Undo));
    assert_eq!(bench.confirmed(1, 1), []);
    assert_eq!(bench.executed(&executing, "", Verdict::Completed), []);
}

#[test]
fn who_promised_a_higher_ballot_does_not_confirm() {
    let mut bench = Bench::leading();
    let (own, round) = (bench.ballot(), 7);
    let higher = own.above(Device(2));
    let lower = Ballot {
        round: 0,
        device: Device(1),
    };
    let kinds = |out| messages(out, |message| !matches!(message, Message::Heartbeat(_)));
    let refusal = Message::MyNextBallot {
        ballot: own,
        alive: true,
    };
    let ballot = lower;
    let out = bench.says(1, &Message::Confirm { ballot, round });
    assert_eq!(kinds(out), [refusal]);
    let ballot = higher;
    bench.says(
        2,
        &Message::NextBallot {
            ballot,
            first: Number(1),
        },
    );
    let out = bench.says(2, &Message::Confirm { ballot, round });
    assert_eq!(kinds(out), [Message::Confirmed { ballot, round }]);
}

#[test]
fn a_group_of_one_device_asks_nobody() {
    let mut bench = Bench::new(1);
    bench.step(Input::Tick);
    let asked = bench.ask(read(1));
    let done = bench.executed(&asked, "", Verdict::Completed);
    assert_eq!(done, [reply(read(1), "answer")]);
}

#[test]
fn reads_and_changes_take_turns() {
    let mut bench = Bench::new(1);
    bench.device.config.batch_max = 2;
    bench.step(Input::Tick);
    let mut asked = bench.ask(read(1));
    for number in 2..=5 {
        bench.ask(read(number));
    }
    bench.ask(id(1));
    let mut order = Vec::new();
    while let [next] = executes(&asked)[..] {
        order.push(next);
        asked = bench.executed(&asked, "", Verdict::Completed);
    }
    let expected = [read(1), read(2), id(1), read(3), read(4), read(5)];
    assert_eq!(order, expected);
}

#[test]
fn questions_and_answers_survive_their_encoding() {
    let ballot = Ballot {
        round: 3,
        device: Device(2),
    };
    let round = 1 << 40;
    for message in [
        Message::Confirm { ballot, round },
        Message::Confirmed { ballot, round },
    ] {
        assert_eq!(Message::from_bytes(&message.to_bytes()), Ok(message));
    }
}

#[test]
fn all_reads_that_wait_are_counted() {
    let mut bench = Bench::leading();
    let asked = bench.ask(read(1));
    bench.executed(&asked, "", Verdict::Completed);
    for number in 2..=4 {
        bench.ask(read(number));
    }
    assert_eq!(bench.device.status().waiting, 4);
}

/// So many bytes of answers wait at most; then reads are not executed before some have left.
#[test]
fn answers_that_wait_take_no_more_than_they_may() {
    let mut bench = Bench::leading();
    bench.device.config.window_bytes = 2 * "answer".len();
    for number in 1..=2 {
        let asked = bench.ask(read(number));
        bench.executed(&asked, "", Verdict::Completed);
    }
    assert_eq!(bench.ask(read(3)), []);
    let out = bench.confirmed(1, 1);
    assert!(out.contains(&reply(read(1), "answer")));
    assert_eq!(executes(&out), [read(3)]);
}

#[test]
fn what_another_ballot_confirms_does_not_count() {
    let mut bench = Bench::leading();
    let asked = bench.ask(read(1));
    bench.executed(&asked, "", Verdict::Completed);
    let (ballot, round) = (bench.ballot().above(Device(0)), 1);
    assert_eq!(bench.says(1, &Message::Confirmed { ballot, round }), []);
    assert_eq!(bench.confirmed(1, 1), [reply(read(1), "answer")]);
}

/// Who has just asked does not ask again, nor who has no question.
#[test]
fn a_round_has_the_time_of_a_heartbeat() {
    let mut bench = Bench::leading();
    let asked_after = |bench: &mut Bench, millis| {
        bench.now = bench.now + Duration::from_millis(millis);
        rounds(bench.step(Input::Tick))
    };
    assert_eq!(asked_after(&mut bench, 50), []);
    assert_eq!(asked_after(&mut bench, 40), []);
    bench.ask(read(1));
    assert_eq!(asked_after(&mut bench, 10), []);
    assert_eq!(asked_after(&mut bench, 50), [1, 1]);
    bench.confirmed(1, 1);
    assert_eq!(asked_after(&mut bench, 50), []);
}
