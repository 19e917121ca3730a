//! Methods that only read are answered without a command, and never with anything old.

use crate::harness::{APPEND, AWAY_MAX, COUNT, Cluster, all, append, away, call, ledger, until};
use cmsl_runtime::client::Client;
use cmsl_runtime::kernel::call::read_only;
use cmsl_runtime::wire::Wire;
use rustix::process::Signal;

const APPEND_UNNOTICED: u32 = read_only(10);

#[test]
fn reading_gives_no_command_with_one_replica_or_three() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    for replicas in [1, 3] {
        let server = client.create(&ledger(replicas)).unwrap()[0];
        append(&mut client, server, 7);
        let replicas = usize::try_from(replicas).unwrap();
        let issued = cluster.converged(server, replicas);
        for _ in 0..50 {
            assert_eq!(all(&mut client, server), [7]);
        }
        let tickets = [(); 50].map(|()| client.invoke(server, COUNT, &[]).unwrap());
        for ticket in tickets {
            assert_eq!(client.reply(ticket).unwrap().body[..], 1_u64.to_bytes());
        }
        assert_eq!(cluster.converged(server, replicas), issued);
    }
}

#[test]
fn what_a_session_reads_and_changes_keeps_its_order() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    for number in 0..20 {
        assert_eq!(all(&mut client, server), (0..number).collect::<Vec<_>>());
        append(&mut client, server, number);
    }
    // However many are in flight, and whichever came first.
    for pattern in [[APPEND, COUNT, COUNT], [COUNT, COUNT, APPEND]] {
        let mut expected = u64::from_bytes(&call(&mut client, server, COUNT, &[]).unwrap().body);
        let mut tickets = Vec::new();
        for method in pattern.repeat(10) {
            if method == APPEND {
                expected = expected.map(|count| count + 1);
            }
            let ticket = client.invoke(server, method, &1_u64.to_le_bytes()).unwrap();
            tickets.push((ticket, expected.unwrap()));
        }
        for (ticket, expected) in tickets {
            assert_eq!(client.reply(ticket).unwrap().body[..], expected.to_bytes());
        }
    }
}

#[test]
fn a_change_that_claims_to_read_is_made_once_and_as_a_command() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    let issued = cluster.converged(server, 3);
    for count in 1..=5_u64 {
        let reply = call(&mut client, server, APPEND_UNNOTICED, &count.to_le_bytes());
        assert_eq!(reply.unwrap().body[..], count.to_bytes());
    }
    assert_eq!(all(&mut client, server), [1, 2, 3, 4, 5]);
    assert_eq!(cluster.converged(server, 3), issued + 5);
}

#[test]
fn reads_go_on_when_the_leader_is_killed() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    for round in 0..3 {
        append(&mut client, server, round);
        let leader = cluster.leader(server);
        let tickets = [(); 10].map(|()| client.invoke(server, COUNT, &[]).unwrap());
        cluster.kill(leader);
        let away = away(|| {
            for ticket in tickets {
                let reply = client.reply(ticket).unwrap();
                assert_eq!(reply.body[..], (round + 1).to_bytes());
            }
        });
        assert!(away < AWAY_MAX, "no answer for {away:?}");
        cluster.restart(leader);
        cluster.converged(server, 3);
    }
}

/// The leader stands still while others lead and go on; when it moves again, reads of a client that still takes it for the leader are there
/// together with the news.
#[test]
fn a_leader_that_stood_still_shows_nothing_old() {
    let cluster = Cluster::start(3);
    let server = cluster.client().create(&ledger(3)).unwrap()[0];
    let mut next = 0;
    for _ in 0..5 {
        cluster.converged(server, 3);
        let leader = cluster.leader(server);
        let mut reader = Client::connect(&cluster.addresses[leader..=leader]).unwrap();
        let mut writer = cluster.client_beside(leader);
        append(&mut writer, server, next);
        next += 1;
        assert_eq!(all(&mut reader, server), (0..next).collect::<Vec<_>>());
        cluster.signal(leader, Signal::STOP);
        for _ in 0..5 {
            append(&mut writer, server, next);
            next += 1;
        }
        // They wait at the door of the leader of old.
        let tickets = [(); 20].map(|()| reader.invoke(server, COUNT, &[]).unwrap());
        cluster.signal(leader, Signal::CONT);
        for ticket in tickets {
            let reply = reader.reply(ticket).unwrap();
            assert_eq!(u64::from_bytes(&reply.body), Ok(next));
        }
        until("a leader", || cluster.view(server)?.leader);
    }
}
