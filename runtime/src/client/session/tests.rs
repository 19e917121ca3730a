//! Sessions against kernels that the test plays.

use super::*;
use crate::kernel::call::Call;
use crate::protocol::RequestId;

const SERVER: ServerId = ServerId(7);
const HERE: HostId = HostId(0);

fn at(ms: u64) -> Time {
    Time::ZERO + Duration::from_millis(ms)
}

/// A session that is connected to three hosts.
fn session() -> Session {
    let mut session = Session::new(1 << 64, Duration::from_secs(10), at(0));
    session.set_hosts(HERE, vec![HERE, HostId(1), HostId(2)]);
    (0..3).for_each(|host| session.connected(HostId(host), at(0), &mut Vec::new()));
    session
}

fn invoke(session: &mut Session, out: &mut Vec<Outgoing>) -> Ticket {
    invoke_as(session, Kind::Change, out)
}

fn invoke_as(session: &mut Session, kind: Kind, out: &mut Vec<Outgoing>) -> Ticket {
    session.invoke(SERVER, kind, Call::encode(&[], &[b"call"]), at(0), out)
}

fn name(seq: u64) -> RequestName {
    RequestName {
        server: SERVER,
        session: 1 << 64,
        seq,
    }
}

/// Where requests went, with their numbers and what they acknowledge.
fn sent(out: &mut Vec<Outgoing>) -> Vec<(u16, u64, u64)> {
    out.drain(..)
        .filter_map(|(to, message)| match message {
            ToKernel::Request {
                name, acknowledged, ..
            } => Some((to.0, name.seq, acknowledged)),
            _ => None,
        })
        .collect()
}

fn reply(seq: u64) -> ToClient {
    ToClient::Reply {
        name: name(seq),
        reply: vec![0, 42],
    }
}

fn redirect(seq: u64, leader: Option<u16>) -> ToClient {
    ToClient::Redirect {
        name: name(seq),
        leader: leader.map(HostId),
        hosts: vec![HERE, HostId(1), HostId(2)],
    }
}

#[test]
fn a_redirection_moves_all_requests_in_order() {
    let (mut session, mut out) = (session(), Vec::new());
    let tickets: Vec<Ticket> = (0..3).map(|_| invoke(&mut session, &mut out)).collect();
    assert_eq!(sent(&mut out), [(0, 1, 0), (0, 2, 0), (0, 3, 0)]);
    for seq in 1..=3 {
        session.handle(HERE, redirect(seq, Some(2)), at(1), &mut out);
    }
    assert_eq!(sent(&mut out), [(2, 1, 0), (2, 2, 0), (2, 3, 0)]);
    session.handle(HostId(2), reply(2), at(2), &mut out);
    session.handle(HostId(2), reply(1), at(2), &mut out);
    let arrival = |ticket| session.outcome(ticket).unwrap().unwrap().0;
    assert!(arrival(tickets[1]) < arrival(tickets[0]));
    assert!(session.outcome(tickets[2]).unwrap().is_none());
    invoke(&mut session, &mut out);
    assert_eq!(sent(&mut out), [(2, 4, 2)]);
}

#[test]
fn a_server_with_too_much_to_do_is_sent_less() {
    let (mut session, mut out) = (session(), Vec::new());
    for _ in 0..17 {
        invoke(&mut session, &mut out);
    }
    out.clear();
    for seq in 3..=17 {
        let refused = ToClient::Unknown { name: name(seq) };
        session.handle(HERE, refused, at(1), &mut out);
    }
    session.tick(at(10), &mut out);
    let numbers = |out: &mut Vec<Outgoing>| -> Vec<u64> {
        sent(out).into_iter().map(|(_, number, _)| number).collect()
    };
    assert_eq!(numbers(&mut out), (1..=8).collect::<Vec<u64>>());
    for seq in 1..=7 {
        session.handle(HERE, reply(seq), at(11), &mut out);
        assert_eq!(numbers(&mut out), [seq + 8]);
    }
    // A round was answered: there is room for one more.
    session.handle(HERE, reply(8), at(12), &mut out);
    assert_eq!(numbers(&mut out), [16, 17]);
}

