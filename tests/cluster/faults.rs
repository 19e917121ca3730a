//! Hosts end in the middle of work; nothing acknowledged is lost or done twice.

use crate::harness::{APPEND, AWAY_MAX, Cluster, all, append, away, ledger, until};
use std::time::Duration;

/// Kills the leader again and again, restarting it before the next one is killed.
#[test]
fn killing_the_leader_loses_and_doubles_nothing() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    let mut next = 0;
    let mut longest = Duration::ZERO;
    for _ in 0..4 {
        for _ in 0..20 {
            append(&mut client, server, next);
            next += 1;
        }
        let leader = cluster.leader(server);
        // In flight while the leader dies.
        let tickets: Vec<_> = (0..10)
            .map(|_| {
                let ticket = client.invoke(server, 1, &next.to_le_bytes()).unwrap();
                next += 1;
                ticket
            })
            .collect();
        cluster.kill(leader);
        let away = away(|| {
            for ticket in tickets {
                assert!(!client.reply(ticket).unwrap().raised);
                client.forget(ticket);
            }
        });
        longest = longest.max(away);
        cluster.restart(leader);
        cluster.converged(server, 3);
    }
    assert_eq!(all(&mut client, server), (0..next).collect::<Vec<_>>());
    eprintln!("the service was away for {longest:?} at most");
    assert!(longest < AWAY_MAX, "service was away for {longest:?}");
}

#[test]
fn each_host_in_turn_may_end() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    let mut next = 0;
    for host in 0..3 {
        cluster.kill(host);
        let away = away(|| append(&mut client, server, next));
        assert!(away < AWAY_MAX, "service was away for {away:?}");
        for _ in 0..10 {
            next += 1;
            append(&mut client, server, next);
        }
        next += 1;
        cluster.restart(host);
        cluster.converged(server, 3);
    }
    assert_eq!(all(&mut client, server), (0..next).collect::<Vec<_>>());
}

#[test]
fn all_hosts_killed_together_come_back_with_everything() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let mut spec = ledger(3);
    spec.name = Some("kept".to_owned());
    let server = client.create(&spec).unwrap()[0];
    for number in 0..50 {
        append(&mut client, server, number);
    }
    (0..3).for_each(|host| cluster.kill(host));
    (0..3).for_each(|host| cluster.restart(host));
    // The same session goes on, and a new one finds the server by its name.
    append(&mut client, server, 50);
    let mut other = cluster.client();
    assert_eq!(other.find(&["ledger"], "kept").unwrap(), Some((0, server)));
    assert_eq!(all(&mut other, server), (0..=50).collect::<Vec<_>>());
    cluster.converged(server, 3);
}

#[test]
fn a_minority_answers_nothing_and_a_quorum_goes_on() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    append(&mut client, server, 0);
    cluster.kill(1);
    cluster.kill(2);
    let ticket = client.invoke(server, 1, &1_u64.to_le_bytes()).unwrap();
    let wait = Some(Duration::from_millis(700));
    assert_eq!(client.wait_any(&[ticket], wait).unwrap(), None);
    cluster.restart(1);
    assert!(!client.reply(ticket).unwrap().raised);
    assert_eq!(all(&mut client, server), [0, 1]);
}

#[test]
fn a_volatile_server_ends_with_the_life_of_its_host() {
    let mut cluster = Cluster::start(1);
    let mut client = cluster.client();
    let mut spec = ledger(1);
    spec.durable = false;
    let server = client.create(&spec).unwrap()[0];
    append(&mut client, server, 0);
    cluster.kill(0);
    cluster.restart(0);
    let error = until("an answer", || {
        let ticket = client.invoke(server, 1, &1_u64.to_le_bytes()).unwrap();
        client.reply(ticket).err()
    });
    assert!(error.to_string().contains("lost its state"), "{error}");
}

/// Three replicas of a server that is kept in memory alone: each host that comes back has lost its part.
#[test]
fn a_host_that_forgot_a_volatile_server_votes_in_it_no_more() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let mut spec = ledger(3);
    spec.durable = false;
    let server = client.create(&spec).unwrap()[0];
    append(&mut client, server, 0);
    cluster.kill(0);
    cluster.restart(0);
    append(&mut client, server, 1);
    until("two replicas", || {
        let view = cluster.view(server)?;
        (view.replicas.len() == 2).then_some(())
    });
    cluster.kill(1);
    cluster.restart(1);
    // One of three remembers: with the help of those that forgot, it could go on from nothing.
    let ticket = client.invoke(server, APPEND, &2_u64.to_le_bytes()).unwrap();
    let wait = Some(Duration::from_secs(2));
    assert_eq!(client.wait_any(&[ticket], wait).unwrap(), None);
    // The hosts themselves are whole.
    client.create(&ledger(3)).unwrap();
}