#[test]
fn a_lost_connection_sends_everything_elsewhere() {
    let (mut session, mut out) = (session(), Vec::new());
    invoke(&mut session, &mut out);
    invoke(&mut session, &mut out);
    out.clear();
    session.disconnected(HERE, at(5));
    session.tick(at(10), &mut out);
    assert_eq!(sent(&mut out), [(1, 1, 0), (1, 2, 0)]);
}

#[test]
fn a_slow_server_is_asked_and_never_given_up() {
    let (mut session, mut out) = (session(), Vec::new());
    let ticket = invoke(&mut session, &mut out);
    out.clear();
    for step in 1..300 {
        let now = at(step * 100);
        session.tick(now, &mut out);
        if out
            .drain(..)
            .any(|(_, message)| matches!(message, ToKernel::Probe { .. }))
        {
            session.handle(HERE, ToClient::Working { name: name(1) }, now, &mut out);
        }
    }
    assert!(session.outcome(ticket).unwrap().is_none());
}

#[test]
fn a_server_without_a_leader_fails_after_the_configured_time() {
    let (mut session, mut out) = (session(), Vec::new());
    let ticket = invoke(&mut session, &mut out);
    let mut failed_at = None;
    for step in 1..200 {
        let now = at(step * 100);
        session.tick(now, &mut out);
        for (to, message) in std::mem::take(&mut out) {
            if matches!(message, ToKernel::Request { .. }) {
                session.handle(to, redirect(1, None), now, &mut Vec::new());
            }
        }
        if session.outcome(ticket).unwrap().is_some() {
            failed_at.get_or_insert(step * 100);
        }
    }
    assert_eq!(failed_at, Some(10_100));
    let outcome = session.outcome(ticket).unwrap().unwrap().1.clone();
    assert!(matches!(outcome, Err(CallError::ServerFailed(_))));
    // What was given up is acknowledged, so that the next request need not wait for it.
    invoke(&mut session, &mut out);
    session.tick(at(20_000), &mut out);
    assert!(
        sent(&mut out)
            .iter()
            .all(|(_, seq, ack)| (*seq, *ack) == (2, 1))
    );
}

#[test]
fn time_in_which_the_program_did_not_wait_is_not_the_servers_fault() {
    let (mut session, mut out) = (session(), Vec::new());
    let ticket = invoke(&mut session, &mut out);
    session.tick(at(60_000), &mut out);
    assert!(session.outcome(ticket).unwrap().is_none());
}

#[test]
fn a_forgotten_request_is_still_sent_and_its_reply_dropped() {
    let (mut session, mut out) = (session(), Vec::new());
    let ticket = invoke(&mut session, &mut out);
    session.forget(ticket);
    session.handle(HERE, reply(1), at(1), &mut out);
    assert_eq!(
        session.outcome(ticket).err(),
        Some(CallError::UnknownTicket)
    );
    assert_eq!(session.due(), None);
}

#[test]
fn calls_to_what_this_session_deleted_fail_at_once() {
    let (mut session, mut out) = (session(), Vec::new());
    let before = invoke(&mut session, &mut out);
    session.deleted(&[SERVER]);
    let after = invoke(&mut session, &mut Vec::new());
    for ticket in [before, after] {
        assert!(session.outcome(ticket).unwrap().unwrap().1.is_err());
    }
}

/// The number of a read.
fn read(number: u64) -> u64 {
    RequestId::READS + number
}

fn answered(session: &Session, tickets: &[Ticket]) -> Vec<bool> {
    tickets
        .iter()
        .map(|ticket| session.outcome(*ticket).unwrap().is_some())
        .collect()
}

#[test]
fn changes_wait_until_the_reads_before_them_are_answered() {
    let (mut session, mut out) = (session(), Vec::new());
    let kinds = [Kind::Read, Kind::Read, Kind::Change, Kind::Read];
    let tickets = kinds.map(|kind| invoke_as(&mut session, kind, &mut out));
    assert_eq!(sent(&mut out), [(0, read(1), 0), (0, read(2), 0)]);
    session.handle(HERE, reply(read(1)), at(1), &mut out);
    assert_eq!(sent(&mut out), []);
    session.handle(HERE, reply(read(2)), at(1), &mut out);
    // The read behind the change goes in sequence.
    assert_eq!(sent(&mut out), [(0, 1, 0), (0, 2, 0)]);
    session.handle(HERE, reply(1), at(1), &mut out);
    session.handle(HERE, reply(2), at(1), &mut out);
    assert_eq!(answered(&session, &tickets), [true; 4]);
    invoke_as(&mut session, Kind::Read, &mut out);
    assert_eq!(sent(&mut out), [(0, read(3), 2)]);
}

#[test]
fn a_read_behind_an_unanswered_change_goes_in_sequence() {
    let (mut session, mut out) = (session(), Vec::new());
    invoke(&mut session, &mut out);
    invoke_as(&mut session, Kind::Read, &mut out);
    assert_eq!(sent(&mut out), [(0, 1, 0), (0, 2, 0)]);
}

#[test]
fn late_answers_to_reads_that_were_sent_again_are_ignored() {
    let (mut session, mut out) = (session(), Vec::new());
    let tickets = [(); 2].map(|()| invoke_as(&mut session, Kind::Read, &mut out));
    session.handle(HERE, redirect(read(1), Some(2)), at(1), &mut out);
    let again = [
        (0, read(1), 0),
        (0, read(2), 0),
        (2, read(3), 0),
        (2, read(4), 0),
    ];
    assert_eq!(sent(&mut out), again);
    session.handle(HERE, reply(read(2)), at(2), &mut out);
    // An answer that overtakes that to the first is no better.
    session.handle(HostId(2), reply(read(4)), at(2), &mut out);
    assert_eq!(answered(&session, &tickets), [false, false]);
    session.handle(HostId(2), reply(read(3)), at(3), &mut out);
    session.handle(HostId(2), reply(read(4)), at(3), &mut out);
    assert_eq!(answered(&session, &tickets), [true, true]);
}

#[test]
fn what_cannot_be_answered_as_a_read_goes_in_sequence_where_it_was_made() {
    let (mut session, mut out) = (session(), Vec::new());
    let kinds = [Kind::Read, Kind::Read, Kind::Read, Kind::Change];
    let tickets = kinds.map(|kind| invoke_as(&mut session, kind, &mut out));
    out.clear();
    let refusal = ToClient::Refused {
        name: name(read(2)),
        why: Refusal::NeedsCommand,
    };
    session.handle(HERE, refusal, at(1), &mut out);
    session.handle(HERE, reply(read(3)), at(1), &mut out);
    assert_eq!(sent(&mut out), []);
    session.handle(HERE, reply(read(1)), at(1), &mut out);
    assert_eq!(answered(&session, &tickets), [true, false, false, false]);
    assert_eq!(sent(&mut out), [(0, 1, 0), (0, 2, 0), (0, 3, 0)]);
    for seq in 1..=3 {
        session.handle(HERE, reply(seq), at(2), &mut out);
    }
    assert_eq!(answered(&session, &tickets), [true; 4]);
}

#[test]
fn reads_of_a_server_without_a_leader_fail_with_what_waits_for_them() {
    let (mut session, mut out) = (session(), Vec::new());
    let kinds = [Kind::Read, Kind::Change];
    let tickets = kinds.map(|kind| invoke_as(&mut session, kind, &mut out));
    (1..200).for_each(|step| session.tick(at(step * 100), &mut out));
    assert_eq!(answered(&session, &tickets), [true, true]);
}
